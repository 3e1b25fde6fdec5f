"""The formula term by term, segments, bands, exposure (R5.1 to R5.6)."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weidai.limits import policy as limits_policy
from weidai.limits.rules import (
    HOLD_KINDS,
    Income,
    LimitFacts,
    approved_for_target,
    available,
    band_of,
    business_line_limit,
    can_draw,
    debt_to_income,
    income_counted,
    is_over_indebted,
    limit_total,
    line_limit,
    next_review_on,
    segment_of,
)

ON = date(2026, 11, 23)
POLICY = limits_policy.current(ON)
WAGES = limits_policy.wages(ON)
RICH = LimitFacts(grade="A", income=Income(10_000_000, "verified"), identity_strength=80, strength_for_full_limits=65)


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 6_000_000),
        ({"grade": "B"}, 3_000_000),
        ({"grade": "C"}, 1_200_000),
        ({"grade": "D"}, 400_000),
        ({"grade": "E"}, 0),
        ({"other_card_limits_fen": 20_000_000}, 6_000_000),
        ({"other_card_limits_fen": 20_000_100}, 6_000_000),  # 30 % is 60,000.30: rounded down to 100 yuan
        ({"other_card_limits_fen": 30_000_000}, 9_000_000),
        ({"payment_volume_12m_fen": 999_999}, 6_000_000),
        ({"payment_volume_12m_fen": 1_000_000}, 6_100_000),
        ({"payment_volume_12m_fen": 12_000_000}, 7_200_000),
        ({"grade": "B", "payment_volume_12m_fen": 12_000_000}, 4_020_000),  # 30,000 + 12 × 850
        ({"grade": "C", "payment_volume_12m_fen": 12_000_000}, 2_040_000),  # 12,000 + 12 × 700
        ({"grade": "D", "payment_volume_12m_fen": 12_000_000}, 1_000_000),  # 4,000 + 12 × 500
        ({"wealth_fen": 999_999}, 6_000_000),
        ({"wealth_fen": 1_000_000}, 6_600_000),
        ({"grade": "B", "payment_volume_12m_fen": 12_000_000, "wealth_fen": 1_000_000}, 4_420_000),  # 44,220 → 44,200
        ({"payment_volume_12m_fen": 10**9}, 20_000_000),  # the person's cap
        ({"payment_volume_12m_fen": -5}, 6_000_000),
        ({"income": Income(800_000, "verified")}, 4_800_000),  # salaried; debt-to-income: 12 × 8,000 ÷ 2
        ({"income": Income(2_000_000, "verified")}, 5_000_000),  # salaried cap
        ({"income": Income(800_000, "verified"), "bureau_debt_fen": 4_000_000}, 800_000),
        ({"income": Income(800_000, "verified"), "bureau_debt_fen": 4_760_000}, 0),  # 400 left: below 500
        ({"income": Income(800_000, "verified"), "bureau_debt_fen": 4_750_000}, 50_000),
        ({"income": Income(800_000, "verified"), "other_own_debt_fen": 9_000_000}, 0),
        ({"income": Income(None, "unknown")}, 500_000),
        ({"income": Income(500_000, "declared")}, 500_000),
        ({"income": Income(500_000, "declared"), "has_bureau_employment": True}, 3_000_000),
        ({"identity_strength": 64}, 500_000),
        ({"is_student": True}, 500_000),
    ],
)
def test_r5_2_formula(changes, total):
    assert limit_total(replace(RICH, **changes), POLICY).total_fen == total


@pytest.mark.parametrize(
    ("changes", "segment"),
    [
        ({}, "premium"),
        ({"income": Income(2_500_000, "verified")}, "premium"),
        ({"income": Income(2_499_999, "verified")}, "salaried"),
        ({"income": Income(2_500_000, "declared")}, "starter"),
        ({"income": Income(1, "declared"), "wealth_fen": 30_000_000}, "premium"),
        ({"income": Income(1, "declared"), "wealth_fen": 29_999_999}, "starter"),
        ({"income": Income(1, "declared"), "is_verified_business_owner": True}, "premium"),
        ({"income": Income(1, "declared_capped"), "has_bureau_employment": True}, "salaried"),
        ({"income": Income(None, "unknown"), "wealth_fen": 30_000_000}, "starter"),
        ({"identity_strength": 64}, "starter"),
        ({"is_student": True}, "starter"),
    ],
)
def test_r5_1_segments(changes, segment):
    found, reason = segment_of(replace(RICH, **changes), POLICY)
    assert found == segment
    assert reason.zh
    assert reason.en


def test_the_terms_tell_the_whole_story_and_the_binding_cap():
    decision = limit_total(replace(RICH, income=Income(800_000, "verified"), bureau_debt_fen=4_000_000), POLICY)
    assert [(term.code, term.amount_fen, term.running_fen) for term in decision.terms] == [
        ("grade_base", 6_000_000, 6_000_000),
        ("card_reference", 0, 6_000_000),
        ("payment_volume", 0, 6_000_000),
        ("wealth", 0, 6_000_000),
        ("cap_segment", 5_000_000, 5_000_000),
        ("cap_person", 20_000_000, 5_000_000),
        ("cap_debt_to_income", 800_000, 800_000),
        ("rounded_down", 0, 800_000),
    ]
    assert decision.binding.code == "cap_debt_to_income"
    assert limit_total(RICH, POLICY).binding is None
    assert limit_total(replace(RICH, grade="E"), POLICY).binding is None


facts_strategy = st.builds(
    LimitFacts,
    grade=st.sampled_from("ABCDE"),
    income=st.one_of(
        st.just(Income(None, "unknown")),
        st.builds(
            Income,
            monthly_fen=st.integers(1, 10**7),
            basis=st.sampled_from(["verified", "declared", "declared_capped"]),
        ),
    ),
    identity_strength=st.integers(0, 100),
    strength_for_full_limits=st.just(65),
    payment_volume_12m_fen=st.integers(-(10**6), 10**9),
    other_card_limits_fen=st.integers(0, 10**9),
    wealth_fen=st.integers(0, 10**8),
    has_bureau_employment=st.booleans(),
    is_verified_business_owner=st.booleans(),
    is_student=st.booleans(),
    bureau_debt_fen=st.integers(0, 10**8),
    other_own_debt_fen=st.integers(0, 10**7),
)


@given(facts_strategy)
def test_law_never_above_any_cap_and_always_a_round_amount(facts):
    decision = limit_total(facts, POLICY)
    assert decision.total_fen == decision.terms[-1].running_fen
    assert decision.total_fen % 10_000 == 0
    assert decision.total_fen == 0 or 50_000 <= decision.total_fen <= POLICY.person_cap_fen
    assert decision.total_fen <= POLICY.segment(decision.segment).maximum_fen
    if facts.grade == "E":
        assert decision.total_fen == 0
    if facts.income.monthly_fen is not None and decision.total_fen:
        debt = facts.bureau_debt_fen + facts.other_own_debt_fen
        assert 2 * (debt + decision.total_fen) <= 12 * facts.income.monthly_fen


@given(facts_strategy, st.integers(1, 10**8))
def test_law_better_facts_never_lower_and_debt_never_raises(facts, more):
    total = limit_total(facts, POLICY).total_fen
    for better in (
        replace(facts, payment_volume_12m_fen=facts.payment_volume_12m_fen + more),
        replace(facts, other_card_limits_fen=facts.other_card_limits_fen + more),
        replace(facts, wealth_fen=facts.wealth_fen + more),
        replace(facts, identity_strength=100),
    ):
        assert limit_total(better, POLICY).total_fen >= total
    assert limit_total(replace(facts, bureau_debt_fen=facts.bureau_debt_fen + more), POLICY).total_fen <= total


@pytest.mark.parametrize(
    ("total", "others", "maximum", "line"),
    [
        (6_000_000, 0, 5_000_000, 5_000_000),
        (6_000_000, 5_000_000, 2_000_000, 1_000_000),
        (6_000_000, 5_950_000, 2_000_000, 50_000),
        (6_000_000, 5_950_001, 2_000_000, 0),
        (6_000_000, 7_000_000, 2_000_000, 0),
    ],
)
def test_r5_2_a_products_line(total, others, maximum, line):
    assert (
        line_limit(
            total_fen=total,
            other_lines_fen=others,
            product_minimum_fen=50_000,
            product_maximum_fen=maximum,
            policy=POLICY,
        )
        == line
    )


def test_business_line_follows_its_own_row():
    def limit(turnover):
        return business_line_limit(
            yearly_turnover_fen=turnover,
            turnover_share=Fraction(3, 10),
            policy=POLICY,
            product_minimum_fen=50_000,
            product_maximum_fen=50_000_000,
        )

    assert (limit(100_000_000), limit(10**9), limit(166_666)) == (30_000_000, 50_000_000, 0)


@pytest.mark.parametrize(
    ("approved", "reviewed", "following"),
    [
        (50_000, date(2026, 11, 30), date(2027, 2, 28)),
        (500_000, ON, date(2027, 2, 23)),
        (510_000, ON, date(2027, 5, 23)),
        (5_000_000, ON, date(2027, 5, 23)),
        (5_010_000, ON, date(2027, 11, 23)),
        (20_000_000, date(2028, 2, 29), date(2029, 2, 28)),
    ],
)
def test_r5_1_bands_and_reviews(approved, reviewed, following):
    assert next_review_on(approved, POLICY, reviewed_on=reviewed) == following


@given(st.integers(50_000, 20_000_000))
def test_law_each_limit_is_in_exactly_one_band(approved):
    band = band_of(approved, POLICY)
    assert band.above_fen <= approved <= band.to_fen
    assert sum(other.above_fen < approved <= other.to_fen for other in POLICY.bands) == (approved > 50_000)


def test_r5_5_available_and_holds():
    assert available(approved_fen=500, used_fen=200, reserved_fen=100) == 200
    with pytest.raises(AssertionError):
        available(approved_fen=500, used_fen=400, reserved_fen=200)
    assert can_draw([])
    assert not any(can_draw([kind]) for kind in HOLD_KINDS)
    assert len(HOLD_KINDS) == 8
    assert HOLD_KINDS["aml"].name == HOLD_KINDS["fraud"].name  # no tipping off (R8.8)


@given(st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 10**8))
def test_law_a_decrease_ratchets_down_with_repayment(target, used, reserved, repaid):
    before = approved_for_target(target_fen=target, used_fen=used, reserved_fen=reserved)
    after = approved_for_target(target_fen=target, used_fen=max(used - repaid, 0), reserved_fen=reserved)
    assert target <= after <= before
    assert available(approved_fen=before, used_fen=used, reserved_fen=reserved) >= 0


@pytest.mark.parametrize(
    ("verified", "declared", "province", "expected"),
    [
        (900_000, 100, "11", Income(900_000, "verified")),
        (None, 500_000, "11", Income(500_000, "declared")),
        (None, 5_000_000, "11", Income(10_593_100 // 12, "declared_capped")),
        (None, 5_000_000, "13", Income(6_947_600 // 12, "declared_capped")),
        (None, None, "11", Income(None, "unknown")),
        (0, 0, None, Income(None, "unknown")),
    ],
)
def test_r5_6_income(verified, declared, province, expected):
    assert income_counted(verified_fen=verified, declared_fen=declared, province_code=province, wages=WAGES) == expected


@pytest.mark.parametrize(
    ("debt", "own", "new", "ratio", "over"),
    [
        (6_000_000, 0, 0, Fraction(1, 2), False),
        (5_000_000, 500_000, 500_000, Fraction(1, 2), False),
        (6_000_000, 0, 12, Fraction(500_001, 10**6), True),
        (6_000_000, 0, 5, Fraction(1, 2), False),
    ],
)
def test_r5_6_ratio(debt, own, new, ratio, over):
    found = debt_to_income(bureau_debt_fen=debt, own_debt_fen=own, new_fen=new, income=Income(1_000_000, "verified"))
    assert found == ratio
    assert is_over_indebted(found, POLICY) is over


def test_r5_6_without_income_there_is_no_ratio():
    found = debt_to_income(bureau_debt_fen=1, own_debt_fen=0, new_fen=0, income=Income(None, "unknown"))
    assert found is None
    assert not is_over_indebted(found, POLICY)
