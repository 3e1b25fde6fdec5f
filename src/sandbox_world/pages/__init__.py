"""Pages for the person who plays: look at people, pay as a borrower, switch faults. Loopback only."""
