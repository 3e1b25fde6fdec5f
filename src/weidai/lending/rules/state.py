"""One loan as data: everything that a payment, a quote or a day of lateness depends on. Pure, frozen, replayable.

The state is an *anchor* moved by events (ARCHITECTURE §3). Between events every figure follows from the dates:
contract interest from the plan, penalty from each installment's own anchor, the cap from Σ daily principal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from weidai.lending.rules.schedule import PlannedInstallment, Schedule
from weidai.lending.rules.terms import LoanTerms


class LoanStatus(StrEnum):
    """Whether anything is still to be paid. Lateness is a fact about installments, not a status."""

    ACTIVE = "active"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class InstallmentState:
    """One row of the plan and what has been paid on it, in fen.

    The penalty to date is `penalty_numerator` (1e-8 fen, through `penalty_anchored_on`) plus unpaid principal × penalty
    rate × days since; the anchor moves whenever overdue principal is paid, so partial payments change the base exactly.
    """

    number: int
    starts_on: date
    due_on: date
    principal_fen: int
    interest_fen: int
    principal_paid_fen: int = 0
    interest_paid_fen: int = 0
    penalty_paid_fen: int = 0
    fee_fen: int = 0
    fee_paid_fen: int = 0
    penalty_numerator: int = 0
    penalty_anchored_on: date | None = None  # None: the due date
    settled_on: date | None = None

    @property
    def is_settled(self) -> bool:
        """Nothing of this row is unpaid any more."""
        return self.settled_on is not None

    @property
    def principal_unpaid_fen(self) -> int:
        """Principal of this row still unpaid."""
        return self.principal_fen - self.principal_paid_fen

    @property
    def interest_unpaid_fen(self) -> int:
        """Planned interest of this row still unpaid."""
        return self.interest_fen - self.interest_paid_fen

    @property
    def fee_unpaid_fen(self) -> int:
        """Fee of this row still unpaid; the reference pack has no fees."""
        return self.fee_fen - self.fee_paid_fen

    @property
    def unpaid_fen(self) -> int:
        """Fee, interest and principal still unpaid, without penalty."""
        return self.fee_unpaid_fen + self.interest_unpaid_fen + self.principal_unpaid_fen


@dataclass(frozen=True, slots=True)
class LoanState:
    """One loan after the events up to `anchored_on`.

    Σ installment principal + `prepaid_principal_fen` = principal of the terms, always. Rows emptied by a prepayment
    stay, with amounts 0 and `settled_on` set, so that numbers and count never change.
    """

    terms: LoanTerms
    status: LoanStatus
    installments: tuple[InstallmentState, ...]
    size_fen: int  # regular installment: level payment, or principal part of equal principal
    anchored_on: date
    interest_numerator: int = 0  # exact contract interest from the start through `anchored_on`, 1e-8 fen
    principal_days: int = 0  # Σ daily outstanding principal through `anchored_on`, fen × days (R7.3)
    prepaid_principal_fen: int = 0  # principal paid outside any row

    @property
    def outstanding_principal_fen(self) -> int:
        """Principal still unpaid, overdue or not."""
        return sum(row.principal_unpaid_fen for row in self.installments)

    def installment(self, number: int) -> InstallmentState:
        """Return the row with this number (1-based)."""
        return self.installments[number - 1]


def loan_open(schedule: Schedule) -> LoanState:
    """Return the state of a loan on the day its money arrives."""
    return LoanState(
        terms=schedule.terms,
        status=LoanStatus.ACTIVE,
        installments=tuple(installment_open(row) for row in schedule.installments),
        size_fen=schedule.size_fen,
        anchored_on=schedule.terms.starts_on,
    )


def installment_open(row: PlannedInstallment) -> InstallmentState:
    """Return a planned row with nothing paid."""
    return InstallmentState(
        number=row.number,
        starts_on=row.starts_on,
        due_on=row.due_on,
        principal_fen=row.principal_fen,
        interest_fen=row.interest_fen,
    )
