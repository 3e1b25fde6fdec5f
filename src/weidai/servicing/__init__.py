"""Servicing decides what a payment does to a loan and what lateness means (SPEC R7)."""
