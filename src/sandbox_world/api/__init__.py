"""The signed calls under /v1, one file per kind of partner."""
