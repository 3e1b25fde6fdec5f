"""A loan's history of payments, and its replay when an earlier one turns up late (R7.1)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from weidai.lending.accounts import LoanAccount
from weidai.lending.rules import LoanState
from weidai.servicing.models import Repayment, RepaymentLine, RepaymentShare
from weidai.servicing.rules import (
    Allocated,
    AllocationOrder,
    Component,
    CooledOff,
    Disbursed,
    LoanEvent,
    Paid,
    PrepaymentChoice,
    Repaid,
    allocated,
    apply_event,
    history_with,
    history_without,
    replay,
)


@dataclass(frozen=True, slots=True)
class Booked:
    """A loan after one more event. `too_much` names earlier repayments of which the replay leaves something over."""

    account: LoanAccount
    state: LoanState
    too_much: tuple[tuple[Repayment, int], ...] = ()


def history_of(account: LoanAccount) -> tuple[LoanEvent, ...]:
    """Return the loan's events in the order in which they count; keys are the shares' ids."""
    shares = RepaymentShare.objects.filter(
        customer_id=account.customer_id, loan_id=account.id, repayment__state=Repayment.State.BOOKED,
    ).order_by("effective_on", "id")
    return (Disbursed(on=account.state.terms.starts_on), *(_event_of(share) for share in shares))


def _event_of(share: RepaymentShare) -> Repaid:
    if share.kind == RepaymentShare.Kind.COOLED_OFF:
        return CooledOff(on=share.effective_on, amount_fen=share.amount_fen, key=str(share.id))
    return Paid(on=share.effective_on, amount_fen=share.amount_fen, choice=PrepaymentChoice(share.choice),
                order=AllocationOrder(share.allocation_order), key=str(share.id))


def state_before(account: LoanAccount, *, on: date) -> LoanState:
    """Return the loan as a payment of that day finds it: its state, or a replay of what came until then."""
    if on >= account.state.anchored_on:
        return account.state
    events = [event for event in history_of(account) if isinstance(event, Disbursed) or event.on <= on]
    return replay(account.state.terms, events).state


def event_book(repayment: Repayment, account: LoanAccount, event: Repaid) -> Booked:
    """Write the share and its lines and return the loan after it; a backdated one replays what came later."""
    share = RepaymentShare.objects.create(
        customer_id=account.customer_id, repayment=repayment, loan_id=account.id, amount_fen=event.amount_fen,
        kind=RepaymentShare.Kind.PAID if isinstance(event, Paid) else RepaymentShare.Kind.COOLED_OFF,
        effective_on=event.on, choice=event.choice if isinstance(event, Paid) else "",
        allocation_order=event.order if isinstance(event, Paid) else "")
    keyed = replace(event, key=str(share.id))
    if event.on >= account.state.anchored_on:
        result = apply_event(account.state, keyed)
        _lines_write(share, allocated(result))
        return Booked(account, result.state_after)
    earlier = tuple(item for item in history_of(account) if isinstance(item, Disbursed) or item.key != keyed.key)
    replayed = replay(account.state.terms, history_with(earlier, keyed))
    return Booked(account, replayed.state, _redraw(account, {UUID(item.key): result
                                                             for item, result in replayed.results}))


def event_remove(account: LoanAccount, *, share_id: UUID) -> Booked:
    """Take a reversed repayment's share out of a loan's history and return the loan as if it had never been paid."""
    remaining = history_without(history_of(account), key=str(share_id))
    RepaymentLine.objects.filter(customer_id=account.customer_id, share_id=share_id).delete()
    replayed = replay(account.state.terms, remaining)
    return Booked(account, replayed.state, _redraw(account, {UUID(item.key): result
                                                             for item, result in replayed.results}))


def _redraw(account: LoanAccount, results: dict[UUID, Allocated]) -> tuple[tuple[Repayment, int], ...]:
    """Write every share's lines again and return, per repayment, what it no longer pays."""
    shares = RepaymentShare.objects.filter(customer_id=account.customer_id, id__in=list(results))
    RepaymentLine.objects.filter(customer_id=account.customer_id, share__in=shares).delete()
    too_much: list[tuple[Repayment, int]] = []
    for share in shares.select_related("repayment").order_by("id"):
        result = results[share.id]
        _lines_write(share, result)
        if result.refund_fen:
            RepaymentShare.objects.filter(pk=share.pk).update(amount_fen=share.amount_fen - result.refund_fen)
            too_much.append((share.repayment, result.refund_fen))
    return tuple(too_much)


def _lines_write(share: RepaymentShare, result: Allocated) -> None:
    parts: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COLUMNS.values(), 0))
    for line in result.lines:
        parts[line.installment_number][_COLUMNS[line.component]] += line.amount_fen
    RepaymentLine.objects.bulk_create([
        RepaymentLine(customer_id=share.customer_id, share=share, installment_number=number, **amounts)
        for number, amounts in parts.items()])


_COLUMNS = {Component.FEE: "fee_fen", Component.PENALTY: "penalty_fen", Component.INTEREST: "interest_fen",
            Component.PRINCIPAL: "principal_fen"}
