"""The sandbox world, tested from outside: over HTTP, with signed requests, as weidai meets it."""
