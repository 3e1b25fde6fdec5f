"""The people of the lender: who they are, which roles they hold, and what each role may do (R8.6)."""
