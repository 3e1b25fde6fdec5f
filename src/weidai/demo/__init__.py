"""The demo lender: a year of borrowers' lives lived through the real services on the business clock.

It decides who the demo borrowers are and what they do on which day; it never writes a row of another room.
"""
