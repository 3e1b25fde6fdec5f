"""What can be borrowed, by whom, at what price; invitations (R3)."""
