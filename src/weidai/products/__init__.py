"""What can be borrowed and by whom: catalogue, eligibility, comparison, invitations (SPEC R3)."""
