"""`weidai …`: everything a person runs, with progress for people and `--json` for machines."""
