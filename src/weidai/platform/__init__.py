"""The ground every room stands on: settings, database, clock, books, idempotency, outbox, jobs, encryption.

It knows no business rule; a room never reads the wall clock, a key or an environment variable except through it.
"""
