"""The side bar of the console. `{% load console %}`."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from django import template
from django.template.context import RequestContext
from django.utils.html import conditional_escape, format_html

from weidai.kernel.rates import DAYS_PER_YEAR
from weidai.kernel.text import Text
from weidai.staff import rules
from weidai.web.console import words
from weidai.web.console.menu import ShownSection, menu_for
from weidai.web.shared import formats
from weidai.web.shared.language import say
from weidai.web.shared.permissions import second_factor_given, staff_roles
from weidai.web.shared.templatetags.weidai import badge

register = template.Library()


@register.simple_tag(takes_context=True)
def side_bar(context: RequestContext) -> list[ShownSection]:
    """The entries this person sees; nothing before the second factor is given."""
    request = context["request"]
    if not request.user.is_authenticated or not second_factor_given(request):
        return []
    return menu_for(staff_roles(request), request.path)


@register.filter
def role_name(role: str) -> Any:
    """The words for a role."""
    return rules.ROLE_NAMES[rules.Role(role)]


@register.simple_tag
def status(group: str, code: str, text: Any = None) -> Any:
    """The badge of a state: its tone, and the room's own words when given."""
    tone, words_of = words.status_of(group, str(code))
    return badge(tone, text or words_of)


@register.simple_tag
def word(group: str, code: str) -> str:
    """A code in the reader's language."""
    return conditional_escape(say(words.word(group, str(code))))


@register.filter
def short(value: UUID | str | None) -> Any:
    """The end of an id, with the whole id on hover; the beginning is the time and much the same for neighbours."""
    text = str(value) if value else ""
    return format_html('<code title="{}">…{}</code>', text, text[-8:]) if text else "—"


@register.filter
def lookup(mapping: dict[Any, Any], key: Any) -> Any:
    """A value by key; empty when there is none."""
    return (mapping or {}).get(key, "")


@register.filter
def staff_name(names: dict[str, str], key: str) -> str:
    """A colleague's name by id, the end of the id when the account is not known."""
    return (names or {}).get(key) or (f"…{key[-8:]}" if key else "—")


@register.filter
def working_minutes(minutes: int) -> str:
    """Working minutes as hours and minutes: `135` → `2:15`."""
    return f"{minutes // 60}:{minutes % 60:02d}"


@register.filter
def age(span: timedelta) -> str:
    """How long something waits, in its largest whole unit: minutes, hours, days."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes < 60:
        return say(Text(f"{minutes} 分钟", f"{minutes} min"))
    if minutes < 2 * 24 * 60:
        return say(Text(f"{minutes // 60} 小时", f"{minutes // 60} h"))
    return say(Text(f"{minutes // 1440} 天", f"{minutes // 1440} days"))


@register.filter
def fact(value: object) -> str:
    """A stored fact as text, lists joined."""
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "—" if value is None or value == "" else str(value)


@register.filter
def product_name(code: str) -> str:
    """A product's display name in the pack in force; a code the pack no longer knows as it is."""
    from weidai.platform import clock
    from weidai.products import selectors as products
    from weidai.products.errors import ProductNotFound

    try:
        return say(products.product_get(code, on=clock.today()).name)
    except ProductNotFound:
        return code


@register.filter
def book_name(name: str) -> str:
    """A book's name in the reader's language; one that an operator named as it is."""
    return say(words.word("book_name", name))


@register.filter
def risk_reason(code: str) -> str:
    """Why a risk decision was not plain allow."""
    from weidai.risk import selectors as risk

    return say(risk.reason_text(code))


@register.filter
def measure(value: Fraction | None, unit: str) -> str:
    """An indicator's value: yuan, a count, a ratio in percent, a score."""
    if value is None:
        return "—"
    if unit == "fen":
        return formats.yuan(int(value))
    return formats.percent(value) if unit == "ratio" else str(round(value))


@register.filter
def fen_text(value: str) -> str:
    """An amount kept as digits of fen, as yuan; anything else as it is."""
    return formats.yuan(int(value)) if value.isdecimal() else value


@register.filter
def yearly(daily_rate_e8: int | None) -> str:
    """The simple yearly rate of a daily one: 365 days, no compounding, no rounding."""
    return "—" if daily_rate_e8 is None else formats.rate(daily_rate_e8 * DAYS_PER_YEAR)


@register.filter
def fen_e8(amount_e8: int) -> str:
    """An exact amount in 1e-8 fen as yuan with six decimals, cut: accruals are not rounded before they are billed."""
    millionths = abs(amount_e8) // 10**4  # 1e-8 fen = 1e-10 yuan; six decimals of a yuan are 1e4 of them
    whole, rest = divmod(millionths, 10**6)
    return f"{'-' if amount_e8 < 0 and millionths else ''}{whole:,}.{rest:06d}"
