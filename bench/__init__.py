"""Benchmarks: programs that measure what the specification promises (R10), each printing what it measured on."""
