"""A loan walked from day to day: on which principal which rate ran for how many days, and what each payment changed.

Nothing is carried over from the sums a state keeps: every product is formed here again, from days × rate × principal,
so that the explanation is a second derivation of the same debt and not a retelling of the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from weidai.kernel.money import E8, round_half_up
from weidai.lending.rules import (
    InstallmentState,
    LoanState,
    LoanTerms,
    loan_open,
    penalties_unpaid_fen,
    penalty_numerator_on,
    schedule_build,
)
from weidai.servicing.rules.history import CooledOff, Disbursed, LoanEvent, Repaid, apply_event
from weidai.servicing.rules.prepayment import AllocationLine


@dataclass(frozen=True, slots=True)
class Segment:
    """Days on which the same principal stood at the same rate: first day counted, last not."""

    starts_on: date
    ends_on: date
    days: int
    principal_fen: int
    daily_rate_e8: int
    numerator: int  # days × principal × rate, exact, in 1e-8 fen
    is_planned: bool = False  # still ahead: what will run if nothing is paid before


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a payment made of a row that was still to come; amounts in fen."""

    number: int
    due_on: date
    principal_before_fen: int
    principal_after_fen: int
    interest_before_fen: int
    interest_after_fen: int


@dataclass(frozen=True, slots=True)
class PaymentWorking:
    """One repayment: what it paid by component, what was too much, and what it changed in the plan; fen."""

    event: Repaid
    lines: tuple[AllocationLine, ...]
    refund_fen: int
    outstanding_before_fen: int
    outstanding_after_fen: int
    changes: tuple[RowChange, ...]
    is_cooling_off: bool


@dataclass(slots=True)
class Walk:
    """The whole way from the first day to `on`, and the plan ahead."""

    state: LoanState
    contract: list[Segment] = field(default_factory=list)
    balance: list[Segment] = field(default_factory=list)  # all unpaid principal, overdue or not: the base of the cap
    penalty: dict[int, list[Segment]] = field(default_factory=dict)
    payments: list[PaymentWorking] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)  # the regular installment when each row was last planned
    capped_on: date | None = None  # the first day on which the cap cut a penalty


def walk(terms: LoanTerms, events: Iterable[LoanEvent], *, on: date) -> Walk:
    """Return the walk through the events up to `on`. The first is the disbursement; a day before it is a ValueError."""
    known = [event for event in events if event.on <= on]
    first, rest = (known[0], known[1:]) if known else (None, [])
    if not isinstance(first, Disbursed):
        raise ValueError("an explanation begins with the disbursement")
    way = Walk(loan_open(schedule_build(replace(terms, starts_on=first.on))))
    way.sizes = {row.number: way.state.size_fen for row in way.state.installments}
    for event in rest:
        if isinstance(event, Disbursed):
            raise ValueError("a loan is disbursed once")
        _advance(way, until=event.on)
        _apply(way, event)
    _advance(way, until=on)
    last = max(row.due_on for row in way.state.installments)
    for row in way.state.installments:
        if segment := _penalty_run(row, state=way.state, until=on):
            way.penalty.setdefault(row.number, []).append(segment)
    way.contract += [replace(part, is_planned=True) for part in contract_segments(way.state, starts_on=on, until=last)]
    return way


def contract_segments(state: LoanState, *, starts_on: date, until: date) -> list[Segment]:
    """Return contract interest between two days without an event: on principal not yet due, split at due dates."""
    stops = sorted({row.due_on for row in state.installments if starts_on < row.due_on < until})
    points = [starts_on, *stops, until]
    segments = []
    for first, last in pairwise(points):
        bearing = sum(row.principal_unpaid_fen for row in state.installments if row.due_on > first)
        if bearing > 0 and last > first:
            segments.append(segment(first, last, principal_fen=bearing, daily_rate_e8=state.terms.daily_rate_e8))
    return segments


