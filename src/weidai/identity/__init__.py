"""Who the customer is, how surely we know it, and what they agreed to: items, consents, bank cards, duplicates (R1).

One person has one account; personal data is sealed, and found again only through keyed digests.
"""
