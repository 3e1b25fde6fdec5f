"""Categories that only go up after full repayment and observation; VAT whose rounding loses no fen (R7.7, R7.11)."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weidai.servicing.rules import ClassThresholds, LoanClass
from weidai.servicing.rules.classification import Category, category_after, is_performing
from weidai.servicing.rules.tax import vat_split

DAY = date(2026, 6, 1)
SIX_PERCENT = Fraction(6, 100)


def after(now: Category, days: int, *, on: date = DAY) -> Category:
    return category_after(now, days_past_due=days, on=on, thresholds=ClassThresholds(), observation_months=6)


@pytest.mark.parametrize(("days", "category"), [
    (0, "normal"), (1, "special_mention"), (90, "special_mention"), (91, "substandard"), (270, "substandard"),
    (271, "doubtful"), (360, "doubtful"), (361, "loss")])
def test_days_alone_make_it_worse(days, category):
    assert after(Category(LoanClass.NORMAL), days) == Category(LoanClass(category))


def test_special_mention_is_normal_again_once_paid():
    assert after(Category(LoanClass.SPECIAL_MENTION), 0) == Category(LoanClass.NORMAL)


@pytest.mark.parametrize("category", ["substandard", "doubtful", "loss"])
def test_below_special_mention_only_full_repayment_and_six_months_raise_it(category):
    now = Category(LoanClass(category))
    assert not is_performing(now.category)
    assert after(now, 30) == now  # fewer days late is not enough
    watched = after(now, 0)
    assert watched == Category(now.category, DAY)
    assert after(watched, 0, on=date(2026, 11, 30)) == watched
    assert after(watched, 0, on=date(2026, 12, 1)) == Category(LoanClass.NORMAL)
    assert after(watched, 1, on=date(2026, 8, 1)) == now  # late again: the observation begins anew
    assert after(after(watched, 1), 0, on=date(2026, 8, 5)) == Category(now.category, date(2026, 8, 5))


@given(st.lists(st.integers(0, 400), max_size=60))
def test_a_category_below_special_mention_never_goes_up_while_something_is_overdue(days):
    now = Category(LoanClass.NORMAL)
    order = list(LoanClass)
    for place, late in enumerate(days):
        then = after(now, late, on=DAY + timedelta(days=place))
        if late and not is_performing(now.category):
            assert order.index(then.category) >= order.index(now.category)
        now = then


def test_the_vat_in_106_yuan_is_6():
    split = vat_split(10_600, rate=SIX_PERCENT)
    assert (split.tax_fen, split.net_fen, split.carried) == (600, 10_000, 0)


def test_what_rounding_leaves_is_taxed_on_a_later_day():
    carried, taxes = Fraction(0), []
    for _ in range(10):
        split = vat_split(5, rate=SIX_PERCENT, carried=carried)  # 0.283… fen of tax a day
        carried = split.carried
        taxes.append(split.tax_fen)
    assert taxes == [0, 1, 0, 0, 0, 1, 0, 0, 1, 0]
    assert sum(taxes) == vat_split(50, rate=SIX_PERCENT).tax_fen == 3


@given(st.lists(st.integers(-10**9, 10**9), max_size=40), st.integers(0, 200_000))
def test_no_fen_is_lost_over_any_days(amounts, ppm):
    rate, carried, tax_fen = Fraction(ppm, 10**6), Fraction(0), 0
    for amount in amounts:
        split = vat_split(amount, rate=rate, carried=carried)
        assert split.net_fen + split.tax_fen == amount
        carried, tax_fen = split.carried, tax_fen + split.tax_fen
        assert abs(carried) <= Fraction(1, 2)
    assert tax_fen + carried == sum(amounts) * rate / (1 + rate)
