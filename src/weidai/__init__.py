"""weidai (微贷): a platform on which a licensed lender runs digital micro-loans from end to end."""
