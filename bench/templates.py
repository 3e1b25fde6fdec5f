"""Loan templates of the generated portfolio: real states by the rules, so that every figure of a copy is exact."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from weidai.lending.rules import LoanState, owed
from weidai.lending.rules.schedule import schedule_build
from weidai.lending.rules.state import LoanStatus, loan_open
from weidai.lending.rules.terms import LoanTerms, RepaymentMethod
from weidai.servicing.rules.allocation import AllocationOrder, allocate
from weidai.servicing.rules.prepayment import PrepaymentChoice

SLOTS = 30  # due dates are spread evenly over thirty days
_M = RepaymentMethod

# (product, method, term in months, daily rate in 1e-8, principal in fen), as the reference pack sells them
VARIANTS = (
    ("invited_cash_loan", _M.EQUAL_PRINCIPAL, 5, 20_000, 1_000_000),
    ("invited_cash_loan", _M.EQUAL_PRINCIPAL, 10, 30_000, 3_000_000),
    ("invited_cash_loan", _M.EQUAL_PRINCIPAL, 20, 40_000, 5_550_000),
    ("invited_cash_loan", _M.EQUAL_PRINCIPAL, 10, 50_000, 800_000),
    ("invited_cash_loan", _M.EQUAL_PRINCIPAL, 5, 50_000, 333_300),
    ("consumer_installment_line", _M.LEVEL_PAYMENT, 3, 25_000, 120_000),
    ("consumer_installment_line", _M.LEVEL_PAYMENT, 6, 35_000, 600_000),
    ("consumer_installment_line", _M.LEVEL_PAYMENT, 12, 45_000, 1_200_000),
    ("consumer_installment_line", _M.LEVEL_PAYMENT, 24, 50_000, 2_400_000),
    ("consumer_installment_line", _M.EQUAL_PRINCIPAL, 6, 45_000, 499_900),
    ("consumer_installment_line", _M.EQUAL_PRINCIPAL, 12, 50_000, 1_000_100),
    ("consumer_installment_line", _M.LEVEL_PAYMENT, 12, 50_000, 13_000),
    ("pay_later_line", _M.REVOLVING, 12, 40_000, 500_000),
    ("pay_later_line", _M.REVOLVING, 12, 40_000, 90_000),
    ("pay_later_line", _M.REVOLVING, 6, 40_000, 250_000),
    ("business_loan", _M.INTEREST_ONLY_BULLET, 12, 35_000, 30_000_000),
    ("business_loan", _M.LEVEL_PAYMENT, 24, 30_000, 20_000_000),
    ("business_loan", _M.BULLET, 6, 40_000, 8_000_000),
)
PAST_DUE_DAYS = (1, 2, 3, 5, 8, 12, 17, 23, 29, 40, 55, 75, 100, 140)


@dataclass(frozen=True, slots=True)
class Template:
    """One state of one kind of loan before the closing of a day; copies differ only in owner and ids."""

    kind: str  # current, due_unpaid, due_paid, overdue, settled
    variant: int
    place: int  # slot of the next due date, or place in PAST_DUE_DAYS
    product: str
    state: LoanState
    overdue_numbers: frozenset[int]
    billed_fen: dict[int, int]


def templates(day: date) -> Iterator[Template]:
    """Yield every template of a portfolio whose open business date is `day`."""
    for variant in range(len(VARIANTS)):
        for slot in range(1, SLOTS):
            yield _paid_until(variant, slot, next_due=day + timedelta(days=slot), kind="current")
        yield _paid_until(variant, 0, next_due=day, kind="due_unpaid")
        if VARIANTS[variant][1] is not _M.BULLET:  # paid at its only due date it would be settled
            yield _paid_until(variant, 0, next_due=day, kind="due_paid", pays_next=True)
        yield _paid_until(variant, 0, next_due=day - timedelta(days=40), kind="settled", pays_all=True)
        for place, days in enumerate(PAST_DUE_DAYS):
            yield _overdue(variant, place, first_missed=day - timedelta(days=days), day=day)


def _loan(variant: int, *, due: date, preferred_age: int) -> tuple[LoanState, int]:
    """Return a fresh loan one of whose rows falls due on `due`, and how many rows come before it."""
    _, method, term, rate, principal = VARIANTS[variant]
    span = [term - 1] if method is _M.BULLET else [(preferred_age + step) % term for step in range(term)]
    for age in span:
        month = due.year * 12 + due.month - 1 - (age + 1)
        year, month = divmod(month, 12)
        if due.day > monthrange(year, month + 1)[1]:
            continue
        terms = LoanTerms(principal_fen=principal, daily_rate_e8=rate, method=method, term_months=term,
                          starts_on=date(year, month + 1, due.day))
        rows = schedule_build(terms).installments
        place = next((index for index, row in enumerate(rows) if row.due_on == due), None)
        if place is not None:
            return loan_open(schedule_build(terms)), place
    raise AssertionError("some month has the day")


def _pay(state: LoanState, *, on: date) -> LoanState:
    debt = owed(state, on=on).total_fen
    return allocate(state, amount_fen=debt, on=on, choice=PrepaymentChoice.SHORTEN_TERM,
                    order=AllocationOrder.CHARGES_FIRST).state_after if debt else state


def _paid_until(
    variant: int, slot: int, *, next_due: date, kind: str, pays_next: bool = False, pays_all: bool = False,
) -> Template:
    method, term = VARIANTS[variant][1], VARIANTS[variant][2]
    age = (variant * 5 + slot * 7) % term
    if pays_all:
        age = term - 1
    elif pays_next and method is not _M.BULLET:
        age = min(age, term - 2)
    state, place = _loan(variant, due=next_due, preferred_age=age)
    for row in state.installments[: place + (1 if pays_next or pays_all else 0)]:
        state = _pay(state, on=row.due_on)
    return _template(kind, variant, slot, state, frozenset())


def _overdue(variant: int, place: int, *, first_missed: date, day: date) -> Template:
    state, paid = _loan(variant, due=first_missed, preferred_age=(variant * 3 + place) % VARIANTS[variant][2])
    for row in state.installments[:paid]:
        state = _pay(state, on=row.due_on)
    late = frozenset(row.number for row in state.installments if not row.is_settled and row.due_on < day)
    return _template("overdue", variant, place, state, late)


def _template(kind: str, variant: int, place: int, state: LoanState, late: frozenset[int]) -> Template:
    billed = {row.number: row.interest_fen if row.number in late else row.interest_paid_fen
              for row in state.installments}
    assert (state.status is LoanStatus.SETTLED) == (kind == "settled"), (kind, variant, place)
    return Template(kind, variant, place, VARIANTS[variant][0], state, late, billed)
