"""Reading categories and non-accrual of a loan (R7.7). Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from weidai.servicing import policy
from weidai.servicing.models import LoanClassification, NonAccrualSpell
from weidai.servicing.rules import ClassThresholds, LoanClass, five_category

_SEVERITY = list(LoanClass)


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category a loan had, from a closing on until another; `until_on` None: the present one."""

    category: str
    from_on: date
    until_on: date | None
    days_past_due: int
    observed_from: date | None


def category_of(customer_id: UUID, loan_id: UUID, *, days_past_due: int, on: date) -> str:
    """Return a loan's category now: what the last closing gave it, or worse by today's days."""
    rules = policy.current(on).delinquency
    by_days = five_category(days_past_due, thresholds=ClassThresholds(
        rules.special_mention_from_day, rules.substandard_from_day, rules.doubtful_from_day, rules.loss_from_day))
    row = LoanClassification.objects.filter(customer_id=customer_id, loan_id=loan_id, until_on=None).first()
    kept = LoanClass(row.category) if row is not None else LoanClass.NORMAL
    if kept is LoanClass.SPECIAL_MENTION and days_past_due == 0:
        return by_days.value  # paid today: the next closing says the same
    return max(kept, by_days, key=_SEVERITY.index).value


def categories_of(customer_id: UUID, loan_id: UUID) -> tuple[CategoryRow, ...]:
    """Return the history of a loan's categories, oldest first; empty when it was always normal."""
    rows = LoanClassification.objects.filter(customer_id=customer_id, loan_id=loan_id).order_by("from_on", "id")
    return tuple(CategoryRow(row.category, row.from_on, row.until_on, row.days_past_due, row.observed_from) for row in rows)


def non_accrual_since(customer_id: UUID, loan_id: UUID) -> date | None:
    """Return the first day since which the loan's interest is no income until it is paid, or None when it accrues."""
    return NonAccrualSpell.objects.filter(customer_id=customer_id, loan_id=loan_id, ended_on=None).values_list(
        "began_on", flat=True).first()
