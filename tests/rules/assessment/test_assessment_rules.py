"""Six indicators, score, grade, fast track (R2.1, R2.2, R2.4, R2.7)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weidai.assessment import policy as assessment_policy
from weidai.assessment.measures.arithmetic import coefficient_of_variation, ratio_rounded_half_up, rounded_half_up
from weidai.assessment.rules import (
    BureauReport,
    MonthlyPayments,
    ProfileFacts,
    assess,
    changes,
    grade_at,
    grade_lowered,
    is_fast_track,
    points_spread,
)
from weidai.kernel.days import months_later

ON = date(2026, 11, 23)
POLICY = assessment_policy.current(ON)


def months(spends, counts=None, *, on=ON):
    first = months_later(on.replace(day=1), -len(spends))
    counts = counts or [30] * len(spends)
    return tuple(
        MonthlyPayments(months_later(first, place), spend, count)
        for place, (spend, count) in enumerate(zip(spends, counts, strict=True))
    )


FULL = ProfileFacts(
    months=months([300_000] * 6),
    has_social_consent=True,
    effective_contacts=200,
    mean_daily_balance_fen=500_000,
    overdue_events=0,
    bureau=BureauReport(650, ON),
)
EMPTY = ProfileFacts()


def row(assessment, code):
    return next(indicator for indicator in assessment.indicators if indicator.code == code)


def points(facts, code):
    return row(assess(facts, POLICY, on=ON), code).points


def test_every_threshold_met_exactly_is_1000_and_grade_a():
    result = assess(FULL, POLICY, on=ON)
    assert (result.score, result.grade, result.points_to_next_grade) == (1000, "A", None)
    assert all(indicator.is_met and indicator.improve is None for indicator in result.indicators)
    assert result.reasons == ()


def test_nothing_known_scores_the_clean_record_only():
    result = assess(EMPTY, POLICY, on=ON)
    assert (result.score, result.base_grade) == (263, "E")  # 250, and its share of the 50 without consent
    assert {indicator.code: indicator.reason_code for indicator in result.indicators} == {
        "payment_activity": "history_too_short",
        "social_ties": "no_consent",
        "asset_balance": "no_data",
        "repayment_record": "met",
        "spending_stability": "history_too_short",
        "bureau_score": "no_report",
    }


@pytest.mark.parametrize(
    ("spend", "expected"), [(300_000, 200), (299_999, 160), (150_000, 80), (100_000, 53), (0, 0), (-5_000, 0)]
)
def test_payment_activity(spend, expected):
    assert points(replace(FULL, months=months([spend] * 6)), "payment_activity") == expected


def test_payment_activity_looks_at_the_last_six_complete_months_only():
    spends = months([900_000, *[300_000] * 6])
    this_month = MonthlyPayments(ON.replace(day=1), 0, 0)
    result = row(assess(replace(FULL, months=(*spends, this_month)), POLICY, on=ON), "payment_activity")
    assert result.value == 300_000


def test_a_month_without_a_row_counts_as_zero_and_five_months_are_too_few():
    rows = months([300_000] * 6)
    gap = replace(FULL, months=(*rows[:3], *rows[4:]))
    assert row(assess(gap, POLICY, on=ON), "payment_activity").value == 250_000
    short = row(assess(replace(FULL, months=rows[1:]), POLICY, on=ON), "payment_activity")
    assert (short.value, short.points, short.reason_code) == (None, 0, "history_too_short")


@pytest.mark.parametrize(
    ("events", "expected", "met"), [(0, 250, True), (1, 200, True), (2, 100, False), (3, 0, False)]
)
def test_repayment_record(events, expected, met):
    result = row(assess(replace(FULL, overdue_events=events), POLICY, on=ON), "repayment_record")
    assert (result.points, result.is_met) == (expected, met)


@pytest.mark.parametrize(
    ("report", "expected", "reason"),
    [
        (BureauReport(650, ON), 200, "met"),
        (BureauReport(649, ON), 160, "below"),
        (BureauReport(325, ON), 80, "below"),
        (BureauReport(0, ON), 0, "below"),
        (BureauReport(None, ON), 100, "thin_file"),
        (None, 0, "no_report"),
        (BureauReport(700, date(2026, 8, 25)), 200, "met"),
        (BureauReport(700, date(2026, 8, 24)), 0, "stale"),
    ],
)
def test_bureau_score(report, expected, reason):
    result = row(assess(replace(FULL, bureau=report), POLICY, on=ON), "bureau_score")
    assert (result.points, result.reason_code) == (expected, reason)


def test_spending_stability():
    assert coefficient_of_variation([100, 100, 100, 100, 100, 100]) == 0
    # mean 3,500, sample standard deviation 1,870.8287 → 0.534522
    wide = [100_000, 200_000, 300_000, 400_000, 500_000, 600_000]
    assert coefficient_of_variation(wide) == Fraction(534_522, 10**6)
    result = row(assess(replace(FULL, months=months(wide)), POLICY, on=ON), "spending_stability")
    assert (result.points, result.is_met, result.reason_code) == (34, False, "above")  # 120 × 0.15 ÷ 0.534522 = 33.67
    none = row(assess(replace(FULL, months=months([0] * 6)), POLICY, on=ON), "spending_stability")
    assert (none.value, none.points, none.reason_code) == (None, 0, "no_spending")


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=12).filter(any))
def test_variation_is_exact_half_up(totals):
    with localcontext() as context:
        context.prec = 80
        mean = Decimal(sum(totals)) / len(totals)
        variance = sum((Decimal(total) - mean) ** 2 for total in totals) / (len(totals) - 1)
        exact = variance.sqrt() / mean
        rounded = int(exact * 10**6 + Decimal("0.5"))
    assert coefficient_of_variation(totals) == Fraction(rounded, 10**6)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Fraction(1, 2), 1), (Fraction(49, 100), 0), (Fraction(3, 2), 2), (Fraction(5, 2), 3), (Fraction(7), 7)],
)
def test_halves_go_up(value, expected):
    assert rounded_half_up(value) == expected
    assert ratio_rounded_half_up(value / 10**6) == Fraction(expected, 10**6)


def test_social_ties_without_consent_is_neutral():
    assert points_spread(POLICY, frozenset({"social_ties"})) == {
        "payment_activity": 211,
        "social_ties": 0,
        "asset_balance": 158,
        "repayment_record": 263,
        "spending_stability": 158,
        "bureau_score": 210,
    }
    result = assess(replace(FULL, has_social_consent=False, effective_contacts=None), POLICY, on=ON)
    assert result.score == 1000
    withheld = row(result, "social_ties")
    assert (withheld.points, withheld.maximum_points, withheld.gain_points, withheld.improve) == (0, 0, 0, None)
    assert points(replace(FULL, effective_contacts=None), "social_ties") == 0  # consent given, source silent: its own 0


@pytest.mark.parametrize(("contacts", "expected"), [(200, 50), (199, 40), (100, 20), (0, 0)])
def test_social_ties(contacts, expected):
    assert points(replace(FULL, effective_contacts=contacts), "social_ties") == expected


def test_bonuses_and_the_cap():
    facts = replace(FULL, bureau=None, has_type_i_default_card=True)
    assert assess(facts, POLICY, on=ON).score == 810
    busy = months([300_000] * 6, [1, 1, 1, 31 * 5, 30 * 5, 31 * 5])  # August, September, October
    result = assess(replace(facts, months=busy), POLICY, on=ON)
    assert (result.score, result.is_fast_track) == (830, True)
    assert assess(replace(FULL, months=busy, has_type_i_default_card=True), POLICY, on=ON).score == 1000


def test_fast_track_needs_every_month():
    lazy = months([0] * 3, [31 * 5 * 2, 30 * 5 - 1, 31 * 5 * 2])
    assert not is_fast_track(ProfileFacts(months=lazy), POLICY, on=ON)
    assert not is_fast_track(ProfileFacts(months=months([0] * 2, [500, 500])), POLICY, on=ON)


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (1000, "A"),
        (850, "A"),
        (849, "B"),
        (720, "B"),
        (719, "C"),
        (600, "C"),
        (599, "D"),
        (450, "D"),
        (449, "E"),
        (0, "E"),
    ],
)
def test_grades(score, grade):
    assert grade_at(score, POLICY) == grade


def test_standing_lowers_the_grade_not_the_score():
    result = assess(replace(FULL, standing_notches=2), POLICY, on=ON)
    assert (result.score, result.base_grade, result.grade) == (1000, "A", "C")
    assert grade_lowered("D", notches=5) == "E"
    assert grade_lowered("B", notches=0) == "B"


def test_what_would_change_it_is_said():
    result = row(assess(replace(FULL, months=months([150_050] * 6)), POLICY, on=ON), "payment_activity")
    assert (result.gap, result.gain_points) == (149_950, 120)
    assert "还差 1,499.50 元" in result.improve.zh
    assert "1,499.50 yuan short" in result.improve.en


facts_strategy = st.builds(
    ProfileFacts,
    months=st.lists(st.tuples(st.integers(-(10**6), 10**7), st.integers(0, 400)), max_size=8).map(
        lambda rows: months([spend for spend, _ in rows], [count for _, count in rows])
    ),
    has_social_consent=st.booleans(),
    effective_contacts=st.none() | st.integers(0, 1000),
    mean_daily_balance_fen=st.none() | st.integers(0, 10**8),
    overdue_events=st.integers(0, 6),
    bureau=st.none()
    | st.builds(BureauReport, score=st.none() | st.integers(0, 1000), reported_on=st.dates(date(2026, 1, 1), ON)),
    has_type_i_default_card=st.booleans(),
    standing_notches=st.integers(0, 5),
)


@given(facts_strategy)
def test_law_points_add_up_to_the_score(facts):
    result = assess(facts, POLICY, on=ON)
    total = sum(row.points for row in result.indicators) + sum(bonus.points for bonus in result.bonuses)
    assert result.score == min(1000, total)
    assert sum(row.maximum_points for row in result.indicators) == 1000
    assert all(0 <= row.points <= row.maximum_points for row in result.indicators)
    assert all(row.gain_points == row.maximum_points - row.points for row in result.indicators)
    assert all((row.improve is not None) is (row.gain_points > 0) for row in result.indicators)
    assert result == assess(facts, POLICY, on=ON)


@given(facts_strategy, st.integers(1, 10**6))
def test_law_more_spending_every_month_never_lowers_payment_points(facts, more):
    richer = replace(facts, months=tuple(replace(row, spend_fen=row.spend_fen + more) for row in facts.months))
    assert points(richer, "payment_activity") >= points(facts, "payment_activity")


@given(facts_strategy, st.integers(2, 9))
def test_law_spending_times_a_factor_never_lowers_the_score(facts, factor):
    richer = replace(facts, months=tuple(replace(row, spend_fen=abs(row.spend_fen) * factor) for row in facts.months))
    plain = replace(facts, months=tuple(replace(row, spend_fen=abs(row.spend_fen)) for row in facts.months))
    assert assess(richer, POLICY, on=ON).score >= assess(plain, POLICY, on=ON).score


@given(facts_strategy, st.integers(1, 500))
def test_law_better_facts_never_lower_the_score(facts, more):
    score = assess(facts, POLICY, on=ON).score
    balance = replace(facts, mean_daily_balance_fen=(facts.mean_daily_balance_fen or 0) + more * 1000)
    contacts = replace(facts, effective_contacts=(facts.effective_contacts or 0) + more)
    clean = replace(facts, overdue_events=max(facts.overdue_events - 1, 0))
    card = replace(facts, has_type_i_default_card=True)
    assert all(assess(better, POLICY, on=ON).score >= score for better in (balance, contacts, clean, card))


@given(facts_strategy)
def test_law_without_consent_the_share_reached_stays_the_same(facts):
    """Neutral: whoever has all points of the rest has all points, whoever has none has none."""
    without = assess(replace(facts, has_social_consent=False), POLICY, on=ON)
    others = [
        row
        for row in assess(replace(facts, has_social_consent=True), POLICY, on=ON).indicators
        if row.code != "social_ties"
    ]
    reached = sum(row.points for row in without.indicators)
    assert abs(reached - Fraction(sum(row.points for row in others) * 1000, 950)) <= len(others)


def test_an_optional_indicator_counts_when_the_pack_switches_it_on():
    changed = tuple(
        replace(row, is_enabled=True)
        if row.code == "green_spending"
        else replace(row, maximum_points=170)
        if row.code == "payment_activity"
        else row
        for row in POLICY.indicators
    )
    policy = replace(POLICY, indicators=changed)
    spent = tuple(replace(row, more=(("green_spend_fen", 2_500),)) for row in FULL.months)
    result = assess(replace(FULL, months=spent), policy, on=ON)
    assert (row(result, "green_spending").points, result.score) == (12, 982)


def test_past_overdue_events_promise_no_points():
    result = row(assess(replace(FULL, overdue_events=2), POLICY, on=ON), "repayment_record")
    assert result.improve == next(row for row in POLICY.indicators if row.code == "repayment_record").advice


def value_set(facts, code, value):
    """The facts with one indicator's value as told by a change."""
    if code == "social_ties":
        return replace(facts, has_social_consent=True, effective_contacts=int(value))
    if code == "asset_balance":
        return replace(facts, mean_daily_balance_fen=int(value))
    return replace(facts, bureau=BureauReport(int(value), ON))


