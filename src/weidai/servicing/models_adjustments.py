"""What one person of the staff proposes to do with money and another has to approve (R7.1, R8.6)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from weidai.platform.ids import uuid7


class Adjustment(models.Model):
    """A proposal about money that waits for a second person, or what became of it. At most one open for one subject."""

    INSTITUTION_TABLE = "proposals of staff; whose money it is stands in the proposal until it is approved"

    class Kind(models.TextChoices):
        SUSPENSE = "suspense"  # give money without a name to a customer
        PAYOUT = "payout"  # book a payout that was taken for failed and that the bank made after all

    class State(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    subject_id = models.UUIDField(help_text="the suspense item, or the payout discrepancy")
    owner_id = models.UUIDField(help_text="the customer it is for")
    loan_id = models.UUIDField(null=True)
    amount_fen = models.BigIntegerField()
    reason = models.TextField()
    state = models.TextField(choices=State.choices, default=State.PROPOSED)
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id"], condition=Q(state="proposed"),
                                    name="adjustment_one_open"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="adjustment_amount_positive"),
            models.CheckConstraint(condition=~Q(state="approved") | ~Q(decided_by=F("proposed_by")),
                                   name="adjustment_two_persons"),
            models.CheckConstraint(condition=Q(state="proposed") | Q(decided_at__isnull=False),
                                   name="adjustment_decided_has_instant"),
        ]
