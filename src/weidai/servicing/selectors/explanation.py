"""Reading how a debt arose: derived again from the payments, and held against the figures the loan carries (R6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from weidai.lending import selectors as lending
from weidai.lending.rules import LoanState, owed, settlement_quote
from weidai.platform import clock
from weidai.servicing.explain_sheet import CoolingOff, SheetSection, sheet_build
from weidai.servicing.rules.explain import LoanExplanation, explain
from weidai.servicing.services.cooling_off import is_cooling_off
from weidai.servicing.services.history import history_of


@dataclass(frozen=True, slots=True)
class LoanExplained:
    """A loan's debt on a day line by line; amounts in fen. Nothing to explain before the money arrived.

    `agrees`: the derivation gives the figures the loan's own record gives; None for a day before its last event.
    """

    loan: lending.LoanRow
    on: date
    owed_fen: int
    payoff_fen: int
    is_cooling_off: bool
    agrees: bool | None
    explanation: LoanExplanation | None
    sheet: tuple[SheetSection, ...]


def loan_explanation(customer_id: UUID, loan_id: UUID, *, on: date | None = None) -> LoanExplained:
    """Return every fen of a loan's debt on a day (today) derived from its payments; raises LoanNotFound.

    At most five statements, whatever the history. A past day is explained by the payments counted until then; a
    coming day as if nothing were paid before.
    """
    loan = lending.loan_get(customer_id, loan_id)
    day = on or clock.today()
    accounts = lending.accounts_for(customer_id, loan_id=loan_id)
    if not accounts or day < accounts[0].state.terms.starts_on:
        return LoanExplained(loan, day, 0, 0, False, None, None, ())
    account = accounts[0]
    if on is None:
        day = max(day, account.state.anchored_on)
    found = explain(account.state.terms, history_of(account), on=day)
    is_free = day == clock.today() and is_cooling_off(account, at=clock.now())
    cooling_off = CoolingOff(account.principal_fen) if is_free else None
    return LoanExplained(
        loan=loan, on=day, owed_fen=found.owed.total_fen,
        payoff_fen=account.principal_fen if is_free else found.payoff.total_fen, is_cooling_off=is_free,
        agrees=_agrees(found, state=account.state), explanation=found, sheet=sheet_build(found, cooling_off=cooling_off))


def _agrees(found: LoanExplanation, *, state: LoanState) -> bool | None:
    if found.on < state.anchored_on:
        return None
    debt, quote = owed(state, on=found.on), settlement_quote(state, on=found.on)
    owed_by_row = {row.number: row.unpaid.total_fen for row in found.rows if row.is_due and row.unpaid.total_fen}
    payoff = found.payoff
    return owed_by_row == {part.number: part.total_fen for part in debt.due} and (
        payoff.principal_fen, payoff.interest_fen, payoff.penalty_fen, payoff.fee_fen) == (
        quote.principal_fen, quote.interest_fen, quote.penalty_fen, quote.fee_fen)
