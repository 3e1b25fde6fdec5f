"""The exact pay-off figure of a loan (R6.6, R7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from weidai.kernel.days import shanghai_date
from weidai.lending import selectors as lending_rows
from weidai.lending.accounts import LoanAccount
from weidai.lending.errors import LoanNotFound
from weidai.lending.rules import settlement_quote
from weidai.platform import clock
from weidai.servicing.services.cooling_off import is_cooling_off


@dataclass(frozen=True, slots=True)
class SettleQuote:
    """What it costs to end a loan on a day, in fen; within the cooling-off time the principal alone."""

    loan_id: UUID
    on: date
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    fee_fen: int
    interest_saved_fen: int
    total_fen: int
    is_cooling_off: bool


def quote_for(
    account: LoanAccount, *, at: datetime, arrivals: Mapping[UUID, datetime] | None = None,
) -> SettleQuote:
    """Return the pay-off figure of a loan for money received at an instant; `arrivals` as in `is_cooling_off`."""
    on = max(shanghai_date(at), account.state.anchored_on)
    quote = settlement_quote(account.state, on=on)
    if is_cooling_off(account, at=at, arrivals=arrivals):
        saved = sum(row.interest_fen for row in account.state.installments)
        return SettleQuote(account.id, on, account.principal_fen, 0, 0, 0, saved, account.principal_fen, True)
    return SettleQuote(account.id, on, quote.principal_fen, quote.interest_fen, quote.penalty_fen, quote.fee_fen,
                       quote.interest_saved_fen, quote.total_fen, False)


def settle_quote(customer_id: UUID, *, loan_id: UUID) -> SettleQuote:
    """Return what the customer pays to settle a loan now; good until midnight Shanghai."""
    accounts = lending_rows.accounts_for(customer_id, loan_id=loan_id)
    if not accounts:
        raise LoanNotFound
    return quote_for(accounts[0], at=clock.now())
