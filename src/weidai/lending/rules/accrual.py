"""What has grown on a loan by a day: contract interest, Σ daily principal, penalty, and the cap on it all (R7.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from weidai.kernel.money import E8
from weidai.lending.rules.interest import cap_numerator, interest_fen
from weidai.lending.rules.state import InstallmentState, LoanState


def interest_numerator_on(state: LoanState, *, on: date) -> int:
    """Return exact contract interest from the start through `on`, in 1e-8 fen.

    Contract interest runs on principal not yet due; from its due date, overdue principal bears the penalty instead.
    """
    _refuse_past(state, on=on)
    rate, from_on = state.terms.daily_rate_e8, state.anchored_on
    numerator = state.interest_numerator
    ahead = [row for row in state.installments if row.due_on > from_on and row.principal_unpaid_fen > 0]
    bearing = sum(row.principal_unpaid_fen for row in ahead)
    for row in ahead:
        until = min(row.due_on, on)
        numerator += bearing * rate * (until - from_on).days
        if row.due_on >= on:
            break
        bearing -= row.principal_unpaid_fen
        from_on = row.due_on
    return numerator


def principal_days_on(state: LoanState, *, on: date) -> int:
    """Return Σ daily outstanding principal from the start through `on`, in fen × days."""
    _refuse_past(state, on=on)
    return state.principal_days + state.outstanding_principal_fen * (on - state.anchored_on).days


def current_installment(state: LoanState, *, on: date) -> InstallmentState | None:
    """Return the first row that falls due after `on` with something to pay in it, or None."""
    return next((row for row in state.installments if row.due_on > on and row.unpaid_fen > 0), None)


def accrued_interest_fen(state: LoanState, *, on: date) -> int:
    """Return interest accrued to `on` on principal not yet due and still unpaid: the price of settling it today."""
    current = current_installment(state, on=on)
    if current is None:
        return 0
    billed = sum(row.interest_fen for row in state.installments if row.number < current.number)
    cumulative = interest_fen(interest_numerator_on(state, on=on), terms=state.terms)
    return cumulative - billed - current.interest_paid_fen


def penalty_numerator_on(row: InstallmentState, *, state: LoanState, on: date) -> int:
    """Return the row's exact penalty through `on` before the cap, in 1e-8 fen; nothing within the grace days."""
    if row.is_settled or (on - row.due_on).days <= state.terms.grace_days:
        return row.penalty_numerator
    since = row.penalty_anchored_on or row.due_on
    return row.penalty_numerator + row.principal_unpaid_fen * state.terms.penalty_daily_rate_e8 * (on - since).days


def penalty_anchor(row: InstallmentState, *, state: LoanState, on: date) -> InstallmentState:
    """Return the row with its penalty carried forward to `on`, ready for its principal to change."""
    if row.is_settled or (on - row.due_on).days <= state.terms.grace_days:
        return row
    numerator = penalty_numerator_on(row, state=state, on=on)
    return replace(row, penalty_numerator=numerator, penalty_anchored_on=on)


def charge_headroom_fen(state: LoanState, *, on: date) -> int:
    """Return the most penalty the loan may ever have borne by `on`, in fen (R7.3).

    Cap ÷ 365 × Σ daily principal, less exact contract interest and fees, less one fen that leaves room for the rounding
    of interest: so the figure never shrinks from one day to the next, and what was charged stays lawful for ever.
    """
    cap = cap_numerator(principal_days_on(state, on=on), annual_cap_ppm=state.terms.annual_cap_ppm)
    fees = sum(row.fee_fen for row in state.installments)
    return max((cap - interest_numerator_on(state, on=on)) // E8 - fees - 1, 0)


def penalties_unpaid_fen(state: LoanState, *, on: date) -> dict[int, int]:
    """Return unpaid penalty by installment number, for rows past due and unsettled, capped over the whole loan.

    The cap is filled by the oldest installment first; what it cuts off a row that is then settled is waived for good.
    """
    headroom: int | None = None
    unpaid: dict[int, int] = {}
    for row in state.installments:
        if row.due_on >= on:
            break
        if row.is_settled:
            continue
        numerator = penalty_numerator_on(row, state=state, on=on)
        charged = (2 * numerator + E8) // (2 * E8)
        if headroom is None:
            settled = sum(other.penalty_paid_fen for other in state.installments if other.is_settled)
            headroom = charge_headroom_fen(state, on=on) - settled
        charged = max(min(charged, headroom), row.penalty_paid_fen)
        headroom -= charged
        unpaid[row.number] = charged - row.penalty_paid_fen
    return unpaid


def charges_total_fen(state: LoanState, *, on: date) -> int:
    """Return everything charged over the life of the loan by `on`: interest billed and accrued, penalty and fees."""
    interest = interest_fen(interest_numerator_on(state, on=on), terms=state.terms)
    penalty = sum(row.penalty_paid_fen for row in state.installments)
    fees = sum(row.fee_fen for row in state.installments)
    return interest + penalty + sum(penalties_unpaid_fen(state, on=on).values()) + fees


def state_carry(state: LoanState, *, on: date) -> LoanState:
    """Return the same loan with its exact sums carried forward to `on`; no figure of any later day changes."""
    return replace(
        state,
        anchored_on=on,
        interest_numerator=interest_numerator_on(state, on=on),
        principal_days=principal_days_on(state, on=on),
    )


def _refuse_past(state: LoanState, *, on: date) -> None:
    if on < state.anchored_on:
        raise ValueError("a day before the loan's last event needs a replay of its events")
