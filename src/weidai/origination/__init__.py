"""From application to decision: documents, three stages, working time, appeals (SPEC R4)."""
