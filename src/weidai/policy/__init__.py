"""Policy packs: which numbers of the lender held on which day, read strictly and held against dated law."""
