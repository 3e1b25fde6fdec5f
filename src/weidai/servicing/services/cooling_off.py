"""The cooling-off time after a cash drawdown (R7.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from weidai.lending import policy
from weidai.lending import selectors as lending_rows
from weidai.lending.accounts import LoanAccount


def is_cooling_off(account: LoanAccount, *, at: datetime) -> bool:
    """Say whether the whole principal may be given back without interest: in time, and nothing repaid before."""
    if account.is_settled or account.state.outstanding_principal_fen != account.principal_fen:
        return False
    if any(row.interest_paid_fen for row in account.state.installments):
        return False
    arrived_at = lending_rows.disbursement_booked_at(account.customer_id, account.id)
    hours = policy.current(account.state.terms.starts_on).cooling_off_hours
    return arrived_at is not None and at <= arrived_at + timedelta(hours=hours)
