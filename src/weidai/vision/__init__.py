"""What stands on a picture of a paper: fields with confidence, place and cross-checks, read on this machine (R1.4, R4.1).

It says what it read and how sure it is; whether that is true is for the customer to confirm and the registry to decide.
"""
