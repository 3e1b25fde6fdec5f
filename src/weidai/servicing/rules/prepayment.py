"""Prepayment: what money beyond today's due does (R7.1). Interest is only ever charged for the days used.

Money first pays the interest accrued to today on principal that is not yet due. Then, by the borrower's choice:

- shorten the term (default): the next installment counts as the oldest one, so its principal comes next. With at least
  its full amount it is settled and its period ends today, so that a borrower who pays early is never asked again on the
  due date (R7.2); with less it stays open with the rest. Only what is beyond it takes rows off the end, of equal size.
- smaller installments: all remaining rows, the next one included, keep their dates and shrink.
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
    current_installment,
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
    """What money ahead of time does: pays the next row and then ends the loan sooner, or makes every row smaller."""

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
    current = current_installment(state, on=on)
    if current is None:
        return Prepayment((), state)
    rows = [row for row in state.installments[current.number - 1 :] if not row.is_settled]
    ahead = _Ahead(
        rows=rows,
        accrued_fen=accrued_interest_fen(state, on=on),
        bearing_fen=sum(row.principal_unpaid_fen for row in rows),
        billed_before_fen=sum(row.interest_fen for row in state.installments if row.number < current.number),
        on=on,
    )
    if amount_fen >= ahead.accrued_fen + ahead.bearing_fen:
        return _settle_ahead(state, ahead=ahead)
    interest = min(amount_fen, ahead.accrued_fen)
    principal = amount_fen - interest
    paid = replace(current, interest_paid_fen=current.interest_paid_fen + interest)
    closes = amount_fen >= current.unpaid_fen and len(rows) > 1 and choice is PrepaymentChoice.SHORTEN_TERM
    if principal == 0 and not closes:
        return Prepayment(_lines((current.number, interest, 0)), _with_rows(state, [paid]))
    if choice is PrepaymentChoice.SMALLER_INSTALLMENTS:
        lines = _lines((current.number, interest, 0), (NO_INSTALLMENT, 0, principal))
        return Prepayment(lines, _shrink_all(state, ahead=ahead, paid=paid, principal_fen=principal))
    own = min(principal, current.principal_unpaid_fen)
    paid = replace(paid, principal_paid_fen=paid.principal_paid_fen + own)
    lines = _lines((current.number, interest, own), (NO_INSTALLMENT, 0, principal - own))
    return Prepayment(lines, _next_then_tail(state, ahead=ahead, paid=paid, beyond_fen=principal - own, closes=closes))


@dataclass(frozen=True, slots=True)
class _Ahead:
    rows: list[InstallmentState]  # unsettled, due after the day, oldest first
    accrued_fen: int  # interest to the day, unpaid
    bearing_fen: int  # their unpaid principal
    billed_before_fen: int  # interest of all rows before them
    on: date


def _settle_ahead(state: LoanState, *, ahead: _Ahead) -> Prepayment:
    """Return the loan with all rows ahead paid: accrued interest once, no further interest."""
    rows: list[InstallmentState] = []
    lines: list[AllocationLine] = []
    for row in ahead.rows:
        interest = ahead.accrued_fen if row is ahead.rows[0] else 0
        lines.extend(_lines((row.number, interest, row.principal_unpaid_fen)))
        rows.append(
            replace(
                row,
                interest_fen=row.interest_paid_fen + interest,
                interest_paid_fen=row.interest_paid_fen + interest,
                principal_paid_fen=row.principal_fen,
                settled_on=ahead.on,
            )
        )
    return Prepayment(tuple(lines), _with_rows(state, rows))


def _shrink_all(state: LoanState, *, ahead: _Ahead, paid: InstallmentState, principal_fen: int) -> LoanState:
    """Return the loan with as many rows on the same dates, each smaller, the next one included."""
    start = PlanStart(
        principal_fen=ahead.bearing_fen - principal_fen,
        starts_on=ahead.on,
        interest_numerator=state.interest_numerator,
        interest_billed_fen=ahead.billed_before_fen + paid.interest_paid_fen,
        first_number=paid.number,
    )
    rows = [paid, *ahead.rows[1:]]
    dates = [row.due_on for row in rows]
    size_fen = regular_size(state.terms, principal_fen=start.principal_fen, starts_on=start.starts_on, dates=dates)
    planned = plan_rows(state.terms, start=start, dates=dates, size_fen=size_fen)
    replanned = _replanned(rows, planned, on=ahead.on)
    replanned[0] = replace(replanned[0], starts_on=paid.starts_on)
    return replace(
        _with_rows(state, replanned),
        size_fen=size_fen,
        prepaid_principal_fen=state.prepaid_principal_fen + principal_fen,
    )


def _next_then_tail(
    state: LoanState, *, ahead: _Ahead, paid: InstallmentState, beyond_fen: int, closes: bool
) -> LoanState:
    """Return the loan with the next row paid (settled today, or open with the rest), and fewer rows after it."""
    numerator, ends_on = state.interest_numerator, ahead.on
    later_fen = sum(row.principal_unpaid_fen for row in ahead.rows[1:]) - beyond_fen
    if closes:
        current = replace(paid, interest_fen=paid.interest_paid_fen, settled_on=ahead.on)
    else:
        ends_on = paid.due_on
        bearing = later_fen + paid.principal_unpaid_fen
        numerator += bearing * state.terms.daily_rate_e8 * (ends_on - ahead.on).days
        current = replace(paid, interest_fen=interest_fen(numerator, terms=state.terms) - ahead.billed_before_fen)
    start = PlanStart(
        principal_fen=later_fen,
        starts_on=ends_on,
        interest_numerator=numerator,
        interest_billed_fen=ahead.billed_before_fen + current.interest_fen,
        first_number=paid.number + 1,
    )
    later = ahead.rows[1:]
    planned: tuple[PlannedInstallment, ...] = ()
    if later_fen > 0 or beyond_fen == 0:
        dates = [row.due_on for row in later]
        planned = plan_rows(
            state.terms, start=start, dates=dates, size_fen=state.size_fen, stops_when_repaid=beyond_fen > 0
        )
    return replace(
        _with_rows(state, [current, *_replanned(later, planned, on=ahead.on)]),
        prepaid_principal_fen=state.prepaid_principal_fen + beyond_fen,
    )


def _replanned(
    rows: list[InstallmentState], planned: tuple[PlannedInstallment, ...], *, on: date
) -> list[InstallmentState]:
    """Return the rows with what is still to pay taken from the plan; rows the plan no longer needs are emptied."""
    kept = [
        replace(
            row,
            starts_on=plan.starts_on,
            principal_fen=row.principal_paid_fen + plan.principal_fen,
            interest_fen=row.interest_paid_fen + plan.interest_fen,
        )
        for row, plan in zip(rows, planned, strict=False)
    ]
    emptied = [replace(row, principal_fen=0, interest_fen=0, settled_on=on) for row in rows[len(planned) :]]
    return kept + emptied


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
