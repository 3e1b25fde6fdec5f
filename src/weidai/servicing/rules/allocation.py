"""Allocation: what one payment does to one loan (R7.1). Every fen of it is accounted for by a line or as a refund."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from weidai.lending.rules import (
    InstallmentState,
    LoanState,
    LoanStatus,
    OwedInstallment,
    owed,
    penalty_anchor,
    settlement_quote,
    state_carry,
)
from weidai.servicing.rules.prepayment import (
    NO_INSTALLMENT,
    AllocationLine,
    Component,
    PrepaymentChoice,
    prepay,
)


class AllocationOrder(StrEnum):
    """The order inside an installment; which one holds is configurable for more than 90 days past due (R7.1)."""

    CHARGES_FIRST = "charges_first"  # fee → penalty → interest → principal
    PRINCIPAL_FIRST = "principal_first"  # principal → interest → penalty → fee


COMPONENTS = {
    AllocationOrder.CHARGES_FIRST: (Component.FEE, Component.PENALTY, Component.INTEREST, Component.PRINCIPAL),
    AllocationOrder.PRINCIPAL_FIRST: (Component.PRINCIPAL, Component.INTEREST, Component.PENALTY, Component.FEE),
}


@dataclass(frozen=True, slots=True)
class AllocationResult:
    """What became of a payment. Σ lines + refund = amount paid; amounts in fen.

    A line with installment number 0 is principal prepaid outside any row; it is also `excess_prepaid_principal_fen`.
    """

    lines: tuple[AllocationLine, ...]
    excess_prepaid_principal_fen: int
    refund_fen: int
    state_after: LoanState

    def component_fen(self, component: Component) -> int:
        """Return the sum of the lines of one component."""
        return sum(line.amount_fen for line in self.lines if line.component is component)

    @property
    def principal_fen(self) -> int:
        """Principal repaid, in rows and ahead of them: the credit it frees."""
        return self.component_fen(Component.PRINCIPAL)

    @property
    def interest_fen(self) -> int:
        """Contract interest paid."""
        return self.component_fen(Component.INTEREST)

    @property
    def penalty_fen(self) -> int:
        """Penalty interest paid."""
        return self.component_fen(Component.PENALTY)

    @property
    def is_settled(self) -> bool:
        """The loan is fully repaid by this payment."""
        return self.state_after.status is LoanStatus.SETTLED


def allocate(
    state: LoanState,
    *,
    amount_fen: int,
    on: date,
    choice: PrepaymentChoice = PrepaymentChoice.SHORTEN_TERM,
    order: AllocationOrder = AllocationOrder.CHARGES_FIRST,
) -> AllocationResult:
    """Return what a payment received on a day does to the loan (R7.1).

    Rows due on or before the day first, oldest first, inside a row in `order`. What is left pays ahead: see `prepay`.
    What is left after everything is settled is a refund. A day before the loan's last event is a ValueError: replay.
    """
    if amount_fen <= 0:
        raise ValueError("a payment is a positive number of fen")
    left = amount_fen
    carried = state_carry(state, on=on)
    due = {row.number: row for row in owed(carried, on=on).due}
    lines: list[AllocationLine] = []
    rows = list(carried.installments)
    for index, row in enumerate(rows):
        if row.is_settled or row.due_on > on:
            continue
        part = due.get(row.number)
        paid, paid_lines = _pay_row(row, part=part, left=left, on=on, order=order, state=carried)
        rows[index] = paid
        lines.extend(paid_lines)
        left -= sum(line.amount_fen for line in paid_lines)
    current = replace(carried, installments=tuple(rows))
    prepaid_fen = 0
    if left > 0:
        ahead = prepay(current, amount_fen=left, on=on, choice=choice)
        lines.extend(ahead.lines)
        left -= sum(line.amount_fen for line in ahead.lines)
        prepaid_fen = sum(line.amount_fen for line in ahead.lines if line.installment_number == NO_INSTALLMENT)
        current = ahead.state_after
    return AllocationResult(
        lines=tuple(lines),
        excess_prepaid_principal_fen=prepaid_fen,
        refund_fen=left,
        state_after=close_if_nothing_is_left(current, on=on),
    )


def cooling_off_settle(state: LoanState, *, amount_fen: int, on: date) -> AllocationResult:
    """Return the loan undone within the cooling-off period: principal only, no interest, the rest refunded (R7.1).

    Whether the 24 hours still run is the caller's question; an amount below the principal is a ValueError.
    """
    principal = state.outstanding_principal_fen
    if amount_fen < principal or principal != state.terms.principal_fen:
        raise ValueError("cooling off needs the whole principal, with nothing repaid before")
    lines = tuple(
        AllocationLine(row.number, Component.PRINCIPAL, row.principal_fen)
        for row in state.installments
        if row.principal_fen > 0
    )
    rows = tuple(
        replace(row, interest_fen=0, principal_paid_fen=row.principal_fen, settled_on=on) for row in state.installments
    )
    carried = replace(state_carry(state, on=on), installments=rows, interest_numerator=0, status=LoanStatus.SETTLED)
    return AllocationResult(
        lines=lines, excess_prepaid_principal_fen=0, refund_fen=amount_fen - principal, state_after=carried
    )


def _pay_row(
    row: InstallmentState,
    *,
    part: OwedInstallment | None,
    left: int,
    on: date,
    order: AllocationOrder,
    state: LoanState,
) -> tuple[InstallmentState, list[AllocationLine]]:
    """Return a due row after as much of it is paid as `left` allows."""
    if part is None:  # nothing unpaid in it
        return replace(row, settled_on=on), []
    unpaid = {
        Component.FEE: part.fee_fen,
        Component.PENALTY: part.penalty_fen,
        Component.INTEREST: part.interest_fen,
        Component.PRINCIPAL: part.principal_fen,
    }
    taken = dict.fromkeys(Component, 0)
    for component in COMPONENTS[order]:
        taken[component] = min(left, unpaid[component])
        left -= taken[component]
    if not any(taken.values()):
        return row, []
    anchored = penalty_anchor(row, state=state, on=on)
    paid = replace(
        anchored,
        fee_paid_fen=row.fee_paid_fen + taken[Component.FEE],
        penalty_paid_fen=row.penalty_paid_fen + taken[Component.PENALTY],
        interest_paid_fen=row.interest_paid_fen + taken[Component.INTEREST],
        principal_paid_fen=row.principal_paid_fen + taken[Component.PRINCIPAL],
        settled_on=on if taken == unpaid else None,
    )
    order_lines = (AllocationLine(row.number, component, taken[component]) for component in COMPONENTS[order])
    return paid, [line for line in order_lines if line.amount_fen > 0]


def close_if_nothing_is_left(state: LoanState, *, on: date) -> LoanState:
    """Return the loan as settled when it owes nothing any more."""
    if state.status is LoanStatus.SETTLED or settlement_quote(state, on=on).total_fen > 0:
        return state
    rows = tuple(
        row if row.is_settled else replace(row, interest_fen=row.interest_paid_fen, settled_on=on)
        for row in state.installments
    )
    return replace(state, installments=rows, status=LoanStatus.SETTLED)
