"""Booking money received: exactly once, every fen accounted for, the freed credit given back (R7.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.identity import selectors as identity
from weidai.kernel.days import shanghai_date
from weidai.ledger import services as ledger
from weidai.ledger.services import Transfer
from weidai.lending import selectors as lending_rows
from weidai.lending import services as lending
from weidai.lending.accounts import LoanAccount
from weidai.lending.rules import LoanState, LoanStatus, Owed, owed, settlement_quote
from weidai.limits import selectors as limit_rows
from weidai.limits import services as limits
from weidai.messaging.services import notice_send
from weidai.platform import books, clock
from weidai.platform.ids import uuid7
from weidai.servicing import policy
from weidai.servicing.bookings import COLLECTION, PAYABLE, billed_after, event_transfers, position_of
from weidai.servicing.errors import AmountInvalid
from weidai.servicing.models import Repayment
from weidai.servicing.rules import (
    AllocationOrder,
    ClassThresholds,
    CooledOff,
    Paid,
    PrepaymentChoice,
    Repaid,
    allocate_across_loans,
    five_category,
)
from weidai.servicing.services.cooling_off import is_cooling_off
from weidai.servicing.services.history import Booked, event_book, state_before
from weidai.servicing.services.refunds import refund_create
from weidai.servicing.services.spells import spell_end_if_paid


class Intent(StrEnum):
    """What the payer means the money for: as it goes, only what is due, or everything."""

    AMOUNT = "amount"
    DUE = "due"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money as the channel tells it: how much, when, through what, under which numbers."""

    amount_fen: int
    received_at: datetime
    channel: str
    reference: str
    entry_id: str = ""
    loan_id: UUID | None = None
    intent: Intent = Intent.AMOUNT
    choice: PrepaymentChoice = PrepaymentChoice.SHORTEN_TERM


@dataclass(frozen=True, slots=True)
class BookedRepayment:
    """What became of a receipt; `is_new` False says that it had been booked before."""

    repayment_id: UUID
    applied_fen: int
    excess_fen: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Share:
    account: LoanAccount
    event: Repaid


def repayment_receive(
    customer_id: UUID, *, amount_fen: int, received_at: datetime, channel: str, reference: str,
    entry_id: str = "", loan_id: UUID | None = None, intent: str = Intent.AMOUNT,
    choice: str = PrepaymentChoice.SHORTEN_TERM,
) -> BookedRepayment:
    """Book one receipt exactly once: loans, ledger, limit, overdue spell and hold, refund of what is too much.

    The same (channel, reference) again changes nothing, unless the bank's entry is another one: then the money came
    twice, and all of it is given back.
    """
    if amount_fen <= 0:
        raise AmountInvalid(field="amount")
    receipt = Receipt(amount_fen, received_at, channel, reference, entry_id, loan_id, Intent(intent),
                      PrepaymentChoice(choice))
    return _receive(customer_id, receipt)


@transaction.atomic
def _receive(customer_id: UUID, receipt: Receipt) -> BookedRepayment:
    lines_lock(customer_id)
    known = _known(customer_id, receipt)
    if known is not None and (not receipt.entry_id or receipt.entry_id == known.entry_id):
        return BookedRepayment(known.id, known.applied_fen, known.excess_fen, is_new=False)
    if known is not None:
        receipt = replace(receipt, reference=f"{receipt.reference}#{receipt.entry_id}")
        if again := _known(customer_id, receipt):
            return BookedRepayment(again.id, again.applied_fen, again.excess_fen, is_new=False)
    shares = [] if known is not None else _shares(customer_id, receipt)
    repayment = _repayment_create(customer_id, receipt, applied_fen=sum(share.event.amount_fen for share in shares))
    booked = [event_book(repayment, share.account, share.event) for share in shares]
    _post(repayment, booked)
    reason = "duplicate" if known is not None else "overpaid"
    if repayment.excess_fen:
        refund_create(repayment, amount_fen=repayment.excess_fen, reason=reason)
    for other, too_much_fen in (item for one in booked for item in one.too_much):
        refund_create(other, amount_fen=too_much_fen, reason="overpaid")
    spell_end_if_paid(customer_id, at=receipt.received_at)
    _tell(repayment, booked)
    return BookedRepayment(repayment.id, repayment.applied_fen, repayment.excess_fen, is_new=True)


