"""A contradiction of the bank about money already booked is closed by a person who looked into it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.platform import clock
from weidai.servicing.errors import DebitNotFound
from weidai.servicing.models import MoneyDiscrepancy


@transaction.atomic
def money_discrepancy_resolve(customer_id: UUID, *, discrepancy_id: UUID, resolution: str) -> None:
    """Close a discrepancy about a debit or refund with the words of who looked into it; raises DebitNotFound."""
    row = MoneyDiscrepancy.objects.select_for_update().filter(
        customer_id=customer_id, id=discrepancy_id, resolved_at=None).first()
    if row is None:
        raise DebitNotFound
    MoneyDiscrepancy.objects.filter(pk=row.pk).update(resolved_at=clock.now(), resolution=resolution)
    event_record("servicing.money.discrepancy_resolved", customer_id=customer_id,
                 subject_type=f"servicing.{row.subject_type}", subject_id=row.subject_id,
                 facts={"booked": row.booked_state, "claimed": row.claimed_state})
