"""Addresses for machines: partners' callbacks, and the JSON API of the mini-program (R9.2)."""
