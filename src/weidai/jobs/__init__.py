"""Jobs decides when work that the clock drives is done, across rooms: end of day and debit windows (SPEC R7.10)."""
