"""Four eyes on money: one person proposes, another approves or rejects; only then anything is booked (R7.1, R8.6)."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from weidai.audit.services import event_record
from weidai.lending import selectors_console as lending_lists
from weidai.lending import services as lending
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.servicing.errors import (
    AdjustmentNotFound,
    AdjustmentSamePerson,
    AlreadyProposed,
    PayoutNotReinstatable,
    SuspenseNotFound,
)
from weidai.servicing.models import Adjustment, SuspenseItem
from weidai.servicing.services.suspense import suspense_assign

_State = Adjustment.State


@transaction.atomic
def suspense_propose(
    item_id: UUID, *, customer_id: UUID, loan_id: UUID | None = None, staff_id: str, reason: str,
) -> UUID:
    """Propose whose money a suspense item is; nothing is booked. Raises SuspenseNotFound, AlreadyProposed."""
    item = SuspenseItem.objects.filter(id=item_id, state=SuspenseItem.State.WAITING).first()
    if item is None:
        raise SuspenseNotFound
    return _propose(Adjustment(
        id=uuid7(), kind=Adjustment.Kind.SUSPENSE, subject_id=item_id, owner_id=customer_id, loan_id=loan_id,
        amount_fen=item.amount_fen, reason=reason, proposed_by=staff_id, proposed_at=clock.now()))


@transaction.atomic
def payout_propose(discrepancy_id: UUID, *, staff_id: str, reason: str) -> UUID:
    """Propose to book a payout we took for failed and the bank now says it made. Raises PayoutNotReinstatable."""
    row = lending_lists.discrepancy_get(discrepancy_id)
    if (row.booked_state, row.claimed_state) != ("failed", "succeeded"):
        raise PayoutNotReinstatable
    return _propose(Adjustment(
        id=uuid7(), kind=Adjustment.Kind.PAYOUT, subject_id=discrepancy_id, owner_id=row.customer_id,
        loan_id=row.loan_id, amount_fen=row.amount_fen, reason=reason, proposed_by=staff_id, proposed_at=clock.now()))


def _propose(row: Adjustment) -> UUID:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "adjustment_one_open" in str(error):
            raise AlreadyProposed from error
        raise
    event_record("servicing.adjustment.proposed", customer_id=row.owner_id, subject_type="servicing.adjustment",
                 subject_id=row.id, facts={"kind": row.kind, "about": str(row.subject_id), "amount_fen": row.amount_fen,
                                           "staff_id": row.proposed_by, "reason": row.reason})
    return row.id


def adjustment_approve(adjustment_id: UUID, *, staff_id: str, note: str = "") -> None:
    """Approve what somebody else proposed, and book it. Raises AdjustmentNotFound, AdjustmentSamePerson.

    A payout is booked first, after the bank's own query says that it was made; that is done once however often it is
    approved, so that a crash before the approval is written loses nothing.
    """
    row = Adjustment.objects.filter(id=adjustment_id, state=_State.PROPOSED).first()
    if row is None:
        raise AdjustmentNotFound
    if row.proposed_by == staff_id:
        raise AdjustmentSamePerson
    if row.kind == Adjustment.Kind.PAYOUT:
        lending.payout_reinstate(row.owner_id, discrepancy_id=row.subject_id, resolution=note or row.reason)
    with transaction.atomic():
        row = _open_locked(adjustment_id)
        if row.kind == Adjustment.Kind.SUSPENSE:
            suspense_assign(row.subject_id, customer_id=row.owner_id, loan_id=row.loan_id)
        _decide(row, _State.APPROVED, staff_id=staff_id, note=note)
        event_record("servicing.adjustment.approved", customer_id=row.owner_id, subject_type="servicing.adjustment",
                     subject_id=row.id, facts={"kind": row.kind, "about": str(row.subject_id),
                                               "amount_fen": row.amount_fen, "staff_id": staff_id, "note": note})


@transaction.atomic
def adjustment_reject(adjustment_id: UUID, *, staff_id: str, note: str) -> None:
    """Reject a proposal, or take back one's own; the money waits as before. Raises AdjustmentNotFound."""
    row = _open_locked(adjustment_id)
    _decide(row, _State.REJECTED, staff_id=staff_id, note=note)
    event_record("servicing.adjustment.rejected", customer_id=row.owner_id, subject_type="servicing.adjustment",
                 subject_id=row.id, facts={"kind": row.kind, "about": str(row.subject_id), "amount_fen": row.amount_fen,
                                           "staff_id": staff_id, "note": note})


def _open_locked(adjustment_id: UUID) -> Adjustment:
    row = Adjustment.objects.select_for_update().filter(id=adjustment_id, state=_State.PROPOSED).first()
    if row is None:
        raise AdjustmentNotFound
    return row


def _decide(row: Adjustment, state: str, *, staff_id: str, note: str) -> None:
    Adjustment.objects.filter(pk=row.pk).update(state=state, decided_by=staff_id, decided_at=clock.now(), note=note)
