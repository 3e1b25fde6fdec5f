"""From lines of recognised text to the fields of a paper. Pure."""
