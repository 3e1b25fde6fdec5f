"""Prepayment: what money beyond today's due does (R7.1). Interest is only ever charged for the days used.

The next installment counts as the oldest one: money first pays the interest accrued to today, then that row's
principal. With at least the row's full amount the row is settled and its period ends today (so a borrower who pays
early is never asked again on the due date, R7.2); with less it stays open with the rest. Only then the rows after it
shrink.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from weidai.lending.rules import (
    InstallmentState,
    LoanState,
    PlannedInstallment,
    PlanStart,
    accrued_interest_fen,
    interest_fen,
    plan_rows,
    regular_size,
)

NO_INSTALLMENT = 0


class Component(StrEnum):
    """What a line of a payment pays."""

    FEE = "fee"
    PENALTY = "penalty"
    INTEREST = "interest"
    PRINCIPAL = "principal"


class PrepaymentChoice(StrEnum):
    """What becomes of the rows after the next one: fewer of the same size, or as many, each smaller."""

    SHORTEN_TERM = "shorten_term"
    SMALLER_INSTALLMENTS = "smaller_installments"


class AllocationLine(NamedTuple):
    """A part of a payment, in fen. Installment number 0: principal prepaid outside any row."""

    installment_number: int
    component: Component
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Prepayment:
    """The lines of the money paid ahead and the loan after it; what the lines do not take is too much."""

    lines: tuple[AllocationLine, ...]
    state_after: LoanState


def prepay(state: LoanState, *, amount_fen: int, on: date, choice: PrepaymentChoice) -> Prepayment:
    """Return the loan after money beyond today's due. `state` is anchored on the day and its due rows are paid."""
    ahead = [row for row in state.installments if row.due_on > on and not row.is_settled]
    if not ahead:
        return Prepayment((), state)
    accrued = accrued_interest_fen(state, on=on)
    bearing = sum(row.principal_unpaid_fen for row in ahead)
    if amount_fen >= accrued + bearing:
        return _settle_ahead(state, ahead=ahead, accrued=accrued, on=on)
    current = ahead[0]
    interest = min(amount_fen, accrued)
    principal = amount_fen - interest
    own = min(principal, current.principal_unpaid_fen)
    beyond = principal - own
    closes = len(ahead) > 1 and amount_fen >= current.unpaid_fen
    paid = replace(
        current,
        interest_paid_fen=current.interest_paid_fen + interest,
        principal_paid_fen=current.principal_paid_fen + own,
    )
    lines = _lines((current.number, interest, own), (NO_INSTALLMENT, 0, beyond))
    if principal == 0 and not closes:
        return Prepayment(lines, _with_rows(state, [paid]))
    replanned = _replan_current(state, paid=paid, closes=closes, bearing=bearing - principal, on=on)
    later = _Later(
        rows=ahead[1:],
        start=replace(replanned.next_start, principal_fen=bearing - current.principal_unpaid_fen - beyond),
        beyond_fen=beyond,
    )
    size_fen, rows = _replan_later(state, later=later, choice=choice, on=on)
    after = _with_rows(state, [replanned.row, *rows])
    return Prepayment(
        lines, replace(after, size_fen=size_fen, prepaid_principal_fen=state.prepaid_principal_fen + beyond)
    )


def _settle_ahead(state: LoanState, *, ahead: list[InstallmentState], accrued: int, on: date) -> Prepayment:
    """Return the loan with all rows ahead paid: accrued interest once, no further interest."""
    rows: list[InstallmentState] = []
    lines: list[AllocationLine] = []
    for row in ahead:
        interest = accrued if row is ahead[0] else 0
        lines.extend(_lines((row.number, interest, row.principal_unpaid_fen)))
        rows.append(
            replace(
                row,
                interest_fen=row.interest_paid_fen + interest,
                interest_paid_fen=row.interest_paid_fen + interest,
                principal_paid_fen=row.principal_fen,
                settled_on=on,
            )
        )
    return Prepayment(tuple(lines), _with_rows(state, rows))


@dataclass(frozen=True, slots=True)
class _Current:
    row: InstallmentState
    next_start: PlanStart  # where the row after it begins; its principal is still to be set


def _replan_current(state: LoanState, *, paid: InstallmentState, closes: bool, bearing: int, on: date) -> _Current:
    """Return the next row after its own payment: closed today, or open with interest on what still bears it."""
    billed_before = sum(row.interest_fen for row in state.installments if row.number < paid.number)
    if closes:
        row = replace(paid, interest_fen=paid.interest_paid_fen, settled_on=on)
        numerator, ends_on = state.interest_numerator, on
    else:
        numerator = state.interest_numerator + bearing * state.terms.daily_rate_e8 * (paid.due_on - on).days
        row = replace(paid, interest_fen=interest_fen(numerator, terms=state.terms) - billed_before)
        ends_on = paid.due_on
    start = PlanStart(
        principal_fen=0,
        starts_on=ends_on,
        interest_numerator=numerator,
        interest_billed_fen=billed_before + row.interest_fen,
        first_number=paid.number + 1,
    )
    return _Current(row=row, next_start=start)


@dataclass(frozen=True, slots=True)
class _Later:
    rows: list[InstallmentState]
    start: PlanStart
    beyond_fen: int


def _replan_later(
    state: LoanState, *, later: _Later, choice: PrepaymentChoice, on: date
) -> tuple[int, list[InstallmentState]]:
    """Return the regular size and the rows after the next one, for the principal that is left to them."""
    dates = [row.due_on for row in later.rows]
    size_fen, shortens = state.size_fen, choice is PrepaymentChoice.SHORTEN_TERM and later.beyond_fen > 0
    if dates and later.beyond_fen > 0 and not shortens:
        size_fen = regular_size(
            state.terms, principal_fen=later.start.principal_fen, starts_on=later.start.starts_on, dates=dates
        )
    planned: tuple[PlannedInstallment, ...] = ()
    if dates and (later.start.principal_fen > 0 or not shortens):
        planned = plan_rows(state.terms, start=later.start, dates=dates, size_fen=size_fen, stops_when_repaid=shortens)
    rows = [
        replace(row, starts_on=plan.starts_on, principal_fen=plan.principal_fen, interest_fen=plan.interest_fen)
        for row, plan in zip(later.rows, planned, strict=False)
    ]
    emptied = [replace(row, principal_fen=0, interest_fen=0, settled_on=on) for row in later.rows[len(planned) :]]
    return size_fen, rows + emptied


def _lines(*parts: tuple[int, int, int]) -> tuple[AllocationLine, ...]:
    lines = [
        line
        for number, interest, principal in parts
        for line in (
            AllocationLine(number, Component.INTEREST, interest),
            AllocationLine(number, Component.PRINCIPAL, principal),
        )
    ]
    return tuple(line for line in lines if line.amount_fen > 0)


def _with_rows(state: LoanState, rows: list[InstallmentState]) -> LoanState:
    changed = {row.number: row for row in rows}
    return replace(state, installments=tuple(changed.get(row.number, row) for row in state.installments))
