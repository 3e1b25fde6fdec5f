"""Eligibility with reasons, the comparison, students (R3.2, R3.3, R3.5)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weidai.products import policy as products_policy
from weidai.products.rules import ProductFacts, apr_e8, comparison, eligibility

ON = date(2026, 11, 23)
POLICY = products_policy.current(ON)
GOOD = ProductFacts(
    is_identity_verified=True,
    grade="B",
    has_invitation=True,
    monthly_flow_fen=(200_000,) * 3,
    has_verified_business=True,
    yearly_turnover_fen=100_000_000,
)
CODES = ("invited_cash_loan", "consumer_installment_line", "pay_later_line", "business_loan")


def codes(product_code, facts, policy=POLICY):
    return [reason.code for reason in eligibility(policy.product(product_code), facts, policy).reasons]


@pytest.mark.parametrize("code", CODES)
def test_a_good_customer_may_have_each_product(code):
    result = eligibility(POLICY.product(code), GOOD, POLICY)
    assert result.is_eligible
    assert result.daily_rate_e8 == POLICY.product(code).daily_rate_e8("B")


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("consumer_installment_line", {"is_identity_verified": False}, ["identity.real_name_required"]),
        ("consumer_installment_line", {"grade": None}, ["products.not_assessed"]),
        ("consumer_installment_line", {"grade": "E"}, ["products.grade_too_low"]),
        (
            "consumer_installment_line",
            {"has_invitation": False, "monthly_flow_fen": (), "has_verified_business": False},
            [],
        ),
        ("consumer_installment_line", {"is_student": True}, ["products.student_second_source"]),
        ("consumer_installment_line", {"is_student": True, "has_second_repayment_source": True}, []),
        ("invited_cash_loan", {"has_invitation": False}, ["products.invitation_required"]),
        ("pay_later_line", {"monthly_flow_fen": (200_000, 200_000)}, ["products.payment_flow_too_low"]),
        ("pay_later_line", {"monthly_flow_fen": (200_000, 199_999, 200_000)}, ["products.payment_flow_too_low"]),
        ("pay_later_line", {"monthly_flow_fen": (0, 200_000, 200_000, 200_000)}, []),
        ("business_loan", {"has_verified_business": False}, ["products.business_licence_required"]),
        ("business_loan", {"yearly_turnover_fen": None}, ["products.turnover_too_low"]),
        ("business_loan", {"yearly_turnover_fen": 166_666}, ["products.turnover_too_low"]),
        ("business_loan", {"yearly_turnover_fen": 166_667}, []),
        ("business_loan", {"room_fen": 0}, []),
        ("pay_later_line", {"room_fen": 49_999}, ["products.no_room"]),
        ("pay_later_line", {"room_fen": 50_000}, []),
        ("pay_later_line", {"held_products": frozenset({"pay_later_line"})}, ["products.already_held"]),
        ("pay_later_line", {"has_open_application": frozenset({"pay_later_line"})}, ["products.application_open"]),
        (
            "invited_cash_loan",
            {"is_identity_verified": False, "grade": "E", "has_invitation": False},
            ["identity.real_name_required", "products.grade_too_low", "products.invitation_required"],
        ),
    ],
)
def test_r3_2_every_reason_is_given(code, changes, expected):
    assert codes(code, replace(GOOD, **changes)) == expected


def test_what_would_change_the_payment_flow_is_counted():
    result = eligibility(POLICY.product("pay_later_line"), replace(GOOD, monthly_flow_fen=(0, 0, 200_000)), POLICY)
    assert result.reasons[0].remedy.zh == "再连续保持 2 个月达标即可。"
    assert "2,000" in result.reasons[0].text.en


def test_r3_5_online_microloan_refuses_students_whatever_they_show():
    policy = replace(POLICY, student_lending="forbidden")
    facts = replace(GOOD, is_student=True, has_second_repayment_source=True)
    assert all("products.student_refused" in codes(code, facts, policy) for code in CODES)


def test_r3_3_comparison_for_a_visitor_and_for_a_customer():
    visitor, customer = comparison(None, POLICY), comparison(GOOD, POLICY)
    assert [row.product_code for row in visitor] == list(CODES)
    assert all(row.eligibility is None for row in visitor)
    assert all(row.eligibility is not None and row.eligibility.is_eligible for row in customer)
    assert customer[0].apr_range_e8 == (7_300_000, 18_250_000)
    assert customer[0].stages == ("screening", "final_review")
    assert customer[3].stages == ("screening", "verification", "final_review")
    assert {row.fees.en for row in customer} == {"No fees of any kind"}


def test_apr_is_365_times_daily():
    assert apr_e8(40_000) == 14_600_000  # 14.6 % (FACTS §1.2)


@given(
    st.builds(
        ProductFacts,
        is_identity_verified=st.booleans(),
        grade=st.sampled_from([None, *"ABCDE"]),
        has_invitation=st.booleans(),
        monthly_flow_fen=st.lists(st.integers(0, 10**7), max_size=5).map(tuple),
        is_student=st.none() | st.booleans(),
        has_second_repayment_source=st.booleans(),
        has_verified_business=st.booleans(),
        yearly_turnover_fen=st.none() | st.integers(0, 10**10),
        room_fen=st.none() | st.integers(0, 10**7),
    ),
    st.sampled_from(CODES),
)
def test_law_a_rate_and_words_for_every_answer(facts, code):
    result = eligibility(POLICY.product(code), facts, POLICY)
    assert not result.is_eligible or result.daily_rate_e8 is not None
    assert all(reason.text.zh and reason.text.en and reason.remedy.zh and reason.remedy.en for reason in result.reasons)
    assert len({reason.code for reason in result.reasons}) == len(result.reasons)
    better = replace(facts, is_identity_verified=True, has_invitation=True, is_student=False)
    assert set(codes(code, better)) <= set(codes(code, facts))