@given(facts_strategy)
def test_law_what_would_change_it_is_what_the_policy_says_and_nothing_less_would(facts):
    now = assess(facts, POLICY, on=ON)
    found = changes(facts, POLICY, on=ON)
    assert found["repayment_record"] == ()
    for code in ("social_ties", "asset_balance", "bureau_score"):
        for change in found[code]:
            then = assess(value_set(facts, code, change.value), POLICY, on=ON)
            assert (then.score, then.grade, then.score - now.score) == (change.score, change.grade, change.gain_points)
            before = value_set(facts, code, change.value - 1)
            less = assess(before, POLICY, on=ON)
            if change.aim == "points":
                assert then.score > now.score
                assert less.score <= now.score or row(now, code).value is None
            if change.aim == "grade":
                assert then.grade < now.grade <= less.grade or row(now, code).value is None


def test_a_change_is_searched_under_the_pack_in_force():
    facts = replace(FULL, months=months([150_000] * 6), bureau=BureauReport(325, ON))  # 80 + 50 + 150 + 250 + 150 + 80 = 760: B
    found = changes(facts, POLICY, on=ON)
    assert [(one.aim, one.value, one.score, one.grade) for one in found["payment_activity"]] == [
        ("points", Fraction(301_875, 2), 761, "B"), ("grade", 300_000, 880, "A")]
    assert [(one.aim, one.value, one.score, one.grade) for one in found["bureau_score"]] == [
        ("points", 328, 761, "B"), ("grade", 650, 880, "A")]
    stricter = replace(POLICY, grades=tuple(replace(one, minimum_score=800 if one.code == "A" else one.minimum_score)
                                            for one in POLICY.grades))
    by_grade = next(one for one in changes(facts, stricter, on=ON)["bureau_score"] if one.aim == "grade")
    assert (by_grade.value, by_grade.score) == (486, 800)
    assert changes(FULL, POLICY, on=ON) == {one.code: () for one in POLICY.enabled}
