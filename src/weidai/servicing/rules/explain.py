"""Every fen of a debt, derived line by line: days × rate × principal, each rounding, each payment, the cap (R6.6, R7.3).

The lines add up to `owed` and to `settlement_quote` to the fen; the laws in the tests hold them to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from weidai.kernel.money import E8, round_half_up
from weidai.lending.rules import (
    InstallmentState,
    LoanState,
    LoanTerms,
    RepaymentMethod,
    cap_numerator,
    interest_fen,
    minimum_principal,
)
from weidai.servicing.rules.explain_walk import PaymentWorking, Segment, Walk, merged, walk
from weidai.servicing.rules.history import LoanEvent


class RowStatus(StrEnum):
    """Where an installment stands on the day."""

    SETTLED = "settled"
    DROPPED = "dropped"  # a prepayment left nothing for it
    OVERDUE = "overdue"
    DUE = "due"
    CURRENT = "current"  # its days are running
    PLANNED = "planned"


class PrincipalRule(StrEnum):
    """How the principal of a row came about; a row for which none of the rules is exactly true is `PLANNED`."""

    SHARE = "share"  # the regular part of equal principal
    LEVEL = "level"  # the level payment less the row's interest
    MINIMUM = "minimum"  # the revolving minimum
    NONE = "none"
    REST = "rest"  # the last row takes what remains
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Parts:
    """An amount by component, in fen."""

    principal_fen: int = 0
    interest_fen: int = 0
    penalty_fen: int = 0
    fee_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All parts."""
        return self.principal_fen + self.interest_fen + self.penalty_fen + self.fee_fen

    def __add__(self, other: Parts) -> Parts:
        return Parts(
            self.principal_fen + other.principal_fen,
            self.interest_fen + other.interest_fen,
            self.penalty_fen + other.penalty_fen,
            self.fee_fen + other.fee_fen,
        )


@dataclass(frozen=True, slots=True)
class InterestWorking:
    """Contract interest of one row: its own products, on top of the running exact sum, rounded once, less what was asked.

    charged = half-up(numerator_before + Σ segments) − billed_before; numerators in 1e-8 fen.
    """

    segments: tuple[Segment, ...]
    numerator_before: int
    billed_before_fen: int
    numerator_after: int
    cumulative_fen: int
    charged_fen: int

    @property
    def own_numerator(self) -> int:
        """Σ of the row's own products."""
        return self.numerator_after - self.numerator_before

    @property
    def carry_numerator(self) -> int:
        """What earlier roundings left over (or took too much), in 1e-8 fen."""
        return self.numerator_before - self.billed_before_fen * E8


@dataclass(frozen=True, slots=True)
class PenaltyWorking:
    """Penalty interest of one row: exact, rounded half-up, and after the cap of the whole loan."""

    segments: tuple[Segment, ...]
    numerator: int
    rounded_fen: int
    charged_fen: int
    paid_fen: int

    @property
    def cut_fen(self) -> int:
        """What the cap took off."""
        return self.rounded_fen - self.charged_fen


@dataclass(frozen=True, slots=True)
class RowWorking:
    """One installment: how each part arose, what was paid of it, what is left. `accrued` is the interest to the day."""

    number: int
    status: RowStatus
    starts_on: date
    ends_on: date  # the due date, or the day on which an early payment ended the period
    due_on: date
    days_past_due: int
    principal_fen: int
    principal_rule: PrincipalRule
    size_fen: int
    interest: InterestWorking
    accrued: InterestWorking
    penalty: PenaltyWorking
    fee_fen: int
    paid: Parts
    unpaid: Parts

    @property
    def is_due(self) -> bool:
        """Asked for by the end of the day."""
        return self.status in (RowStatus.OVERDUE, RowStatus.DUE)


@dataclass(frozen=True, slots=True)
class CapWorking:
    """The most penalty there may ever be: cap ÷ 365 × Σ daily principal, less interest, fees and one fen (R7.3)."""

    balance: tuple[Segment, ...]
    principal_days: int
    annual_cap_ppm: int
    ceiling_numerator: int
    interest_numerator: int
    fee_fen: int
    headroom_fen: int
    penalty_fen: int  # charged on all rows, paid or not
    cut_fen: int
    capped_on: date | None


