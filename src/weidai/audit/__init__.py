"""The append-only event log: decides what is evidence, and is the only writer of events, seals and proofs."""
