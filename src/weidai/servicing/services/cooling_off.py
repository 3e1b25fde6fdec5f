"""The cooling-off time after a cash drawdown (R7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from weidai.lending import policy
from weidai.lending import selectors as lending_rows
from weidai.lending.accounts import LoanAccount


def is_cooling_off(account: LoanAccount, *, at: datetime, arrivals: Mapping[UUID, datetime] | None = None) -> bool:
    """Say whether the whole principal may be given back without interest: in time, and nothing repaid before.

    `arrivals` holds the instants of many loans read at once; without it this loan's is read.
    """
    if account.is_settled or account.state.outstanding_principal_fen != account.principal_fen:
        return False
    if any(row.interest_paid_fen for row in account.state.installments):
        return False
    if arrivals is None:
        arrivals = lending_rows.disbursements_booked_at(account.customer_id, loan_ids=[account.id])
    arrived_at = arrivals.get(account.id)
    hours = policy.current(account.state.terms.starts_on).cooling_off_hours
    return arrived_at is not None and at <= arrived_at + timedelta(hours=hours)