def lines_lock(customer_id: UUID) -> None:
    """Lock all credit lines of the customer in id order: first in the documented order, before any loan."""
    for line in sorted(limit_rows.lines_for(customer_id), key=lambda row: row.id):
        limits.line_lock(customer_id, line_id=line.id)


def _known(customer_id: UUID, receipt: Receipt) -> Repayment | None:
    return Repayment.objects.filter(
        customer_id=customer_id, channel=receipt.channel, reference=receipt.reference).first()


def _shares(customer_id: UUID, receipt: Receipt) -> list[_Share]:
    """Return how much of the receipt each loan takes; what no loan takes is too much."""
    is_bound = receipt.loan_id is not None and receipt.intent is not Intent.AMOUNT  # asked for one loan, to the fen
    wanted = [] if is_bound else [row.id for row in lending_rows.accounts_for(customer_id)]
    wanted = sorted({*wanted, receipt.loan_id} if receipt.loan_id else wanted)
    accounts = [account for account in lending.loans_lock(customer_id, loan_ids=wanted) if not account.is_settled]
    received_on = shanghai_date(receipt.received_at)
    if receipt.loan_id is None:
        return _spread(accounts, receipt, received_on, receipt.amount_fen)
    shares = [share for account in accounts
              if account.id == receipt.loan_id and (share := _share_of_named(account, receipt, received_on))]
    left_fen = receipt.amount_fen - sum(share.event.amount_fen for share in shares)
    others = [account for account in accounts if account.id != receipt.loan_id]
    return shares + _spread(others, receipt, received_on, left_fen, only_overdue=True) if left_fen and others else shares


def _spread(
    accounts: list[LoanAccount], receipt: Receipt, on: date, amount_fen: int, *, only_overdue: bool = False,
) -> list[_Share]:
    """Return how money for no loan in particular is spread: overdue loans first, then the earliest due (R7.1).

    What a named loan left over goes to other loans only as far as they are overdue; the rest is given back.
    """
    accounts = [account for account in accounts if account.state.terms.starts_on <= on]
    if not accounts:
        return []
    states = [state_before(account, on=on) for account in accounts]
    debts = [owed(state, on=on) for state in states]
    if undone := None if only_overdue else _undone(accounts, debts, receipt):
        return [_Share(undone, CooledOff(on=on, amount_fen=undone.principal_fen))]
    if only_overdue:
        amount_fen = min(amount_fen, sum(debt.overdue_fen for debt in debts if debt.is_overdue))
    elif receipt.intent is Intent.DUE:
        amount_fen = min(amount_fen, sum(debt.total_fen for debt in debts))
    if amount_fen == 0:
        return []
    spread = allocate_across_loans(states, amount_fen=amount_fen, on=on, choice=receipt.choice)
    return [_Share(accounts[share.index], _paid(accounts[share.index], states[share.index], share.amount_fen, on,
                                                receipt.choice)) for share in spread.shares]


def _undone(accounts: list[LoanAccount], debts: list[Owed], receipt: Receipt) -> LoanAccount | None:
    """Return the loan that money without a loan number undoes within the cooling-off time, None when in doubt (R7.1).

    With one loan its whole principal is enough; among several the amount must be exactly that of one, and nothing due.
    """
    if receipt.intent is not Intent.AMOUNT or any(debt.total_fen for debt in debts):
        return None
    fits = [account for account in accounts
            if receipt.amount_fen == account.principal_fen or (
                len(accounts) == 1 and receipt.amount_fen > account.principal_fen)]
    fits = [account for account in fits if is_cooling_off(account, at=receipt.received_at)]
    return fits[0] if len(fits) == 1 else None


def _share_of_named(account: LoanAccount, receipt: Receipt, received_on: date) -> _Share | None:
    """Return what one named loan takes: principal only within the cooling-off time, else what it can owe at most."""
    on = max(received_on, account.state.terms.starts_on)
    state = state_before(account, on=on)
    if is_cooling_off(account, at=receipt.received_at) and receipt.amount_fen >= account.principal_fen:
        return _Share(account, CooledOff(on=on, amount_fen=account.principal_fen))
    most = settlement_quote(state, on=on).total_fen
    if receipt.intent is Intent.DUE:
        most = owed(state, on=on).total_fen
    amount_fen = min(receipt.amount_fen, most)
    return _Share(account, _paid(account, state, amount_fen, on, receipt.choice)) if amount_fen else None


