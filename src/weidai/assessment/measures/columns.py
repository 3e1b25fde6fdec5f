"""A population as columns: one row per person with everything the measures read, and the row of one person's facts.

Sums by month are columns `{name}_m{back}`: `spend_fen_m1` is the last complete month. A month without a row is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from weidai.assessment.measures.registry import ABSENCES, Absence, month_columns
from weidai.kernel.days import month_start, months_later

if TYPE_CHECKING:
    import narwhals as nw
    from narwhals.typing import IntoDType

    from weidai.assessment.policy import AssessmentPolicy
    from weidai.assessment.rules.facts import ProfileFacts

SPEND, COUNT = "spend_fen", "payment_count"
# name → narwhals type; sums by month come on top
PERSON_COLUMNS = {
    "history_months": "Int64",  # complete months since the first with data, that month included; 0 without any
    "mean_daily_balance_fen": "Int64",
    "effective_contacts": "Int64",
    "overdue_events": "Int64",
    "bureau_score": "Int64",
    "report_age_days": "Int64",  # null: no report
    "bureau_absence": "Int64",  # place in ABSENCES, read only without a report
    "has_payment_consent": "Boolean",
    "has_social_consent": "Boolean",
    "has_type_i_default_card": "Boolean",
    "standing_notches": "Int64",
}


@dataclass(frozen=True, slots=True)
class FactColumns:
    """The columns as expressions. `wide` is the engine's type for whole numbers up to 38 digits."""

    wide: IntoDType

    def fact(self, name: str) -> nw.Expr:
        """Return a column of PERSON_COLUMNS."""
        import narwhals as nw

        assert name in PERSON_COLUMNS, name
        return nw.col(name)

    def window(self, name: str, months: int) -> list[nw.Expr]:
        """Return the sums of the last complete months, newest first."""
        import narwhals as nw

        return [nw.col(month_column(name, back)) for back in range(1, months + 1)]

    def without_payments(self, reason: Absence) -> nw.Expr:
        """Return why the payment platform told nothing: it was not asked, or it had nothing."""
        import narwhals as nw

        return (
            nw.when(self.fact("has_payment_consent")).then(nw.lit(place_of(reason))).otherwise(
                nw.lit(place_of("no_payment_consent")))
        )


def place_of(absence: Absence) -> int:
    """Return the number that stands for an absence in a column."""
    return ABSENCES.index(absence) + 1


def month_column(name: str, back: int) -> str:
    """Return the name of a month's sum, `back` months before the month of the assessment."""
    return f"{name}_m{back}"


def months_needed(policy: AssessmentPolicy) -> int:
    """Return how many complete months a policy looks at."""
    return max(policy.window_months, policy.fast_track.months)


def month_names() -> tuple[str, ...]:
    """Return the names of all sums by month."""
    return (SPEND, COUNT, *(column.name for column in month_columns()))


def column_types(policy: AssessmentPolicy) -> dict[str, str]:
    """Return every column of a population's frame with its narwhals type, in order."""
    sums = {month_column(name, back): "Int64" for name in month_names() for back in range(1, months_needed(policy) + 1)}
    return PERSON_COLUMNS | sums


def row_of(facts: ProfileFacts, policy: AssessmentPolicy, *, on: date) -> dict[str, int | bool | None]:
    """Return one person's facts as a row of the frame: for replays of what was stored, and for tests."""
    this_month = month_start(on)
    rows = {row.month: row for row in facts.months}
    first = min(rows, default=None)
    history = 0 if first is None else (this_month.year - first.year) * 12 + this_month.month - first.month
    result: dict[str, int | bool | None] = {
        "history_months": max(history, 0),
        "mean_daily_balance_fen": facts.mean_daily_balance_fen,
        "effective_contacts": facts.effective_contacts,
        "overdue_events": facts.overdue_events,
        "bureau_score": facts.bureau.score if facts.bureau else None,
        "report_age_days": (on - facts.bureau.reported_on).days if facts.bureau else None,
        "bureau_absence": place_of(facts.bureau_absence),
        "has_payment_consent": facts.has_payment_consent,
        "has_social_consent": facts.has_social_consent,
        "has_type_i_default_card": facts.has_type_i_default_card,
        "standing_notches": facts.standing_notches,
    }
    for back in range(1, months_needed(policy) + 1):
        row = rows.get(months_later(this_month, -back))
        result[month_column(SPEND, back)] = row.spend_fen if row else 0
        result[month_column(COUNT, back)] = row.payment_count if row else 0
        for column in month_columns():
            result[month_column(column.name, back)] = row.more_of(column.name) if row else None
    return result
