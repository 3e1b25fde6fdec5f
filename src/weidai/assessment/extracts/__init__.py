"""Monthly extracts: what they look like, which rows are used, which are set aside and why, and where they are kept (R2.5)."""
