"""Taking back a repayment whose money is not there: the loans are as if it had never been booked (R7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from weidai.audit.services import event_record
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text
from weidai.ledger import services as ledger
from weidai.ledger.services import Transfer
from weidai.lending import services as lending
from weidai.lending.accounts import LoanAccount
from weidai.limits import services as limits
from weidai.messaging.services import notice_send
from weidai.platform import books, clock
from weidai.platform.ids import uuid7
from weidai.servicing.bookings import COLLECTION, PAYABLE, billed_without, event_transfers, position_of
from weidai.servicing.errors import RepaymentNotFound, RepaymentRefunded, ReversalReasonInvalid
from weidai.servicing.models import Refund, Repayment, RepaymentShare
from weidai.servicing.services.certificates import certificates_revoke
from weidai.servicing.services.history import Booked, event_remove
from weidai.servicing.services.refunds import refund_create
from weidai.servicing.services.repayments import lines_lock
from weidai.servicing.services.spells import spell_reopen_if_late

REVERSAL_REASONS: dict[str, Text] = {
    "returned_by_bank": Text("银行已退回该笔款项", "the bank returned the money"),
    "never_received": Text("款项实际未到账", "the money never arrived"),
}


@transaction.atomic
def repayment_reverse(customer_id: UUID, *, repayment_id: UUID, reason: str, staff_id: str, note: str = "") -> bool:
    """Take back a booked repayment whose money is not there; False when it was reversed before.

    Loans are replayed without it, the ledger gets the difference, the credit it freed is used again, an overdue spell it
    ended or kept from beginning runs again from the due date missed, a settlement certificate is revoked. Refused while
    part of the money was, or is being, given back. What other payments became under the replay is redrawn. `note` is what
    was found out with the bank: kept in the audit log only, without personal data.
    """
    if reason not in REVERSAL_REASONS:
        raise ReversalReasonInvalid(field="reason")
    lines_lock(customer_id)
    repayment = Repayment.objects.select_for_update().filter(customer_id=customer_id, id=repayment_id).first()
    if repayment is None:
        raise RepaymentNotFound
    if repayment.state == Repayment.State.REVERSED:
        return False
    _refunds_check(repayment)
    shares = list(RepaymentShare.objects.filter(customer_id=customer_id, repayment=repayment).order_by("loan_id"))
    accounts = {account.id: account for account in lending.loans_lock(
        customer_id, loan_ids=[share.loan_id for share in shares])}
    removed = [event_remove(accounts[share.loan_id], share_id=share.id) for share in shares]
    unapplied_fen = repayment.amount_fen - sum(share.amount_fen for share in shares)
    journal_id = _post(repayment, removed, unapplied_fen=unapplied_fen)
    Repayment.objects.filter(pk=repayment.pk).update(
        state=Repayment.State.REVERSED, reversed_at=clock.now(), reversal_reason=reason,
        reversal_journal_id=journal_id)
    for other, too_much_fen in (item for one in removed for item in one.too_much):
        refund_create(other, amount_fen=too_much_fen, reason="overpaid")
    certificates_revoke(customer_id, loan_ids=[one.account.id for one in removed if one.account.is_settled])
    spell_reopen_if_late(customer_id, book_id=repayment.book_id)
    _tell(repayment, removed, reason=reason, by={"staff_id": staff_id, "note": note})
    return True


def _refunds_check(repayment: Repayment) -> None:
    """Refuse when money of this repayment left us, or may have: reversing would take it from the customer twice."""
    left = Refund.objects.filter(customer_id=repayment.customer_id, repayment=repayment).exclude(
        state=Refund.State.FAILED).aggregate(total=Sum("amount_fen"))["total"]
    if left:
        raise RepaymentRefunded(amount=yuan_text(left))


def _post(repayment: Repayment, removed: Sequence[Booked], *, unapplied_fen: int) -> UUID:
    """Write states, use the credit again and post the difference in one journal; lines and loans are locked already."""
    customer_id, open_on = repayment.customer_id, books.business_date(repayment.book_id)
    transfers: list[Transfer] = []
    used: dict[UUID, int] = {}
    payable_fen = -unapplied_fen
    for one in removed:
        account = one.account
        billed = billed_without(one.state, billed_fen=account.billed_fen, open_on=open_on, today=clock.today())
        before = position_of(account.state, billed_fen=account.billed_fen, suspended=account.suspended_numbers)
        after = position_of(one.state, billed_fen=billed, suspended=account.suspended_numbers)
        transfers += event_transfers(account.id, before=before, after=after)
        grace = timedelta(days=one.state.terms.grace_days)
        late = frozenset(
            row.number for row in one.state.installments if not row.is_settled and row.due_on + grace < open_on)
        lending.loan_save(_late_now(account, late), lending.LoanChange(one.state, billed))
        used[account.line_id] = used.get(account.line_id, 0) + after.outstanding_fen - before.outstanding_fen
        payable_fen += sum(too_much_fen for _, too_much_fen in one.too_much)
    if payable_fen < 0:
        transfers.append(Transfer(PAYABLE, COLLECTION, -payable_fen, "excess.received.correction"))
    elif payable_fen:
        transfers.append(Transfer(COLLECTION, PAYABLE, payable_fen, "excess.received"))
    for line_id, amount_fen in sorted(used.items()):
        if amount_fen > 0:
            limits.limit_reuse(customer_id, line_id=line_id, amount_fen=amount_fen, cause_id=repayment.id)
    return ledger.journal_post(
        customer_id, transfers=transfers, cause_type="servicing.repayment", cause_id=repayment.id,
        book_id=repayment.book_id, booked_on=open_on, at=clock.now(), journal_id=uuid7())


def _late_now(account: LoanAccount, late: frozenset[int]) -> LoanAccount:
    """Return the account with the rows that are overdue now that the payment is gone."""
    return replace(account, overdue_numbers=late)


def _tell(repayment: Repayment, removed: Sequence[Booked], *, reason: str, by: Mapping[str, str]) -> None:
    event_record("servicing.repayment.reversed", customer_id=repayment.customer_id,
                 subject_type="servicing.repayment", subject_id=repayment.id, facts={
                     "amount_fen": repayment.amount_fen, "reason": reason, **by,
                     "loan_ids": [str(one.account.id) for one in removed]})
    notice_send(repayment.customer_id, template="servicing.repayment_reversed", values={
        "amount_fen": repayment.amount_fen, "received_on": repayment.received_on, "reason": REVERSAL_REASONS[reason]})