@dataclass(frozen=True, slots=True)
class LoanExplanation:
    """A debt on a day with everything it was derived from."""

    terms: LoanTerms
    on: date
    rows: tuple[RowWorking, ...]
    cap: CapWorking
    payments: tuple[PaymentWorking, ...]
    state: LoanState

    @property
    def owed(self) -> Parts:
        """What is due by the end of the day: the sum over the rows that are due."""
        return sum((row.unpaid for row in self.rows if row.is_due), Parts())

    @property
    def accrued_fen(self) -> int:
        """Interest of rows not yet due for the days used, less what was paid of it."""
        ahead = [row for row in self.rows if row.status in (RowStatus.CURRENT, RowStatus.PLANNED)]
        return sum(row.accrued.charged_fen - row.paid.interest_fen for row in ahead)

    @property
    def principal_ahead_fen(self) -> int:
        """Principal that is not due yet."""
        return sum(row.unpaid.principal_fen for row in self.rows if not row.is_due)

    @property
    def payoff(self) -> Parts:
        """What ends the loan on the day: what is due, the interest of the days used, the principal ahead."""
        return self.owed + Parts(principal_fen=self.principal_ahead_fen, interest_fen=self.accrued_fen)


def explain(terms: LoanTerms, events: Iterable[LoanEvent], *, on: date) -> LoanExplanation:
    """Return the derivation of a loan's debt on a day from its events up to it; a day before the first: ValueError."""
    way = walk(terms, events, on=on)
    cap, charged = _cap(way, on=on)
    ends = _period_ends(way.state)
    rows: list[RowWorking] = []
    numerator = numerator_today = billed = billed_today = place = 0
    starts_on = way.state.terms.starts_on
    for row in way.state.installments:
        ends_on = ends.get(row.number, starts_on)
        mine = []
        while place < len(way.contract) and way.contract[place].ends_on <= ends_on:
            mine.append(way.contract[place])
            place += 1
        interest = _interest(mine, state=way.state, before=numerator, billed_fen=billed)
        used = [part for part in mine if not part.is_planned]
        accrued = _interest(used, state=way.state, before=numerator_today, billed_fen=billed_today)
        rows.append(_row(row, way=way, on=on, span=(starts_on, ends_on), interest=interest, accrued=accrued,
                         penalty=_penalty(row, way=way, charged=charged)))
        numerator, billed = interest.numerator_after, interest.cumulative_fen
        numerator_today, billed_today = accrued.numerator_after, accrued.cumulative_fen
        starts_on = ends_on
    return LoanExplanation(
        terms=way.state.terms, on=on, rows=tuple(rows), cap=cap, payments=tuple(way.payments), state=way.state
    )


def _period_ends(state: LoanState) -> dict[int, date]:
    """Return the day on which the interest period of each row ends; rows emptied by a prepayment have none."""
    ends: dict[int, date] = {}
    latest: date | None = None
    for row in reversed(state.installments):
        is_early = row.settled_on is not None and row.settled_on < row.due_on
        if is_early and row.principal_fen == row.interest_fen == 0:
            continue
        end = row.settled_on if is_early and row.settled_on else row.due_on
        latest = end if latest is None else min(end, latest)
        ends[row.number] = latest
    return ends


def _interest(segments: list[Segment], *, state: LoanState, before: int, billed_fen: int) -> InterestWorking:
    after = before + sum(part.numerator for part in segments)
    cumulative = interest_fen(after, terms=state.terms)
    return InterestWorking(
        segments=merged(segments),
        numerator_before=before,
        billed_before_fen=billed_fen,
        numerator_after=after,
        cumulative_fen=cumulative,
        charged_fen=cumulative - billed_fen,
    )


def _penalty_exact(row: InstallmentState, *, way: Walk) -> tuple[int, int]:
    """Return the row's exact penalty before the cap in 1e-8 fen, and its nearest fen."""
    numerator = sum(part.numerator for part in way.penalty.get(row.number, []))
    return numerator, round_half_up(numerator, E8)


