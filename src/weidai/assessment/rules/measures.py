"""How each indicator's value is found in the facts. A new one is a function here and a row in the pack (R2.7)."""

# ruff: noqa: ARG001 - every measure has the same parameters, used or not

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import isqrt

from weidai.assessment.policy import AssessmentPolicy, Measure
from weidai.assessment.rules.facts import ProfileFacts

RATIO_SCALE = 10**6  # ratios are rounded half-up to 1e-6 before they are compared (R2.1)


@dataclass(frozen=True, slots=True)
class Measured:
    """A value in the measure's unit, or why there is none."""

    value: Fraction | None
    data_on: date | None
    # code: no_consent, no_payment_consent, history_too_short, no_spending, no_data, no_report, not_queried, not_found,
    # stale, thin_file
    absence: str | None = None


def rounded_half_up(value: Fraction) -> int:
    """Round to a whole number, halves up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def ratio_rounded_half_up(value: Fraction) -> Fraction:
    """Round a ratio half-up to 1e-6 (R2.1)."""
    return Fraction(rounded_half_up(value * RATIO_SCALE), RATIO_SCALE)


def coefficient_of_variation(totals_fen: Sequence[int]) -> Fraction:
    """Return sample standard deviation ÷ mean, rounded half-up to 1e-6, exactly: no float, no decimal context.

    The square of the ratio is rational. floor(2·10⁶·√q) is an integer square root, and half-up of x is
    (floor(2x) + 1) // 2. Needs two totals or more and a mean above 0.
    """
    count, total = len(totals_fen), sum(totals_fen)
    if count < 2 or total <= 0:
        raise ValueError("needs two totals and a mean above 0")
    # variance ÷ mean² = (Σx² − (Σx)²/n)/(n−1) ÷ (Σx/n)² = n·(n·Σx² − (Σx)²) / ((n−1)·(Σx)²)
    squares = sum(amount * amount for amount in totals_fen)
    numerator = count * (count * squares - total * total)
    denominator = (count - 1) * total * total
    doubled = isqrt(4 * RATIO_SCALE**2 * numerator // denominator)
    return Fraction((doubled + 1) // 2, RATIO_SCALE)


def _mean_monthly_spend(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Measured:
    window = facts.window(policy.window_months, on=on)
    if window is None:
        return _without_payments(facts, "history_too_short")
    return Measured(Fraction(sum(row.spend_fen for row in window), len(window)), facts.payments_on)


def _spending_variation(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Measured:
    window = facts.window(policy.window_months, on=on)
    if window is None:
        return _without_payments(facts, "history_too_short")
    totals = [row.spend_fen for row in window]
    if sum(totals) <= 0:
        return Measured(None, facts.payments_on, "no_spending")
    return Measured(coefficient_of_variation(totals), facts.payments_on)


def _effective_contacts(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Measured:
    if not facts.has_social_consent:
        return Measured(None, None, "no_consent")
    return _given(facts.effective_contacts, facts.contacts_on)


def _mean_daily_balance(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Measured:
    if facts.mean_daily_balance_fen is None:
        return _without_payments(facts, "no_data")
    return _given(facts.mean_daily_balance_fen, facts.balance_on)


def _overdue_events(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Measured:
    return Measured(Fraction(facts.overdue_events), on)


def _bureau_score(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Measured:
    report = facts.bureau
    if report is None:
        return Measured(None, None, facts.bureau_absence)
    if (on - report.reported_on).days > policy.bureau_maximum_age_days:
        return Measured(None, report.reported_on, "stale")
    if report.score is None:
        return Measured(None, report.reported_on, "thin_file")
    return Measured(Fraction(report.score), report.reported_on)


def _green_spending(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Measured:
    return _given(facts.green_spending_fen, facts.payments_on)


def _welfare_giving(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Measured:
    return _given(facts.welfare_gifts, facts.payments_on)


def _without_payments(facts: ProfileFacts, reason: str) -> Measured:
    """Say why the payment platform told nothing: it was not asked, or it had nothing."""
    return Measured(None, facts.payments_on, reason if facts.has_payment_consent else "no_payment_consent")


def _given(value: int | None, data_on: date | None) -> Measured:
    return Measured(None, data_on, "no_data") if value is None else Measured(Fraction(value), data_on)


MEASURES: dict[Measure, Callable[[ProfileFacts, AssessmentPolicy, date], Measured]] = {
    "mean_monthly_spend": _mean_monthly_spend,
    "effective_contacts": _effective_contacts,
    "mean_daily_balance": _mean_daily_balance,
    "overdue_events": _overdue_events,
    "spending_variation": _spending_variation,
    "bureau_score": _bureau_score,
    "green_spending": _green_spending,
    "welfare_giving": _welfare_giving,
}
