"""The form of the desks on which papers and ID cards are judged field by field, and its parts beside each field (R4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from weidai.kernel.text import Text
from weidai.origination import services
from weidai.origination.selectors import BookingRow, PaperFieldRow, VerdictRow
from weidai.web.shared.forms import Form, YuanField
from weidai.web.shared.language import lazy_text, say

VERDICTS = (("accepted", Text("属实", "Accept")), ("doubted", Text("存疑", "Doubt")), ("corrected", Text("更正", "Put right")))


class PaperForm(Form):
    """A verdict for every field and row of a page; what is left without one stays open."""

    def __init__(
        self, *args: Any, fields: Sequence[PaperFieldRow], bookings: Sequence[BookingRow] = (),
        hand_fields: Sequence[PaperFieldRow] = (), **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.judged = tuple(fields)
        for hand in hand_fields:
            self._typed(hand)
        for field in fields if not hand_fields else ():
            self._verdict(field.code, say(field.label), field.is_money, field.verdict, field.value)
        for booking in bookings:
            label = say(Text("第 {n} 行", "Row {n}").format(n=booking.number))
            self._verdict(booking.code, label, True, booking.verdict, str(booking.amount_fen or ""), is_row=True)

    def _typed(self, row: PaperFieldRow) -> None:
        """One input for a field of a page that no machine read; left empty it says nothing."""
        widget = forms.TextInput({"autocomplete": "off", **({"inputmode": "decimal"} if row.is_money else {})})
        label = say(row.label)
        self.fields[f"typed.{row.code}"] = (
            YuanField(label=label, required=False, min_fen=0, widget=widget) if row.is_money
            else forms.CharField(label=label, required=False, max_length=100, widget=widget))
        self.initial[f"typed.{row.code}"] = int(row.value) if row.is_money and row.value.isdecimal() else row.value

    def _verdict(
        self, code: str, label: str, is_money: bool, verdict: VerdictRow | None, value: str, *, is_row: bool = False,
    ) -> None:
        options = [(key, lazy_text(text.zh, text.en)) for key, text in VERDICTS]
        self.fields[f"verdict.{code}"] = forms.ChoiceField(
            label=label, required=False, choices=[("", lazy_text("未核对", "Open")), *options] if is_row else options,
            widget=(forms.Select(attrs={"class": "form-select"}) if is_row
                    else forms.RadioSelect(attrs={"class": "form-check-input"})),
            initial=verdict.verdict if verdict else "")
        right = {"class": "form-control pp-more__value", "autocomplete": "off",
                 "aria-label": say(Text("{label}：更正为", "{label}: put right to").format(label=label)),
                 "placeholder": say(Text("更正为", "Put right to"))}
        why = {"class": "form-control", "autocomplete": "off", "maxlength": 200,
               "aria-label": say(Text("{label}：理由", "{label}: why").format(label=label)),
               "placeholder": say(Text("理由，例如：与流水不符", "Why, for example: differs from the statement"))}
        if is_row:
            right["class"], why["class"] = "form-control pp-row__value", "form-control pp-row__note"
        self.fields[f"value.{code}"] = (
            YuanField(required=False, min_fen=-10**13 if is_row else 0, widget=forms.TextInput({**right, "inputmode": "decimal"}))
            if is_money else forms.CharField(required=False, max_length=100, widget=forms.TextInput(right)))
        self.initial[f"value.{code}"] = int(value) if is_money and value.lstrip("-").isdecimal() else "" if is_money else value
        self.fields[f"note.{code}"] = forms.CharField(required=False, max_length=200, widget=forms.TextInput(why),
                                                      initial=verdict.note if verdict else "")

    def verdicts(self, *, accept_rest: bool) -> dict[str, services.Verdict]:
        """What was chosen; with `accept_rest` also an acceptance of every open field that nothing speaks against."""
        found = {name.removeprefix("typed."): services.Verdict("corrected", str(value))
                 for name, value in self.cleaned_data.items() if name.startswith("typed.") and value not in (None, "")}
        for name in [name for name in self.fields if name.startswith("verdict.")]:
            code = name.removeprefix("verdict.")
            chosen = self.cleaned_data[name]
            if not chosen:
                continue
            value = self.cleaned_data[f"value.{code}"]
            right = str(value) if chosen == "corrected" and value not in (None, "") else ""
            found[code] = services.Verdict(chosen, right, self.cleaned_data[f"note.{code}"])
        if accept_rest:
            for field in self.judged:
                if nothing_against(field):
                    found.setdefault(field.code, services.Verdict("accepted"))
        return found


def nothing_against(field: PaperFieldRow) -> bool:
    """Surely read, not put differently by the customer, no check against it."""
    return field.is_sure and not field.is_corrected and not any(check.passed is False for check in field.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is judged at a desk, with its parts of the form; they are there for who judges only."""

    verdict: BoundField | None
    right: BoundField | None
    note: BoundField | None

    @property
    def has_error(self) -> bool:
        """Something of it was refused."""
        return any(part is not None and part.errors for part in (self.verdict, self.right, self.note))


def parts_of(code: str, form: PaperForm | None) -> dict[str, BoundField | None]:
    """Return the parts of the form for a field or row, as `Judged` takes them."""
    names = {"verdict": "verdict", "right": "value", "note": "note"}
    return {part: form[f"{name}.{code}"] if form else None for part, name in names.items()}
