"""Money and rates: whole fen, exact rates, named rounding."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weidai.kernel.money import E8, ExactMoney, Money, parse_yuan, round_half_up, yuan_text
from weidai.kernel.rates import (
    apr_simple_ppm,
    daily_rate_text,
    parse_daily_rate_e8,
    parse_ratio_ppm,
    ratio_text,
    simple_annual_text,
)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("3,000.50", 300_050),
        ("3000.5", 300_050),
        (" ¥0.01 ", 1),
        ("￥1，234.00", 123_400),
        ("12元", 1_200),
        ("1,000,000", 100_000_000),
        ("0", 0),
    ],
)
def test_amounts_as_people_type_them(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    ["", "1.234", "1e5", "-5", "+5", "1,00", "10,00.00", ".5", "5.", "1 000", "NaN", "１２", "0x10", "1.2.3", "9" * 30],
)
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        parse_yuan(text)


@given(st.integers(0, 10**16))
def test_text_of_an_amount_reads_back(fen: int) -> None:
    assert parse_yuan(yuan_text(fen)) == fen


def test_negative_differences_have_a_text() -> None:
    assert yuan_text(-300_050) == "-3,000.50"
    assert str(Money(5) - Money(7)) == "-0.02"


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**12))
def test_half_up_is_the_nearest_integer_ties_upwards(numerator: int, denominator: int) -> None:
    rounded = round_half_up(numerator, denominator)
    assert Fraction(-1, 2) < rounded - Fraction(numerator, denominator) <= Fraction(1, 2)


def test_half_up_refuses_a_denominator_that_is_not_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        round_half_up(1, 0)


def test_money_is_whole_fen_only() -> None:
    for wrong in (1.0, True, "1"):
        with pytest.raises(TypeError):
            Money(wrong)  # type: ignore[arg-type]


def test_money_adds_compares_and_rounds_by_name() -> None:
    assert Money(5) + Money(7) == Money(12) > Money(11)
    assert -Money(3) == Money(-3)
    assert not Money(0)
    exact = Money(100).times_e8(1_500_000)  # 1.5 fen
    assert exact == ExactMoney(150_000_000)
    assert exact.rounded_half_up_to_fen() == Money(2)
    assert exact.rounded_down_to_fen() == Money(1)
    assert (exact + exact - exact).numerator == exact.numerator


@pytest.mark.parametrize(("text", "rate"), [("0.0004", 40_000), ("0.00025", 25_000), ("0", 0), ("0.00000001", 1)])
def test_daily_rates_of_policy_strings(text: str, rate: int) -> None:
    assert parse_daily_rate_e8(text) == rate


@pytest.mark.parametrize("text", ["0.000000001", "-0.1", "4e-4", "0,0004", "", "0.04%"])
def test_what_is_not_a_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        parse_daily_rate_e8(text)


def test_ratios_of_policy_strings() -> None:
    assert parse_ratio_ppm("0.24") == 240_000
    assert parse_ratio_ppm("1.5") == 1_500_000
    assert ratio_text(240_000) == "24.00%"


@pytest.mark.parametrize(
    ("rate", "daily", "annual", "ppm"),
    [
        (50_000, "0.05%", "18.25%", 182_500),
        (40_000, "0.04%", "14.60%", 146_000),
        (25_000, "0.025%", "9.125%", 91_250),
        (1_000_000, "1.00%", "365.00%", 3_650_000),
        (0, "0.00%", "0.00%", 0),
    ],
)
def test_rates_for_people(rate: int, daily: str, annual: str, ppm: int) -> None:
    assert daily_rate_text(rate) == daily
    assert simple_annual_text(rate) == annual
    assert apr_simple_ppm(rate) == ppm


def test_a_rate_is_in_1e8() -> None:
    assert E8 == 10**8
