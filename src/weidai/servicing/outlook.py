"""Looking ahead: what a payment made today would do, and what being late costs and how it ends (R6.6, R7.1, R7.3).

Reads only, as of now. The figures are those the services book when the money comes the same day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from weidai.kernel.money import yuan_text
from weidai.lending import selectors as lending
from weidai.lending.accounts import LoanAccount
from weidai.lending.errors import LoanNotFound
from weidai.lending.rules import LoanState, owed
from weidai.platform import clock
from weidai.servicing import policy
from weidai.servicing.errors import AmountAboveSettlement, AmountInvalid, NothingOwed
from weidai.servicing.models import OverdueSpell
from weidai.servicing.rules import PrepaymentChoice, allocate
from weidai.servicing.services.quotes import quote_for
from weidai.servicing.services.repayments import Intent, allocation_order


@dataclass(frozen=True, slots=True)
class RepaymentPreview:
    """What a payment would pay, in fen, and the loan after it; nothing is booked. Good until midnight Shanghai."""

    loan_id: UUID
    on: date
    amount_fen: int
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    fee_fen: int
    interest_saved_fen: int
    is_ahead: bool  # part of it pays what is not due yet
    is_settled: bool
    is_cooling_off: bool
    rows_left_before: int
    rows_left: int
    next_due_on: date | None
    next_due_fen: int
    last_due_on: date | None


@dataclass(frozen=True, slots=True)
class OverdueOutlook:
    """What being late costs a customer and how it ends; amounts in fen, over all loans."""

    overdue_fen: int
    penalty_fen: int
    penalty_per_day_fen: int
    days_past_due: int
    quick_until: datetime | None  # paid in full by then: the shorter way back
    quick_hours: int
    good_months_after_quick: int
    good_months_after_late: int
    quiet_from: str
    quiet_to: str
    calls_per_day: int

    @property
    def is_quick_still_possible(self) -> bool:
        """The shorter way back is still open."""
        return self.quick_until is not None and clock.now() <= self.quick_until


def repayment_preview(
    customer_id: UUID, *, loan_id: UUID, kind: str, amount_fen: int | None = None,
    choice: str = PrepaymentChoice.SHORTEN_TERM,
) -> RepaymentPreview:
    """Return what a repayment would do now; refuses what `repayment_request` would refuse about its amount."""
    account = _account(customer_id, loan_id)
    moment, intent = clock.now(), Intent(kind)
    quote = quote_for(account, at=moment)
    debt = owed(account.state, on=quote.on)
    if intent is Intent.AMOUNT:
        if amount_fen is None or amount_fen <= 0:
            raise AmountInvalid(field="amount")
        if amount_fen > quote.total_fen:
            raise AmountAboveSettlement(field="amount", most=yuan_text(quote.total_fen))
    else:
        amount_fen = quote.total_fen if intent is Intent.SETTLE else debt.total_fen
    if account.is_settled or amount_fen == 0:
        raise NothingOwed
    before = [row for row in account.state.installments if not row.is_settled]
    if quote.is_cooling_off and amount_fen >= account.principal_fen:
        return RepaymentPreview(loan_id, quote.on, amount_fen, amount_fen, 0, 0, 0, quote.interest_saved_fen, True,
                                True, True, len(before), 0, None, 0, None)
    result = allocate(account.state, amount_fen=amount_fen, on=quote.on, choice=PrepaymentChoice(choice),
                      order=allocation_order(account.product, days_past_due=debt.days_past_due, on=quote.on))
    after = [row for row in result.state_after.installments if not row.is_settled]
    saved_fen = _interest_ahead(account.state) - _interest_ahead(result.state_after) - result.interest_fen
    return RepaymentPreview(
        loan_id=loan_id, on=quote.on, amount_fen=amount_fen, principal_fen=result.principal_fen,
        interest_fen=result.interest_fen, penalty_fen=result.penalty_fen,
        fee_fen=amount_fen - result.principal_fen - result.interest_fen - result.penalty_fen - result.refund_fen,
        interest_saved_fen=saved_fen, is_ahead=amount_fen > debt.total_fen, is_settled=result.is_settled,
        is_cooling_off=False, rows_left_before=len(before), rows_left=len(after),
        next_due_on=after[0].due_on if after else None, next_due_fen=after[0].unpaid_fen if after else 0,
        last_due_on=after[-1].due_on if after else None)


def _interest_ahead(state: LoanState) -> int:
    """Planned interest still unpaid, in fen."""
    return sum(row.interest_unpaid_fen for row in state.installments if not row.is_settled)


def _account(customer_id: UUID, loan_id: UUID) -> LoanAccount:
    accounts = lending.accounts_for(customer_id, loan_id=loan_id)
    if not accounts:
        raise LoanNotFound
    return accounts[0]


def overdue_outlook(customer_id: UUID) -> OverdueOutlook | None:
    """Return what being late costs today and how it ends, None when nothing is overdue (R7.3, R7.6)."""
    today = clock.today()
    debts = [(account, owed(account.state, on=max(today, account.state.anchored_on)))
             for account in lending.accounts_for(customer_id)]
    late = [(account, debt) for account, debt in debts if debt.is_overdue]
    if not late:
        return None
    rules = policy.current(today)
    spell = OverdueSpell.objects.filter(customer_id=customer_id, ended_at=None, is_void=False).first()
    hours = rules.standing.quick_repayment_hours
    tomorrow = today + timedelta(days=1)
    per_day = sum(
        owed(account.state, on=max(tomorrow, account.state.anchored_on)).penalty_fen - debt.penalty_fen
        for account, debt in late)
    return OverdueOutlook(
        overdue_fen=sum(debt.overdue_fen for _, debt in late), penalty_fen=sum(debt.penalty_fen for _, debt in late),
        penalty_per_day_fen=per_day, days_past_due=max(debt.days_past_due for _, debt in late),
        quick_until=spell.started_at + timedelta(hours=hours) if spell else None, quick_hours=hours,
        good_months_after_quick=rules.standing.good_months_after_quick,
        good_months_after_late=rules.standing.good_months_after_late,
        quiet_from=f"{rules.contact.quiet_from:%H:%M}", quiet_to=f"{rules.contact.quiet_to:%H:%M}",
        calls_per_day=rules.contact.connected_calls_per_day)
