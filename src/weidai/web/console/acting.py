"""What console pages have in common: filters kept in the address, and one page for acts that need a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from weidai.kernel.text import Text
from weidai.staff import selectors as staff
from weidai.web.shared.forms import Form, form_with_refusal, status_of
from weidai.web.shared.language import lazy_text, say

MAX_REASON = 200
_DAY_OUT_OF_RANGE = lazy_text("日期须在 2000 年至 2100 年之间。", "Enter a day between 2000 and 2100.")
# Outside it nothing was ever kept, and the days next to the calendar's ends have no instant in UTC.
DAY_VALIDATORS = (MinValueValidator(date(2000, 1, 1), _DAY_OUT_OF_RANGE),
                  MaxValueValidator(date(2100, 12, 31), _DAY_OUT_OF_RANGE))


class FilterForm(forms.Form):
    """A GET form of filters: nothing is required, what is malformed is shown beside its field and not applied."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, label_suffix="", **kwargs)  # type: ignore[arg-type]
        for field in self.fields.values():
            field.required = False

    def value(self, name: str) -> str:
        """The cleaned text of a filter; empty when missing or malformed."""
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")

    def day(self, name: str):  # type: ignore[no-untyped-def]
        """The cleaned day of a filter, or None."""
        self.is_valid()
        return self.cleaned_data.get(name)


def text_filter(zh: str, en: str, **attributes: str) -> forms.CharField:
    """A free-text filter."""
    return forms.CharField(label=lazy_text(zh, en), max_length=64, widget=forms.TextInput(
        attrs={"autocomplete": "off", "spellcheck": "false", **attributes}))


def day_filter(zh: str, en: str) -> forms.DateField:
    """A day filter."""
    return forms.DateField(label=lazy_text(zh, en), widget=forms.DateInput(attrs={"type": "date"}), validators=DAY_VALIDATORS,
                           error_messages={"invalid": lazy_text("请输入日期，例如 2026-03-01。",
                                                                "Enter a day such as 2026-03-01.")})


def uuid_or_none(text: str) -> UUID | None:
    """An id typed by a person."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


class ReasonForm(Form):
    """Why somebody acts; kept on record, so no personal data."""

    reason = forms.CharField(
        label=lazy_text("理由", "Reason"), min_length=4, max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy_text("将留痕保存；请勿填写客户姓名、证件号、手机号等个人信息。",
                            "Kept on record. Do not write names, ID numbers or other personal data."))


@dataclass(frozen=True, slots=True)
class Act:
    """One act that needs a look and a reason: what is shown, what the button says, what follows."""

    title: Text
    facts: Sequence[tuple[Text, object]]
    button: Text
    done: Text
    back_url: str
    back_label: Text
    note: Text | None = None
    is_dangerous: bool = False


def act_page(request: HttpRequest, act: Act, form: Form, action: Callable[[], object]) -> HttpResponse:
    """Show the act and its form; a valid POST runs `action` and goes back with a message, a refusal stays here."""
    if request.method == "POST" and form.is_valid():
        form_with_refusal(form, action)
        if form.refusal is None and not form.errors:
            messages.success(request, say(act.done))
            return HttpResponseRedirect(act.back_url)
    return render(request, "console/pages/act.html", {"act": act, "form": form}, status=status_of(form))


def staff_names(ids: Sequence[str]) -> dict[str, str]:
    """Display names for staff ids kept as text by the rooms; ids that are none are left out."""
    known = {found for found in (uuid_or_none(text) for text in set(ids) if text) if found is not None}
    return {str(key): name for key, name in staff.display_names(known).items()} if known else {}


def staff_id(request: HttpRequest) -> str:
    """The id of the person of this request, as the rooms keep it."""
    return str(request.user.pk)
