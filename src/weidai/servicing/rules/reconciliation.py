"""How one request compares between the bank's file, our books and the neighbouring days. Pure; amounts are signed fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Outcome(StrEnum):
    """What the comparison of one request says."""

    MATCHED = "matched"
    TIMING = "timing"
    MISSING_AT_BANK = "missing_at_bank"
    MISSING_HERE = "missing_here"
    AMOUNT_DIFFERS = "amount_differs"


@dataclass(frozen=True, slots=True)
class Sides:
    """One request on a day, and over all days known: of the bank every reconciled file, of the ledger everything.

    `expected_on` is the bank day that our own record of the request names, if it names one.
    """

    bank_fen: int
    ledger_fen: int
    bank_total_fen: int
    ledger_total_fen: int
    expected_on: date | None = None

    @property
    def is_level(self) -> bool:
        """Whether both sides have come to the same sum."""
        return self.bank_total_fen == self.ledger_total_fen


def outcome_of(sides: Sides, *, on: date) -> Outcome:
    """Return the outcome for day `on`.

    Equal on the day: matched. Equal over all days, or expected by our own record on a later bank day: timing, closed by
    the run of the other day. Anything else is named by the side that is missing.
    """
    if sides.bank_fen == sides.ledger_fen:
        return Outcome.MATCHED
    if sides.is_level or (sides.bank_fen == 0 and sides.expected_on is not None and sides.expected_on > on):
        return Outcome.TIMING
    if sides.bank_fen == 0:
        return Outcome.MISSING_AT_BANK
    if sides.ledger_fen == 0:
        return Outcome.MISSING_HERE
    return Outcome.AMOUNT_DIFFERS


@dataclass(frozen=True, slots=True)
class AccountProof:
    """One bank account on one day: what the bank says, what the ledger says, what stands between them; fen."""

    opening_fen: int
    in_fen: int
    out_fen: int
    closing_fen: int
    rows_fen: int
    ledger_fen: int
    timing_fen: int
    difference_fen: int
    previous_closing_fen: int | None

    @property
    def is_proven(self) -> bool:
        """closing − opening = rows of the file = ledger movement + timing + differences, and no gap to the day before."""
        moved_fen = self.closing_fen - self.opening_fen
        return (moved_fen == self.in_fen - self.out_fen == self.rows_fen
                and moved_fen == self.ledger_fen + self.timing_fen + self.difference_fen
                and self.previous_closing_fen in (None, self.opening_fen))
