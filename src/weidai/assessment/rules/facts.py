"""What an assessment is made from: one frozen value, stored with the decision so that it can be re-run (R2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from weidai.kernel.days import month_start, months_later


@dataclass(frozen=True, slots=True)
class MonthlyPayments:
    """One calendar month of payments."""

    month: date  # its first day
    spend_fen: int  # refunds netted, transfers left out; may be negative when refunds exceed payments
    payment_count: int
    more: tuple[tuple[str, int], ...] = ()  # sums that further indicators look at, by column name (R2.7)

    def more_of(self, column: str) -> int | None:
        """Return a further sum, None when the source did not tell it."""
        return dict(self.more).get(column)


@dataclass(frozen=True, slots=True)
class BureauReport:
    """The central-bank credit report as far as the score needs it; `score` None is a thin file."""

    score: int | None
    reported_on: date


# Why there is no report: none authorized, authorized but not asked for yet, or the bureau holds nobody of that number.
ReportAbsence = Literal["no_report", "not_queried", "not_found"]


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """A customer's facts at assessment. None means the source gave nothing."""

    months: tuple[MonthlyPayments, ...] = ()  # complete months; history begins with the earliest row
    payments_on: date | None = None  # data date of the payments extract
    has_payment_consent: bool = True  # False only names the reason of a lack; points do not move (R2.1)
    has_social_consent: bool = False
    effective_contacts: int | None = None
    contacts_on: date | None = None
    mean_daily_balance_fen: int | None = None  # wallet fund and wealth products, 90 days
    balance_on: date | None = None
    overdue_events: int = 0  # continuous spells over all own products (R2.1)
    bureau: BureauReport | None = None
    bureau_absence: ReportAbsence = "no_report"  # read only when there is no report
    has_type_i_default_card: bool = False
    standing_notches: int = 0  # how far the standing overlay lowers the grade (R7.6)

    def window(self, months: int, *, on: date) -> tuple[MonthlyPayments, ...] | None:
        """Return the last complete months before `on`, oldest first; None when history is shorter.

        A month without a row inside the history is a month without spending and counts as 0 (R2.1).
        """
        this_month = month_start(on)
        wanted = [months_later(this_month, -back) for back in range(months, 0, -1)]
        rows = {row.month: row for row in self.months}
        if not rows or min(rows) > wanted[0]:
            return None
        return tuple(rows.get(month, MonthlyPayments(month, 0, 0)) for month in wanted)
