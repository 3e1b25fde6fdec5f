"""Tags and filters every page uses. `{% load weidai %}`; documented in docs/how-to/write-a-page.md."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.forms import BoundField, PasswordInput
from django.template.context import RequestContext
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from weidai.kernel.text import Text
from weidai.platform.ids import uuid7
from weidai.web.shared import formats
from weidai.web.shared.language import current_language, say

register = template.Library()

TONES = ("ok", "info", "wait", "warning", "danger", "muted")


@register.simple_tag
def t(zh: str, en: str, **values: object) -> SafeString:
    """The sentence in the reader's language; placeholders by name, values escaped."""
    return format_html(en if current_language() == "en" else zh, **values) if values else mark_safe(  # noqa: S308
        en if current_language() == "en" else zh)


@register.simple_tag
def tt(text: Text | str | None) -> str:
    """A `Text` from a room in the reader's language, escaped."""
    return conditional_escape(say(text))


@register.filter(name="say")
def say_filter(text: Text | str | None) -> str:
    """The same as `tt`, where a filter is handier."""
    return say(text)


@register.filter
def yuan(fen: object) -> str:
    """Fen as `3,000.50`; takes an int or Money; nothing shows as an em dash."""
    amount = getattr(fen, "fen", fen)
    return formats.yuan(amount) if isinstance(amount, int) else "—"


@register.filter
def money(fen: object) -> str:
    """Fen with the unit of the language: `3,000.50 元`, `CNY 3,000.50`."""
    amount = getattr(fen, "fen", fen)
    return formats.money(amount, current_language()) if isinstance(amount, int) else "—"


@register.filter
def percent(share: Decimal | Fraction | int | str | None, places: int = 2) -> str:
    """A share of one as percent: `0.146` → `14.60%`."""
    return "—" if share is None or share == "" else formats.percent(share, places)


@register.filter
def rate(daily_rate_e8: int | None) -> str:
    """A daily rate in 1e-8 as percent: `50000` → `0.05%`."""
    return "—" if daily_rate_e8 is None or not isinstance(daily_rate_e8, int) else formats.rate(daily_rate_e8)


@register.filter
def day(on: date | None) -> str:
    """`2026年3月1日` / `1 Mar 2026`."""
    return formats.day(on, current_language()) if isinstance(on, date) else "—"


@register.filter
def instant(at: datetime | None) -> str:
    """Day and minute in Shanghai."""
    return formats.instant(at, current_language()) if isinstance(at, datetime) else "—"


@register.filter
def masked_mobile(mobile: str | None) -> str:
    """`138****5678`."""
    return formats.masked_mobile(mobile or "")


@register.filter
def masked_card(number: str | None) -> str:
    """`**** 1234`."""
    return formats.masked_card(number or "")


@register.filter
def masked_id_number(number: str | None) -> str:
    """`1****************X`."""
    return formats.masked_id_number(number or "")


@register.filter
def masked_name(name: str | None) -> str:
    """`**明`."""
    return formats.masked_name(name or "")


@register.simple_tag
def badge(tone: str, text: Text | str) -> SafeString:
    """A status: colour plus word, never colour alone. Tones: ok info wait warning danger muted."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"badge tone {tone!r} is not one of {', '.join(TONES)}")
    return format_html('<span class="wd-badge wd-badge--{}">{}</span>', tone, say(text))


@register.simple_tag
def idempotency_field() -> SafeString:
    """The hidden key that makes a second click harmless; a new one each time the form is drawn."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid7())


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: object) -> str:
    """The current query string with changes; an empty or missing value removes the key."""
    parameters = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            parameters.pop(key, None)
        else:
            parameters[key] = str(value)
    encoded = parameters.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.simple_tag(takes_context=True)
def may(context: RequestContext, permission: str) -> bool:
    """Whether the staff member of this page holds the permission: `{% may "lending.loan.view" as can_see %}`."""
    from weidai.web.shared.permissions import staff_may

    return staff_may(context["request"], permission)


