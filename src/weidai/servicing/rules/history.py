"""A loan is a fold over its events, so a backdated or reversed payment is a replay (R7.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TypeAlias

from weidai.lending.rules import LoanState, LoanTerms, loan_open, schedule_build
from weidai.servicing.rules.allocation import AllocationOrder, AllocationResult, allocate, cooling_off_settle
from weidai.servicing.rules.folding import Allocated, Folding
from weidai.servicing.rules.prepayment import PrepaymentChoice


@dataclass(frozen=True, slots=True)
class Disbursed:
    """The money arrived; interest starts and the schedule is dated from this day (R6.3). Always the first event."""

    on: date


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment received on a day; `key` is the caller's own id of it, used to take it out again."""

    on: date
    amount_fen: int
    choice: PrepaymentChoice = PrepaymentChoice.SHORTEN_TERM
    order: AllocationOrder = AllocationOrder.CHARGES_FIRST
    key: str = ""


@dataclass(frozen=True, slots=True)
class CooledOff:
    """The borrower gave the whole principal back within the cooling-off period."""

    on: date
    amount_fen: int
    key: str = ""


Repaid: TypeAlias = Paid | CooledOff
LoanEvent: TypeAlias = Disbursed | Repaid


@dataclass(frozen=True, slots=True)
class Replay:
    """The state after all events, and what each payment became, in the order of the events."""

    state: LoanState
    results: tuple[tuple[Repaid, Allocated], ...]


def fold(terms: LoanTerms, events: Iterable[LoanEvent]) -> LoanState:
    """Return the state of a loan after its events, in order."""
    return replay(terms, events).state


def replay(terms: LoanTerms, events: Iterable[LoanEvent]) -> Replay:
    """Return the state after the events and what each payment became. The first event is the disbursement."""
    loan: Folding | None = None
    results: list[tuple[Repaid, Allocated]] = []
    for event in events:
        if isinstance(event, Disbursed):
            if loan is not None:
                raise ValueError("a loan is disbursed once")
            loan = Folding(loan_open(schedule_build(replace(terms, starts_on=event.on))))
            continue
        if loan is None:
            raise ValueError("a loan's first event is its disbursement")
        if isinstance(event, Paid):
            became = loan.pay(event.amount_fen, on=event.on, choice=event.choice, order=event.order)
        else:
            became = loan.apply(partial(apply_event, event=event))
        results.append((event, became))
    if loan is None:
        raise ValueError("a loan's first event is its disbursement")
    return Replay(state=loan.state(), results=tuple(results))


def apply_event(state: LoanState, event: Repaid) -> AllocationResult:
    """Return what one repayment event does to the loan. A replay does the same to the fen, only faster (a law)."""
    if isinstance(event, CooledOff):
        return cooling_off_settle(state, amount_fen=event.amount_fen, on=event.on)
    return allocate(state, amount_fen=event.amount_fen, on=event.on, choice=event.choice, order=event.order)


def history_with(events: Sequence[LoanEvent], event: Repaid) -> tuple[LoanEvent, ...]:
    """Return the history with a (possibly backdated) payment after all others of its day or earlier."""
    place = sum(1 for other in events if isinstance(other, Disbursed) or other.on <= event.on)
    return (*events[:place], event, *events[place:])


def history_without(events: Sequence[LoanEvent], *, key: str) -> tuple[LoanEvent, ...]:
    """Return the history without the reversed payment of this key; a key that is not there once is a ValueError."""
    kept = tuple(event for event in events if isinstance(event, Disbursed) or event.key != key)
    if len(kept) != len(events) - 1:
        raise ValueError("exactly one payment of the history must have this key")
    return kept
