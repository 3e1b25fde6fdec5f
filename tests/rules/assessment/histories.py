"""Random people for differential tests: most of them ordinary, many on an edge, some without anything at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from weidai.assessment.policy import AssessmentPolicy
from weidai.assessment.rules import BureauReport, MonthlyPayments, ProfileFacts
from weidai.kernel.days import months_later

LARGEST_MONTH_FEN = 10**11


def spend_of(random: Random, usual: int) -> int:
    """A month's sum: steady, wild, exactly a threshold, nothing, refunds above payments, enormous."""
    kind = random.random()
    if kind < 0.55:
        return usual + random.randint(-usual // 6 - 1, usual // 6 + 1)
    if kind < 0.75:
        return random.randint(0, 2_000_000)
    if kind < 0.83:
        return 300_000
    if kind < 0.91:
        return 0
    if kind < 0.97:
        return random.randint(-500_000, 0)
    return random.randint(-LARGEST_MONTH_FEN, LARGEST_MONTH_FEN)


def months_of(random: Random, on: date) -> tuple[MonthlyPayments, ...]:
    """A history of 0 to 13 months with holes, sometimes reaching into the month of the day itself."""
    length, usual = random.choice([0, 1, 2, 3, 5, 6, 6, 6, 7, 12, 13]), random.choice([1, 7, 40_000, 310_000, 900_000])
    this_month = on.replace(day=1)
    is_steady, is_full = random.random() < 0.3, random.random() < 0.6
    rows = []
    for back in range(length, -1 if random.random() < 0.2 else 0, -1):
        if not is_full and random.random() < 0.25:
            continue
        spend = usual if is_steady else spend_of(random, usual)
        more = (("green_spend_fen", random.randint(0, 9_000)), ("welfare_gift_count", random.randint(0, 2)))
        rows.append(MonthlyPayments(months_later(this_month, -back), spend,
                                    random.choice([0, 10, 140, 145, 150, 155, 156, 400]),
                                    more if random.random() < 0.8 else ()))
    return tuple(rows)


def person(random: Random, on: date) -> ProfileFacts:
    """One person's facts."""
    has_payments, has_social = random.random() < 0.85, random.random() < 0.7
    report = None
    if random.random() < 0.8:
        report = BureauReport(
            score=None if random.random() < 0.15 else random.choice([0, 1, 325, 649, 650, 651, random.randint(0, 1000)]),
            reported_on=on - timedelta(days=random.choice([0, 1, 89, 90, 91, 400])))
    return ProfileFacts(
        months=months_of(random, on) if has_payments else (), has_payment_consent=has_payments,
        has_social_consent=has_social,
        effective_contacts=random.choice([None, 0, 1, 199, 200, random.randint(0, 500)]) if has_social else None,
        mean_daily_balance_fen=random.choice([None, 0, 1, 499_999, 500_000, random.randint(0, 10**7)])
        if has_payments else None,
        overdue_events=random.choice([0, 0, 0, 1, 2, 3, 9]), bureau=report,
        bureau_absence=random.choice(["no_report", "not_queried", "not_found"]),
        has_type_i_default_card=random.random() < 0.3, standing_notches=random.choice([0, 0, 0, 1, 2, 7]))


def people(count: int, *, seed: int, on: date) -> list[ProfileFacts]:
    """The same people for the same seed."""
    random = Random(seed)
    return [person(random, on) for _ in range(count)]


def with_optional(policy: AssessmentPolicy) -> AssessmentPolicy:
    """The policy with every optional indicator on, its points taken from payments."""
    extra = sum(row.maximum_points for row in policy.indicators if not row.is_enabled)
    return replace(policy, indicators=tuple(
        replace(row, is_enabled=True, maximum_points=row.maximum_points - (extra if row.code == "payment_activity" else 0))
        for row in policy.indicators))