def _field_context(field: BoundField, **extra: Any) -> dict[str, Any]:
    """What both field templates need: the control with the right ARIA links to help and error."""
    described_by = []
    if field.help_text:
        described_by.append(f"{field.id_for_label}_help")
    if field.errors:
        described_by.append(f"{field.id_for_label}_error")
    attributes: dict[str, Any] = dict(extra.pop("attributes", {}))
    if described_by:
        attributes["aria-describedby"] = " ".join(described_by)
    if field.errors:
        attributes["aria-invalid"] = "true"
    kind = getattr(field.field.widget, "input_type", "") or field.field.widget.__class__.__name__.lower()
    if kind == "checkbox" and getattr(field.field.widget, "allow_multiple_selected", False):
        kind = "checkboxes"
    return {"field": field, "control": field.as_widget(attrs=attributes), "kind": kind, **extra}


@register.inclusion_tag("h5/components/field.html")
def h5_field(field: BoundField, unit: str = "") -> dict[str, Any]:
    """A form field of the borrower pages: label, control, help, error beside it."""
    css = {"checkbox": "wd-checkbox", "select": "weui-select wd-select", "radio": "wd-radio"}
    kind = getattr(field.field.widget, "input_type", "")
    return _field_context(field, unit=unit, attributes={"class": css.get(kind, "weui-input wd-input")})


@register.inclusion_tag("h5/components/sms_code.html")
def h5_sms_code(field: BoundField, masked_mobile: str, resend_url: str, wait_seconds: int = 60) -> dict[str, Any]:
    """The one-time code field: masked number, resend button with countdown (courtesy; the server keeps the limit)."""
    attributes = {"class": "weui-input wd-input wd-code", "inputmode": "numeric", "autocomplete": "one-time-code",
                  "maxlength": "6", "pattern": "[0-9]{6}"}
    return _field_context(field, masked_mobile=masked_mobile, resend_url=resend_url, wait_seconds=wait_seconds,
                          attributes=attributes)


@register.inclusion_tag("h5/components/pin.html")
def h5_pin(field: BoundField, autocomplete: str = "off") -> dict[str, Any]:
    """The six-digit payment password; one field drawn as six boxes, so that it works without scripts."""
    field.field.widget = PasswordInput()  # hidden while typed, and never sent back in the page
    attributes = {"class": "wd-pin__input", "inputmode": "numeric", "autocomplete": autocomplete, "maxlength": "6",
                  "pattern": "[0-9]{6}"}
    return _field_context(field, attributes=attributes)


@register.inclusion_tag("console/components/field.html")
def console_field(field: BoundField) -> dict[str, Any]:
    """A form field of the console: label above, control, help, error beside it."""
    kind = getattr(field.field.widget, "input_type", "")
    css = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}
    attributes = {"class": css.get(kind, "form-control") + (" is-invalid" if field.errors else "")}
    if kind == "radio" or getattr(field.field.widget, "allow_multiple_selected", False):
        field.field.widget.attrs["class"] = attributes["class"]  # the options are drawn one by one
    return _field_context(field, attributes=attributes)


@register.inclusion_tag("console/components/chart.html")
def chart(chart_id: str, title: Text | str, option: dict[str, Any], headings: list[Any], rows: list[Any],
          as_of: datetime | None = None) -> dict[str, Any]:
    """A chart with its data table. `option` is an ECharts option of plain values; the table is what it draws."""
    encoded = json.dumps(option, ensure_ascii=False, default=_plain)
    for character, escape in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        encoded = encoded.replace(character, escape)
    return {"chart_id": chart_id, "title": title, "option_json": mark_safe(encoded), "headings": headings,  # noqa: S308
            "rows": rows, "as_of": as_of}


def _plain(value: object) -> object:
    """Texts in the reader's language, numbers and days as strings."""
    if isinstance(value, Text):
        return say(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
