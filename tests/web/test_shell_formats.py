"""How values read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from weidai.kernel.text import Text
from weidai.web.shared import formats
from weidai.web.shared.forms import YuanField


@pytest.mark.parametrize(("fen", "shown"), [
    (0, "0.00"), (5, "0.05"), (300_050, "3,000.50"), (-1, "-0.01"), (-123_456_789, "-1,234,567.89"),
    (10**17 + 1, "1,000,000,000,000,000.01"),
])
def test_yuan_is_exact(fen: int, shown: str) -> None:
    assert formats.yuan(fen) == shown


@pytest.mark.parametrize(("share", "places", "shown"), [
    (Decimal("0.146"), 2, "14.60%"), ("0.18255", 2, "18.26%"), ("0.182549", 2, "18.25%"), (1, 0, "100%"),
    ("-0.00004", 2, "0.00%"), ("-0.05", 1, "-5.0%"),
])
def test_percent_rounds_half_up(share: object, places: int, shown: str) -> None:
    assert formats.percent(share, places) == shown


@pytest.mark.parametrize(("rate_e8", "shown"), [
    (50_000, "0.05%"), (36_500, "0.0365%"), (1, "0.000001%"), (0, "0.00%"), (1_000_000, "1.00%"),
])
def test_rate_loses_nothing(rate_e8: int, shown: str) -> None:
    assert formats.rate(rate_e8) == shown


def test_days_belong_to_shanghai() -> None:
    late = datetime(2026, 2, 28, 16, 5, tzinfo=UTC)
    assert formats.day(late, "zh") == "2026年3月1日"
    assert formats.instant(late, "zh") == "2026年3月1日 00:05"
    assert formats.instant(late, "en") == "1 Mar 2026, 00:05"
    assert formats.day(date(2026, 12, 31), "en") == "31 Dec 2026"


def test_masks_keep_little_and_never_fail() -> None:
    assert formats.masked_mobile("13812345678") == "138****5678"
    assert formats.masked_card("6222021234567890") == "**** 7890"
    assert formats.masked_id_number("11010119900307123X") == "1****************X"
    assert (formats.masked_name("张三"), formats.masked_name("张小明"), formats.masked_name("")) == ("*三", "**明", "")
    assert {formats.masked_mobile("12"), formats.masked_card(""), formats.masked_id_number("1")} == {"****"}


def _draw(source: str, language: str = "zh-hans", **context: object) -> str:
    with translation.override(language):
        return Template("{% load weidai %}" + source).render(Context(context))


def test_t_picks_the_language_and_escapes_values() -> None:
    source = '{% t "您好，{name}" "Hello {name}" name=name %}'
    assert _draw(source, name="<b>") == "您好，&lt;b&gt;"
    assert _draw(source, "en", name="Li") == "Hello Li"


def test_tt_and_badge_escape_what_rooms_say() -> None:
    text = Text("<i>中", "<i>en")
    assert _draw("{% tt text %}", text=text) == "&lt;i&gt;中"
    drawn = _draw('{% badge "danger" text %}', "en", text=text)
    assert drawn == '<span class="wd-badge wd-badge--danger">&lt;i&gt;en</span>'


def test_missing_values_show_a_dash() -> None:
    assert _draw("{{ x|yuan }}{{ x|money }}{{ x|day }}{{ x|instant }}{{ x|percent }}{{ x|rate }}", x=None) == "——————"


def test_idempotency_keys_differ_each_time() -> None:
    drawn = {_draw("{% idempotency_field %}") for _ in range(5)}
    assert len(drawn) == 5


@pytest.mark.parametrize(("typed", "fen"), [
    ("3000", 300_000), (" 3,000.50 ", 300_050), ("0.1", 10), ("3，000", 300_000), ("1e3", 100_000),
])
def test_yuan_field_keeps_fen(typed: str, fen: int) -> None:
    assert YuanField().clean(typed) == fen


@pytest.mark.parametrize("typed", ["abc", "1.001", "NaN", "Infinity", "1e999", "-5", "0", "", "9" * 40])
def test_yuan_field_refuses_nonsense(typed: str) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        YuanField().clean(typed)
