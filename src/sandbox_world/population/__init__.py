"""People who do not exist: every fact about them is a pure function of (seed, index, date)."""
