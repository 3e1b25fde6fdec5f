"""Rows of a computed schedule, while they are being filled and once they are done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from weidai.lending.conventions.exact import ZERO
from weidai.lending.conventions.periods import Period


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of unchanged balance and rate inside a row, with its factor and its interest in fen."""

    starts_on: date
    ends_on: date
    factor: Fraction
    interest_fen: Fraction


@dataclass(frozen=True, slots=True)
class Piece:
    """Money of one day that paid into a row, in fen."""

    on: date
    interest_fen: Fraction = ZERO
    principal_fen: Fraction = ZERO
    other_fen: Fraction = ZERO  # fee and penalty

    @property
    def total_fen(self) -> Fraction:
        """All parts."""
        return self.interest_fen + self.principal_fen + self.other_fen


@dataclass(slots=True)
class Row:
    """One installment, in fen. `raw_interest_fen` gathers what accrues; the rest is fixed when the row falls due."""

    number: int
    period: Period
    raw_interest_fen: Fraction = ZERO
    raw_carried_fen: Fraction = ZERO  # accrued after the row had been paid in full: goes to the next open row
    interest_fen: Fraction = ZERO
    principal_fen: Fraction = ZERO
    fee_fen: Fraction = ZERO
    penalty_fen: Fraction = ZERO
    balance_after_fen: Fraction = ZERO  # principal not yet put into a row
    outstanding_after_fen: Fraction = ZERO  # principal owed at the end of the due date
    prepaid_fen: Fraction = ZERO  # extra principal outside the rows during this period
    prepaid_interest_fen: Fraction = ZERO
    is_assumed_paid: bool = False
    segments: list[Segment] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    @property
    def due_on(self) -> date:
        """The day payment is due."""
        return self.period.due_on

    @property
    def due_fen(self) -> Fraction:
        """Everything due with this row."""
        return self.principal_fen + self.interest_fen + self.fee_fen + self.penalty_fen

    @property
    def interest_paid_fen(self) -> Fraction:
        """Interest received."""
        return sum((piece.interest_fen for piece in self.pieces), ZERO)

    @property
    def principal_paid_fen(self) -> Fraction:
        """Principal received."""
        return sum((piece.principal_fen for piece in self.pieces), ZERO)

    @property
    def other_paid_fen(self) -> Fraction:
        """Fee and penalty received."""
        return sum((piece.other_fen for piece in self.pieces), ZERO)

    @property
    def paid_fen(self) -> Fraction:
        """Everything received."""
        return sum((piece.total_fen for piece in self.pieces), ZERO)

    @property
    def paid_in_advance_fen(self) -> Fraction:
        """What was received before the due date."""
        return sum((piece.total_fen for piece in self.pieces if piece.on < self.due_on), ZERO)

    @property
    def paid_late_fen(self) -> Fraction:
        """What was received after the due date."""
        return sum((piece.total_fen for piece in self.pieces if piece.on > self.due_on), ZERO)

    @property
    def principal_unpaid_fen(self) -> Fraction:
        """Principal of the row still to be received."""
        return self.principal_fen - self.principal_paid_fen

    @property
    def interest_unpaid_fen(self) -> Fraction:
        """Interest of the row still to be received."""
        return self.interest_fen - self.interest_paid_fen


@dataclass(frozen=True, slots=True)
class Outcome:
    """A computed case: its rows and the single figures a contract or a test asks for, in fen."""

    rows: tuple[Row, ...]
    installment_fen: Fraction | None
    installment_exact_fen: Fraction | None
    settlement_fen: Fraction | None
    broken_interest_fen: Fraction | None
    overpaid_fen: Fraction