def segment(starts_on: date, ends_on: date, *, principal_fen: int, daily_rate_e8: int) -> Segment:
    """Return one product: days × principal × daily rate."""
    days = (ends_on - starts_on).days
    return Segment(starts_on, ends_on, days, principal_fen, daily_rate_e8, days * principal_fen * daily_rate_e8)


def merged(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return the segments with neighbours of the same principal made one."""
    found: list[Segment] = []
    for part in segments:
        last = found[-1] if found else None
        if last and (last.ends_on, last.principal_fen, last.is_planned) == (
            part.starts_on,
            part.principal_fen,
            part.is_planned,
        ):
            days, numerator = last.days + part.days, last.numerator + part.numerator
            found[-1] = replace(last, ends_on=part.ends_on, days=days, numerator=numerator)
        else:
            found.append(part)
    return tuple(found)


def _advance(way: Walk, *, until: date) -> None:
    """Let the days pass between the last event and `until`."""
    state, since = way.state, way.state.anchored_on
    way.contract += contract_segments(state, starts_on=since, until=until)
    if state.outstanding_principal_fen and until > since:
        way.balance.append(segment(since, until, principal_fen=state.outstanding_principal_fen, daily_rate_e8=0))
    if way.capped_on is None:
        way.capped_on = _first_capped(state, until=until)


def _first_capped(state: LoanState, *, until: date) -> date | None:
    """Return the first day after the anchor through `until` on which the cap cuts a penalty, or None."""
    if not _is_capped(state, on=until):
        return None
    days = range(1, (until - state.anchored_on).days)
    ahead = (state.anchored_on + timedelta(days=number) for number in days)
    return next((day for day in ahead if _is_capped(state, on=day)), until)


def _is_capped(state: LoanState, *, on: date) -> bool:
    unpaid = penalties_unpaid_fen(state, on=on)
    return any(
        unpaid[row.number] + row.penalty_paid_fen < round_half_up(penalty_numerator_on(row, state=state, on=on), E8)
        for row in state.installments
        if row.number in unpaid
    )


def _apply(way: Walk, event: Repaid) -> None:
    """Let a payment do its work and note what it changed."""
    before = way.state
    result = apply_event(before, event)
    after = way.state = result.state_after
    is_cooling_off = isinstance(event, CooledOff)
    if is_cooling_off:
        way.contract.clear()  # given back in time: no interest was ever charged
    changes = []
    for old, new in zip(before.installments, after.installments, strict=True):
        if new.penalty_anchored_on != old.penalty_anchored_on and (run := _penalty_run(old, state=before, until=event.on)):
            way.penalty.setdefault(new.number, []).append(run)
        if (old.principal_fen, old.interest_fen) != (new.principal_fen, new.interest_fen):
            way.sizes[new.number] = after.size_fen
            changes.append(_change(old, new))
    way.payments.append(
        PaymentWorking(
            event=event,
            lines=result.lines,
            refund_fen=result.refund_fen,
            outstanding_before_fen=before.outstanding_principal_fen,
            outstanding_after_fen=after.outstanding_principal_fen,
            changes=tuple(changes),
            is_cooling_off=is_cooling_off,
        )
    )


def _change(old: InstallmentState, new: InstallmentState) -> RowChange:
    return RowChange(
        number=new.number,
        due_on=new.due_on,
        principal_before_fen=old.principal_fen,
        principal_after_fen=new.principal_fen,
        interest_before_fen=old.interest_fen,
        interest_after_fen=new.interest_fen,
    )


def _penalty_run(row: InstallmentState, *, state: LoanState, until: date) -> Segment | None:
    """Return the penalty of an overdue row since its anchor, None within the grace days or with nothing to bear it."""
    if row.is_settled or (until - row.due_on).days <= state.terms.grace_days or row.principal_unpaid_fen == 0:
        return None
    since = row.penalty_anchored_on or row.due_on
    if until <= since:
        return None
    rate = state.terms.penalty_daily_rate_e8
    return segment(since, until, principal_fen=row.principal_unpaid_fen, daily_rate_e8=rate)
