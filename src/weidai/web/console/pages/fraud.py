"""Fraud: risk decisions with their reasons, and the lists (R8.2)."""

from __future__ import annotations

import re
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.risk import selectors, services
from weidai.web.console.acting import Act, FilterForm, ReasonForm, act_page, staff_id, staff_names, uuid_or_none
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.words import choices, status_of, word
from weidai.web.shared.formats import instant
from weidai.web.shared.forms import form_with_refusal
from weidai.web.shared.forms import status_of as http_status_of
from weidai.web.shared.language import current_language, lazy_text, say
from weidai.web.shared.paging import page_of, slice_asked
from weidai.web.shared.permissions import staff_page

MENU = (
    MenuItem(Section.FRAUD, Text("风险决策", "Risk decisions"), "console:decision_list", "risk.alert.view"),
    MenuItem(Section.FRAUD, Text("名单", "Lists"), "console:risk_list", "risk.list.view"),
)
LISTS = Text("名单", "Lists")
EFFECTS = [("block", lazy_text("拦截", "Block")), ("challenge", lazy_text("观察（加强核验）", "Watch (challenge)"))]
_SHAPES = {"id_number": re.compile(r"\d{17}[\dXx]"), "mobile": re.compile(r"1[3-9]\d{9}"),
           "card_number": re.compile(r"\d{16,19}")}


class DecisionFilters(FilterForm):
    """Which decisions."""

    outcome = forms.ChoiceField(label=lazy_text("结论", "Outcome"), choices=choices("risk"))
    event = forms.ChoiceField(label=lazy_text("事件", "Event"), choices=choices("event"))
    customer = forms.UUIDField(label=lazy_text("客户编号", "Customer id"), error_messages={
        "invalid": lazy_text("请输入完整的编号。", "Enter the whole id.")})


@staff_page("risk.alert.view")
def decision_list(request: HttpRequest) -> HttpResponse:
    """Every decision of the transaction layer, newest first."""
    form, asked = DecisionFilters(request.GET), slice_asked(request)
    rows = selectors.decisions_page(event=form.value("event"), outcome=form.value("outcome"),
                                    customer_id=uuid_or_none(form.value("customer")), offset=asked.offset,
                                    limit=asked.limit)
    return render(request, "console/pages/decision_list.html", {
        "page": page_of(asked, rows), "filters": form, "now": clock.now()})


class ListFilters(FilterForm):
    """Which entries."""

    kind = forms.ChoiceField(label=lazy_text("类型", "Kind"), choices=choices("list_kind"))
    effect = forms.ChoiceField(label=lazy_text("处置", "Effect"), choices=[("", lazy_text("全部", "All")), *EFFECTS])


class EntryForm(ReasonForm):
    """A value to stop or to watch; only its keyed digest is kept."""

    kind = forms.ChoiceField(label=lazy_text("类型", "Kind"), choices=choices("list_kind", everything=False))
    value = forms.CharField(label=lazy_text("值", "Value"), max_length=64,
                            widget=forms.TextInput(attrs={"autocomplete": "off"}),
                            help_text=lazy_text("只保存加密摘要，保存后无法再看到原值。",
                                                "Only a keyed digest is kept; the value cannot be shown again."))
    effect = forms.ChoiceField(label=lazy_text("处置", "Effect"), widget=forms.RadioSelect, choices=EFFECTS)
    field_order = ("kind", "value", "effect", "reason")

    def clean(self) -> dict[str, object]:
        """The value must have the shape of its kind."""
        cleaned = super().clean() or {}
        kind, value = str(cleaned.get("kind") or ""), str(cleaned.get("value") or "").replace(" ", "")
        shape = _SHAPES.get(kind)
        is_right = shape.fullmatch(value) is not None if shape else uuid_or_none(value) is not None
        if kind and value and not is_right:
            self.add_error("value", say(Text("与所选类型的格式不符。", "This is not a value of the chosen kind.")))
        cleaned["value"] = value
        return cleaned


@staff_page("risk.list.view")
def risk_list(request: HttpRequest) -> HttpResponse:
    """Standing entries, newest first."""
    form, asked = ListFilters(request.GET), slice_asked(request)
    page = page_of(asked, selectors.list_entries(kind=form.value("kind"), effect=form.value("effect"),
                                                 offset=asked.offset, limit=asked.limit))
    return render(request, "console/pages/risk_list.html", {
        "page": page, "filters": form, "now": clock.now(), "names": staff_names([row.added_by for row in page.rows])})


@staff_page("risk.list.edit")
def risk_entry_add(request: HttpRequest) -> HttpResponse:
    """Put a value on a list."""
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        entry_id = form_with_refusal(form, lambda: services.list_add(
            kind=form.cleaned_data["kind"], value=form.cleaned_data["value"], effect=form.cleaned_data["effect"],
            reason=form.cleaned_data["reason"], staff_id=staff_id(request)))
        if entry_id is not None:
            messages.success(request, say(Text("已加入名单。", "The entry stands.")))
            return HttpResponseRedirect(reverse("console:risk_list"))
    act = Act(title=Text("加入名单", "Add to a list"), facts=[], button=Text("加入名单", "Add"), done=Text("", ""),
              back_url=reverse("console:risk_list"), back_label=LISTS)
    return render(request, "console/pages/act.html", {"act": act, "form": form}, status=http_status_of(form))


@staff_page("risk.list.edit")
def risk_entry_remove(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Take a value off its list; the row stays as history."""
    row, form = selectors.list_entry_get(entry_id), ReasonForm(request.POST or None)
    act = Act(
        title=Text("移出名单", "Remove from the list"),
        facts=[(Text("类型", "Kind"), word("list_kind", row.kind)), (Text("处置", "Effect"), status_of("risk", row.effect)[1]),
               (Text("加入理由", "Why it was added"), row.reason),
               (Text("加入时间", "Added"), instant(row.added_at, current_language()))],
        button=Text("移出", "Remove"), done=Text("已移出名单。", "The entry is removed."), is_dangerous=True,
        back_url=reverse("console:risk_list"), back_label=LISTS)
    return act_page(request, act, form, lambda: services.list_remove(
        entry_id=entry_id, reason=form.cleaned_data["reason"]))


urlpatterns = [
    path("risk/decisions", decision_list, name="decision_list"),
    path("risk/lists", risk_list, name="risk_list"),
    path("risk/lists/add", risk_entry_add, name="risk_entry_add"),
    path("risk/lists/<uuid:entry_id>/remove", risk_entry_remove, name="risk_entry_remove"),
]
