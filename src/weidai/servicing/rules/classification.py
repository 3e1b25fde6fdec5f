"""How a loan's category moves from one closing to the next: down by days, up only after full repayment (R7.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from weidai.kernel.days import months_later
from weidai.servicing.rules.lateness import ClassThresholds, LoanClass, five_category

_SEVERITY = {category: place for place, category in enumerate(LoanClass)}


@dataclass(frozen=True, slots=True)
class Category:
    """A loan's category; `observed_from` is the day since which nothing was overdue while it waits to go up."""

    category: LoanClass
    observed_from: date | None = None


def is_performing(category: LoanClass) -> bool:
    """Return whether the category still counts as performing: normal or special mention."""
    return _SEVERITY[category] < _SEVERITY[LoanClass.SUBSTANDARD]


def category_after(
    now: Category, *, days_past_due: int, on: date, thresholds: ClassThresholds, observation_months: int,
) -> Category:
    """Return the category at the end of day `on` (FACTS §2.12).

    Days alone make it worse. Special mention becomes normal once nothing is overdue. From substandard or below it goes
    up, to normal, only after everything overdue was paid and nothing was late for the months of observation.
    """
    by_days = five_category(days_past_due, thresholds=thresholds)
    if _SEVERITY[by_days] >= _SEVERITY[now.category]:
        return Category(by_days)
    if days_past_due > 0:
        return Category(now.category)
    if is_performing(now.category):
        return Category(LoanClass.NORMAL)
    observed_from = now.observed_from or on
    if on >= months_later(observed_from, observation_months):
        return Category(LoanClass.NORMAL)
    return Category(now.category, observed_from)