def _paid(account: LoanAccount, state: LoanState, amount_fen: int, on: date, choice: PrepaymentChoice) -> Paid:
    """Return the payment event, in the order the policy of the day has for the product and how late it is (R7.1)."""
    order = allocation_order(account.product, days_past_due=owed(state, on=on).days_past_due, on=on)
    return Paid(on=on, amount_fen=amount_fen, choice=choice, order=order)


def allocation_order(product: str, *, days_past_due: int, on: date) -> AllocationOrder:
    """Return the order of the day's policy inside an installment, by product, days late and the category they give."""
    rules = policy.current(on)
    first = rules.delinquency
    category = five_category(days_past_due, thresholds=ClassThresholds(
        first.special_mention_from_day, first.substandard_from_day, first.doubtful_from_day, first.loss_from_day))
    return AllocationOrder(rules.allocation.order_for(product, days_past_due=days_past_due, category=category))


def _repayment_create(customer_id: UUID, receipt: Receipt, *, applied_fen: int) -> Repayment:
    book_id = identity.book_of(customer_id)
    return Repayment.objects.create(
        customer_id=customer_id, book_id=book_id, channel=receipt.channel, reference=receipt.reference,
        entry_id=receipt.entry_id, amount_fen=receipt.amount_fen, applied_fen=applied_fen,
        excess_fen=receipt.amount_fen - applied_fen, loan_id=receipt.loan_id, received_at=receipt.received_at,
        received_on=shanghai_date(receipt.received_at), booked_on=books.business_date(book_id), booked_at=clock.now(),
        journal_id=uuid7())


def _post(repayment: Repayment, booked: Sequence[Booked]) -> None:
    """Write states, give credit back and post one journal; lines and loans are locked already."""
    transfers: list[Transfer] = []
    restored: dict[UUID, int] = {}
    payable_fen = repayment.excess_fen
    for one in booked:
        account, billed = one.account, billed_after(one.state, billed_fen=one.account.billed_fen)
        before = position_of(account.state, billed_fen=account.billed_fen, suspended=account.suspended_numbers)
        after = position_of(one.state, billed_fen=billed, suspended=account.suspended_numbers)
        transfers += event_transfers(account.id, before=before, after=after)
        lending.loan_save(account, lending.LoanChange(one.state, billed))
        freed_fen = before.outstanding_fen - after.outstanding_fen
        restored[account.line_id] = restored.get(account.line_id, 0) + freed_fen
        payable_fen += sum(too_much_fen for _, too_much_fen in one.too_much)
    if payable_fen:
        transfers.append(Transfer(COLLECTION, PAYABLE, payable_fen, "excess.received"))
    for line_id, freed_fen in sorted(restored.items()):
        if freed_fen > 0:
            limits.limit_restore(repayment.customer_id, line_id=line_id, amount_fen=freed_fen, cause_id=repayment.id)
    ledger.journal_post(
        repayment.customer_id, transfers=transfers, cause_type="servicing.repayment", cause_id=repayment.id,
        book_id=repayment.book_id, booked_on=repayment.booked_on, at=repayment.booked_at,
        journal_id=repayment.journal_id)


def _tell(repayment: Repayment, booked: Sequence[Booked]) -> None:
    """Record the event and tell the customer, in the same transaction."""
    customer_id = repayment.customer_id
    event_record("servicing.repayment.received", customer_id=customer_id, subject_type="servicing.repayment",
                 subject_id=repayment.id, facts={
                     "amount_fen": repayment.amount_fen, "applied_fen": repayment.applied_fen,
                     "excess_fen": repayment.excess_fen, "channel": repayment.channel,
                     "received_on": repayment.received_on, "booked_on": repayment.booked_on,
                     "loan_ids": [str(one.account.id) for one in booked]})
    notice_send(customer_id, template="servicing.repaid", values={"amount_fen": repayment.amount_fen},
                channels=("in_app",))
    for one in booked:
        if one.state.status is LoanStatus.SETTLED:
            event_record("servicing.loan.settled", customer_id=customer_id, subject_type="lending.loan",
                         subject_id=one.account.id, facts={"settled_on": one.state.anchored_on})
            notice_send(customer_id, template="servicing.settled", values={})