def _cap(way: Walk, *, on: date) -> tuple[CapWorking, dict[int, int]]:
    """Return how far the cap reaches and the penalty charged by row: the oldest fills it first."""
    state = way.state
    principal_days = sum(part.days * part.principal_fen for part in way.balance)
    ceiling = cap_numerator(principal_days, annual_cap_ppm=state.terms.annual_cap_ppm)
    interest = sum(part.numerator for part in way.contract if not part.is_planned)
    fee_fen = sum(row.fee_fen for row in state.installments)
    headroom = max((ceiling - interest) // E8 - fee_fen - 1, 0)
    charged = {row.number: row.penalty_paid_fen for row in state.installments}
    left = headroom - sum(row.penalty_paid_fen for row in state.installments if row.is_settled)
    for row in state.installments:
        if not row.is_settled and row.due_on < on:
            charged[row.number] = max(min(_penalty_exact(row, way=way)[1], left), row.penalty_paid_fen)
            left -= charged[row.number]
    penalty_fen = sum(charged.values())
    rounded = sum(_penalty_exact(row, way=way)[1] for row in state.installments)
    working = CapWorking(
        balance=merged(way.balance),
        principal_days=principal_days,
        annual_cap_ppm=state.terms.annual_cap_ppm,
        ceiling_numerator=ceiling,
        interest_numerator=interest,
        fee_fen=fee_fen,
        headroom_fen=headroom,
        penalty_fen=penalty_fen,
        cut_fen=rounded - penalty_fen,
        capped_on=way.capped_on,
    )
    return working, charged


def _penalty(row: InstallmentState, *, way: Walk, charged: dict[int, int]) -> PenaltyWorking:
    numerator, rounded = _penalty_exact(row, way=way)
    return PenaltyWorking(
        segments=merged(way.penalty.get(row.number, [])),
        numerator=numerator,
        rounded_fen=rounded,
        charged_fen=charged[row.number],
        paid_fen=row.penalty_paid_fen,
    )


def _row(
    row: InstallmentState,
    *,
    way: Walk,
    on: date,
    span: tuple[date, date],
    interest: InterestWorking,
    accrued: InterestWorking,
    penalty: PenaltyWorking,
) -> RowWorking:
    paid = Parts(row.principal_paid_fen, row.interest_paid_fen, row.penalty_paid_fen, row.fee_paid_fen)
    unpaid = Parts(
        row.principal_unpaid_fen,
        interest.charged_fen - row.interest_paid_fen,
        penalty.charged_fen - row.penalty_paid_fen,
        row.fee_unpaid_fen,
    )
    return RowWorking(
        number=row.number,
        status=_status(row, on=on, starts_on=span[0]),
        starts_on=span[0],
        ends_on=span[1],
        due_on=row.due_on,
        days_past_due=0 if row.is_settled or unpaid.total_fen == 0 else max((on - row.due_on).days, 0),
        principal_fen=row.principal_fen,
        principal_rule=_principal_rule(row, state=way.state, size_fen=way.sizes[row.number]),
        size_fen=way.sizes[row.number],
        interest=interest,
        accrued=accrued,
        penalty=penalty,
        fee_fen=row.fee_fen,
        paid=paid,
        unpaid=unpaid,
    )


def _status(row: InstallmentState, *, on: date, starts_on: date) -> RowStatus:
    if row.settled_on is not None:
        is_dropped = row.settled_on < row.due_on and row.principal_fen == row.interest_fen == 0
        return RowStatus.DROPPED if is_dropped else RowStatus.SETTLED
    if row.due_on <= on:
        return RowStatus.OVERDUE if row.due_on < on else RowStatus.DUE
    return RowStatus.CURRENT if starts_on <= on else RowStatus.PLANNED


def _principal_rule(row: InstallmentState, *, state: LoanState, size_fen: int) -> PrincipalRule:
    """Return the rule that holds exactly for the row as it stands."""
    after = [other for other in state.installments if other.number > row.number]
    is_last = not any(other.principal_fen or other.interest_fen for other in after)
    if row.principal_fen == 0:
        return PrincipalRule.NONE
    if is_last:
        return PrincipalRule.REST
    method = state.terms.method
    if method is RepaymentMethod.EQUAL_PRINCIPAL and row.principal_fen == size_fen:
        return PrincipalRule.SHARE
    if method is RepaymentMethod.LEVEL_PAYMENT and row.principal_fen + row.interest_fen == size_fen:
        return PrincipalRule.LEVEL
    remaining = row.principal_fen + sum(other.principal_fen for other in after)
    if method is RepaymentMethod.REVOLVING and row.principal_fen == minimum_principal(remaining):
        return PrincipalRule.MINIMUM
    return PrincipalRule.PLANNED
