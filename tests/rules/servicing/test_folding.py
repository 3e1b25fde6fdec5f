"""The fast fold is the rules, event by event; order within a day, reversals and the ledger's balances (R7.1)."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.lending.strategies import loan_terms
from tests.rules.servicing.test_allocation import histories
from weidai.ledger.rules import AccountRef, Transfer
from weidai.lending.rules import (
    LoanState,
    LoanTerms,
    RepaymentMethod,
    loan_open,
    owed,
    schedule_build,
    settlement_quote,
)
from weidai.servicing.bookings import billed_after, event_transfers, position_of
from weidai.servicing.rules import (
    AllocationOrder,
    CooledOff,
    Disbursed,
    LoanEvent,
    Paid,
    PrepaymentChoice,
    allocate,
    allocated,
    apply_event,
    fold,
    history_with,
    history_without,
    replay,
)

LOAN = UUID(int=7)
MOST_MILLISECONDS = 50


@st.composite
def long_histories(draw: st.DrawFn) -> tuple[LoanTerms, list[Paid | CooledOff]]:
    """Draw a loan with many payments: most of them small, in clusters, now and then large or with smaller installments."""
    terms = draw(loan_terms(smallest_fen=2_000))
    on, events = terms.starts_on, []
    if draw(st.integers(0, 9)) == 0:
        events.append(CooledOff(on, terms.principal_fen, key="cooled"))
    mostly = draw(st.sampled_from([0, 1, 8, 31]))
    small = max(terms.principal_fen // draw(st.integers(5, 400)), 1)
    for index in range(draw(st.integers(0, 40))):
        on += timedelta(days=draw(st.one_of(st.just(mostly), st.integers(0, 40))))
        amount = draw(st.one_of(st.just(small), st.integers(1, max(small * 3, 2))))
        choice = draw(st.sampled_from([PrepaymentChoice.SHORTEN_TERM] * 5 + [PrepaymentChoice.SMALLER_INSTALLMENTS]))
        events.append(Paid(on, amount, choice, draw(st.sampled_from(AllocationOrder)), key=str(index)))
    return terms, events


@given(long_histories())
def test_the_fast_fold_is_the_rules_event_by_event(history: tuple[LoanTerms, list[Paid | CooledOff]]) -> None:
    terms, events = history
    state, live = loan_open(schedule_build(terms)), []
    for event in events:
        result = apply_event(state, event)
        live.append((event, allocated(result)))
        state = result.state_after
    replayed = replay(terms, [Disbursed(terms.starts_on), *events])
    assert list(replayed.results) == live
    assert replayed.state == state


@pytest.mark.parametrize("method", list(RepaymentMethod))
@pytest.mark.parametrize("amount_fen", [7_000, *(pytest.param(fen, marks=pytest.mark.long) for fen in (100, 30_000))])
def test_2400_events_are_folded_in_fifty_milliseconds(method: RepaymentMethod, amount_fen: int) -> None:
    """Late every month, ahead every day, or soon repaid and refunded ever after; processor time, the best of five."""
    terms = LoanTerms(principal_fen=20_000_000, daily_rate_e8=40_000, method=method, term_months=36,
                      starts_on=date(2020, 1, 5), due_day=10)
    days = [terms.starts_on + timedelta(days=number * 1_080 // 2_400) for number in range(2_399)]
    events: list[LoanEvent] = [Disbursed(terms.starts_on), *(Paid(on, amount_fen) for on in days)]
    spent = []
    for _ in range(5):
        began = time.thread_time()
        replay(terms, events)
        spent.append(time.thread_time() - began)
    assert min(spent) * 1_000 < MOST_MILLISECONDS


@given(histories(), st.integers(0, 200), st.lists(st.integers(1, 10**7), min_size=2, max_size=4), st.randoms())
def test_the_order_of_payments_within_a_day_does_not_matter(
    history: tuple[LoanTerms, list[Paid]], wait: int, amounts: list[int], random: object
) -> None:
    """The same debt is left, the same is refunded; with nothing paid ahead the loan is the same row by row."""
    terms, payments = history
    state = fold(terms, [Disbursed(terms.starts_on), *payments])
    on = state.anchored_on + timedelta(days=wait)
    shuffled = list(amounts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    (one, refund), (other, other_refund) = _pay(state, amounts, on=on), _pay(state, shuffled, on=on)
    assert settlement_quote(one, on=on).total_fen == settlement_quote(other, on=on).total_fen
    assert refund == other_refund
    if sum(amounts) <= owed(state, on=on).total_fen:
        assert one == other


def _pay(state: LoanState, amounts: list[int], *, on: date) -> tuple[LoanState, int]:
    refunded = 0
    for amount in amounts:
        result = allocate(state, amount_fen=amount, on=on)
        state, refunded = result.state_after, refunded + result.refund_fen
    return state, refunded


@given(histories(), st.integers(0, 300), st.integers(1, 10**7))
def test_a_reversal_restores_every_balance(history: tuple[LoanTerms, list[Paid]], after: int, amount: int) -> None:
    """A payment turns up, backdated or not, and is taken out again: what the ledger got for both is nothing."""
    terms, payments = history
    events = [Disbursed(terms.starts_on), *payments]
    before = fold(terms, events)
    with_it = history_with(events, Paid(terms.starts_on + timedelta(days=after), amount, key="wrong"))
    meanwhile, again = fold(terms, with_it), fold(terms, history_without(with_it, key="wrong"))
    assert again == before
    billed = {row.number: row.interest_fen for row in before.installments if row.due_on < before.anchored_on}
    billed = billed_after(before, billed_fen=billed)
    at_first = position_of(before, billed_fen=billed)
    while_there = position_of(meanwhile, billed_fen=billed_after(meanwhile, billed_fen=billed))
    there = event_transfers(LOAN, before=at_first, after=while_there)
    back = event_transfers(LOAN, before=while_there, after=position_of(again, billed_fen=billed))
    assert not any(_net([*there, *back]).values())


def _net(transfers: list[Transfer]) -> Counter[AccountRef]:
    net: Counter[AccountRef] = Counter()
    for transfer in transfers:
        net[transfer.debit] += transfer.amount_fen
        net[transfer.credit] -= transfer.amount_fen
    return net
