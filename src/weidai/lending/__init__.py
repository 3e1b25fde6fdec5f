"""Lending decides what a loan is: its terms, schedule, cost sheet, contract and disbursement (SPEC R6)."""
