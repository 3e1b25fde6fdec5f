"""One payment over several loans of a customer: overdue loans first, then earliest due (R7.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from weidai.lending.rules import LoanState, Owed, owed, settlement_quote
from weidai.servicing.rules.allocation import AllocationOrder, AllocationResult, allocate
from weidai.servicing.rules.prepayment import PrepaymentChoice


@dataclass(frozen=True, slots=True)
class LoanShare:
    """The part of a payment one loan got; `index` is its place in the list given."""

    index: int
    amount_fen: int
    result: AllocationResult


@dataclass(frozen=True, slots=True)
class LoansAllocation:
    """Σ shares + refund = amount paid. Shares in the order in which the loans were served; refund only at the end."""

    shares: tuple[LoanShare, ...]
    refund_fen: int


def allocate_across_loans(
    loans: Sequence[LoanState],
    *,
    amount_fen: int,
    on: date,
    choice: PrepaymentChoice = PrepaymentChoice.SHORTEN_TERM,
    order: AllocationOrder = AllocationOrder.CHARGES_FIRST,
) -> LoansAllocation:
    """Return a payment spread over loans: all overdue rows' loans by oldest due date, then due today, then ahead."""
    debts = [owed(loan, on=on) for loan in loans]
    served = sorted(range(len(loans)), key=lambda index: _urgency(debts[index], loans[index]))
    left, amounts = amount_fen, dict.fromkeys(served, 0)
    for index in served:
        amounts[index] = min(left, debts[index].total_fen)
        left -= amounts[index]
    for index in served:
        if left == 0:
            break
        more = min(left, settlement_quote(loans[index], on=on).total_fen - amounts[index])
        amounts[index] += more
        left -= more
    shares = tuple(
        LoanShare(
            index=index,
            amount_fen=amounts[index],
            result=allocate(loans[index], amount_fen=amounts[index], on=on, choice=choice, order=order),
        )
        for index in served
        if amounts[index] > 0
    )
    return LoansAllocation(shares=shares, refund_fen=left)


def _urgency(debt: Owed, loan: LoanState) -> tuple[date, date]:
    oldest = debt.due[0].due_on if debt.due else debt.next_due_on
    return oldest or date.max, loan.terms.starts_on
