"""Fraud: facts in, allow / challenge / block out, with reasons; knows no loan (R8.2)."""
