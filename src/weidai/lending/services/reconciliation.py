"""Payouts as reconciliation needs them: which request is whose, and what the bank's file decides (R6.3, R7.11)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from weidai.kernel.bank import BankAnswer, BankState
from weidai.lending.models import Disbursement
from weidai.lending.ports import disbursement_bank
from weidai.lending.services.confirmation import PAYOUT_KIND
from weidai.lending.services.payouts import payout_post, payout_void

__all__ = ["PAYOUT_KIND", "PayoutRequest", "payout_decide", "payout_query", "payouts_of_loans", "payouts_pending",
           "payouts_requested"]


class PayoutRequest(NamedTuple):
    """One payment to a borrower as we asked for it; fen."""

    request_id: str
    customer_id: UUID
    loan_id: UUID
    amount_fen: int
    state: str
    booked_at: datetime | None


_FIELDS = ("request_id", "customer_id", "loan_id", "amount_fen", "state", "booked_at")


def payouts_of_loans(loan_ids: Collection[UUID]) -> list[PayoutRequest]:
    """Return the payouts of these loans; one statement."""
    rows = Disbursement.objects.filter(loan_id__in=list(loan_ids)) if loan_ids else Disbursement.objects.none()
    return [PayoutRequest(*row) for row in rows.values_list(*_FIELDS)]


def payouts_requested(request_ids: Collection[str]) -> list[PayoutRequest]:
    """Return the payouts with these request numbers; one statement."""
    rows = Disbursement.objects.filter(request_id__in=list(request_ids)) if request_ids else Disbursement.objects.none()
    return [PayoutRequest(*row) for row in rows.values_list(*_FIELDS)]


def payouts_pending(*, sent_before: datetime) -> list[PayoutRequest]:
    """Return payouts sent before an instant whose outcome nobody has told yet."""
    rows = Disbursement.objects.filter(state=Disbursement.State.PENDING, sent_at__lt=sent_before)
    return [PayoutRequest(*row) for row in rows.order_by("sent_at", "id").values_list(*_FIELDS)]


def payout_query(request_id: str) -> BankAnswer:
    """Ask the bank about a payout; outside any transaction."""
    return disbursement_bank().query(request_id)


def payout_decide(request: PayoutRequest, answer: BankAnswer) -> bool:
    """Post or void a payout by the bank's final word in its file, once; False when it was final before (R6.3)."""
    if answer.state is BankState.SUCCEEDED:
        assert answer.booked_at is not None, "a booking has its instant"
        return payout_post(request.customer_id, loan_id=request.loan_id, booked_at=answer.booked_at,
                           entry_id=answer.entry_id or "", source="statement")
    return payout_void(request.customer_id, loan_id=request.loan_id, reason=answer.reason or "not_in_statement",
                       source="statement")
