"""Borrower pages at /h5/. They talk; the rooms decide."""
