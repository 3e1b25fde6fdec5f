"""Customers: the list, one customer from every side, and personal data in the clear on record (R8.6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from weidai.assessment import selectors as assessment
from weidai.audit import selectors as audit
from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.identity.errors import RevealReferenceInvalid
from weidai.kernel.text import Text
from weidai.lending import selectors as lending
from weidai.lending import selectors_console as lending_lists
from weidai.limits import selectors as limits
from weidai.limits import services as limits_services
from weidai.messaging import selectors as messaging
from weidai.origination import selectors as origination
from weidai.platform import clock
from weidai.risk import selectors as risk
from weidai.servicing import selectors as servicing
from weidai.staff import services as staff_services
from weidai.web.console.acting import (
    Act,
    FilterForm,
    ReasonForm,
    act_page,
    day_filter,
    staff_id,
    staff_names,
    uuid_or_none,
)
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.words import choices, status_of, word
from weidai.web.shared.formats import instant
from weidai.web.shared.forms import Form
from weidai.web.shared.language import current_language, lazy_text
from weidai.web.shared.paging import MAX_CSV_ROWS, csv_response, page_of, slice_asked
from weidai.web.shared.permissions import staff_may, staff_page

MENU = (MenuItem(Section.CUSTOMERS, Text("客户", "Customers"), "console:customer_list", "identity.customer.view"),)
LIST = Text("客户", "Customers")
STAFF_HOLD = {"kind": "fraud", "source": "staff"}
_TIMELINE_ROWS = 40


class CustomerLookup(Form):
    """One customer by a whole number of theirs. Names cannot be searched: they are stored sealed."""

    q = forms.CharField(
        label=lazy_text("手机号 / 身份证号 / 卡号 / 客户编号 / 借据号", "Mobile, ID number, card, customer id or loan"),
        max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": lazy_text("请填写完整的号码。", "Enter a whole number.")})


class CustomerFilters(FilterForm):
    """Which customers."""

    status = forms.ChoiceField(label=lazy_text("状态", "State"), choices=choices("customer"))
    verified = forms.ChoiceField(label=lazy_text("证件", "ID card"), choices=[
        ("", lazy_text("全部", "All")), ("yes", lazy_text("已核验", "Verified")), ("no", lazy_text("未核验", "Not verified"))])
    since = day_filter("注册不早于", "Registered from")
    until = day_filter("注册不晚于", "Registered to")


def _wanted(form: CustomerFilters) -> identity.CustomerFilter:
    verified = form.value("verified")
    return identity.CustomerFilter(
        status=form.value("status"), has_id_card=None if not verified else verified == "yes", registered_from=form.day("since"),
        registered_to=form.day("until"))


@staff_page("identity.customer.view")
def customer_list(request: HttpRequest) -> HttpResponse:
    """Customers, newest first, masked; also as CSV, which is kept on record. POST looks one up."""
    if request.method == "POST":
        return _lookup(request)
    form = CustomerFilters(request.GET)
    wanted = _wanted(form)
    if request.GET.get("format") == "csv":
        staff_services.export_record("customers", filters=[key for key in form.fields if form.value(key)],
                                     user_id=request.user.pk)
        language = current_language()
        headings = [Text("客户编号", "Customer"), Text("姓名", "Name"), Text("手机号", "Mobile"),
                    Text("身份证号", "ID number"), Text("状态", "State"), Text("注册时间", "Registered")]
        return csv_response("customers", headings, identity.customers_iterate(wanted, limit=MAX_CSV_ROWS), lambda row: [
            str(row.id), row.masked_name, row.masked_mobile, row.masked_id_number,
            status_of("customer", row.status)[1].in_language(language), instant(row.registered_at, language)])
    asked = slice_asked(request)
    rows = identity.customers_page(wanted, offset=asked.offset, limit=asked.limit)
    return render(request, "console/pages/customer_list.html", {
        "page": page_of(asked, rows), "filters": form, "lookup": CustomerLookup(), "now": clock.now()})


def _lookup(request: HttpRequest) -> HttpResponse:
    """Go to the one customer who has a number; it comes in the body, since an address ends up in logs (R9.6)."""
    form, rows = CustomerLookup(request.POST), []
    if form.is_valid():
        query = form.cleaned_data["q"].strip()
        by_loan = lending.customer_by_loan_number(query.upper()) if query.upper().startswith("JK") else None
        rows = identity.customers_page(identity.CustomerFilter(query=str(by_loan[0]) if by_loan else query))
    if len(rows) == 1:
        return HttpResponseRedirect(reverse("console:customer_detail", kwargs={"customer_id": rows[0].id}))
    return render(request, "console/pages/customer_list.html", {
        "page": page_of(slice_asked(request), rows), "filters": CustomerFilters({}), "lookup": form, "now": clock.now()},
        status=200 if form.is_valid() else 422)


class RevealForm(Form):
    """Which fields, and why."""

    fields_wanted = forms.MultipleChoiceField(
        label=lazy_text("查看项目", "What to show"), widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        choices=[(code, lazy_text(text.zh, text.en)) for code, text in identity_services.REVEAL_FIELDS.items()])
    reason = forms.ChoiceField(label=lazy_text("理由", "Reason"), choices=[
        ("", lazy_text("请选择", "Choose")),
        *((code, lazy_text(text.zh, text.en)) for code, text in identity_services.REVEAL_REASONS.items())])
    reference = forms.RegexField(
        label=lazy_text("工单或案件编号", "Ticket or case number"), required=False,
        regex=rf"^(?:{identity_services.REVEAL_REFERENCE.pattern})$",
        error_messages={"invalid": lazy_text(RevealReferenceInvalid.text.zh, RevealReferenceInvalid.text.en)})


@staff_page("identity.customer.view")
def customer_detail(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """One customer from every side; each part only for those who may see it."""
    return _detail(request, customer_id, RevealForm())


def _detail(request: HttpRequest, customer_id: UUID, form: RevealForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "customer": identity.customer_get(customer_id), "strength": identity.identity_strength(customer_id),
        "verifications": identity.verifications(customer_id), "voiceprint": identity.voiceprint_get(customer_id),
        "cards": identity.bank_cards(customer_id),
        "now": clock.now(), "reveal_form": form, "revealed": _revealed(request, customer_id)}
    for permission, part in _PARTS.items():
        if staff_may(request, permission):
            context |= part(customer_id)
    context["names"] = staff_names([event.actor_id for event in context.get("events", ()) if event.actor_kind == "staff"])
    return render(request, "console/pages/customer_detail.html", context, status=status)


def _assessments(customer_id: UUID) -> dict[str, Any]:
    return {"assessment": assessment.latest(customer_id), "assessment_trend": assessment.progress(customer_id).trend,
            "credit_report": assessment.credit_report_for(customer_id)}


def _lines(customer_id: UUID) -> dict[str, Any]:
    holds = limits.holds_for(customer_id, with_released=True)
    return {"lines": limits.lines_for(customer_id, with_closed=True), "holds": holds,
            "changes": limits.changes_for(customer_id, limit=20), "is_held": any(row.released_at is None for row in holds),
            "has_staff_hold": any(row.released_at is None and (row.kind, row.source) == ("fraud", "staff") for row in holds)}


def _repayments(customer_id: UUID) -> dict[str, Any]:
    return {"repayments": servicing.repayments_for(customer_id, limit=20), "spells": servicing.spells_for(customer_id)}


_PARTS = {
    "identity.consent.view": lambda customer_id: {"consents": identity.consents(customer_id)},
    "assessment.profile.view": _assessments,
    "limits.credit_line.view": _lines,
    "origination.application.view": lambda customer_id: {"applications": origination.applications_page(
        origination.ApplicationFilter(text=str(customer_id)), limit=20)},
    "lending.loan.view": lambda customer_id: {"loans": lending_lists.loans_page(
        lending_lists.LoanFilter(text=str(customer_id)), limit=50)},
    "servicing.repayment.view": _repayments,
    "risk.alert.view": lambda customer_id: {"decisions": risk.decisions_for(customer_id, limit=20)},
    "messaging.message.view": lambda customer_id: {
        "notices": messaging.notices_for(customer_id, limit=20),
        "text_messages": messaging.text_messages_for(customer_id, limit=20)},
    "audit.event.view": lambda customer_id: {"events": audit.events_search(
        audit.EventSearch(customer_id=customer_id), limit=_TIMELINE_ROWS)},
}


def _revealed(request: HttpRequest, customer_id: UUID) -> list[tuple[Text, str]]:
    reveal_id = uuid_or_none(request.GET.get("reveal", ""))
    if reveal_id is None or not staff_may(request, "identity.customer.unmask"):
        return []
    found = identity.personal_data_revealed(customer_id, reveal_id=reveal_id, staff_id=staff_id(request))
    return [(word("field", name), value) for name, value in found.items()]


@staff_page("identity.customer.unmask")
@require_POST
def customer_reveal(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Put the look on record, then show the fields for five minutes."""
    identity.customer_get(customer_id)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _detail(request, customer_id, form, status=422)
    reveal_id = identity_services.personal_data_reveal(
        customer_id, fields=form.cleaned_data["fields_wanted"], reason=form.cleaned_data["reason"],
        reference=form.cleaned_data["reference"])
    address = reverse("console:customer_detail", kwargs={"customer_id": customer_id})
    return HttpResponseRedirect(f"{address}?{urlencode({'reveal': reveal_id})}")


def _hold_act(customer_id: UUID, *, freeze: bool) -> Act:
    row = identity.customer_get(customer_id)
    return Act(
        title=Text("冻结额度", "Freeze credit lines") if freeze else Text("解冻额度", "Unfreeze credit lines"),
        facts=[(Text("客户", "Customer"), f"{row.masked_name} {row.masked_mobile}"),
               (Text("客户编号", "Customer id"), str(row.id))],
        note=Text("冻结后客户不能再借款，已有借款照常还款；客户会收到通知。",
                  "The customer cannot draw any more; existing loans go on as agreed. The customer is told.") if freeze
        else Text("只解除由员工放置的冻结；其他冻结各按其条件解除。",
                  "Only the hold placed by staff is released; others end by their own conditions."),
        button=Text("确认冻结", "Freeze") if freeze else Text("确认解冻", "Unfreeze"),
        done=Text("额度已冻结。", "The lines are frozen.") if freeze else Text("冻结已解除。", "The hold is released."),
        back_url=reverse("console:customer_detail", kwargs={"customer_id": customer_id}), back_label=LIST,
        is_dangerous=freeze)


@staff_page("limits.credit_line.freeze")
def customer_freeze(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Place a staff hold over all lines of the customer."""
    form = ReasonForm(request.POST or None)
    return act_page(request, _hold_act(customer_id, freeze=True), form, lambda: limits_services.hold_place(
        customer_id, **STAFF_HOLD, reason=form.cleaned_data["reason"]))


@staff_page("limits.credit_line.unfreeze")
def customer_unfreeze(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Release the staff hold."""
    form = ReasonForm(request.POST or None)
    return act_page(request, _hold_act(customer_id, freeze=False), form, lambda: limits_services.hold_release(
        customer_id, **STAFF_HOLD, reason=form.cleaned_data["reason"]))


urlpatterns = [
    path("customers", customer_list, name="customer_list"),
    path("customers/<uuid:customer_id>", customer_detail, name="customer_detail"),
    path("customers/<uuid:customer_id>/reveal", customer_reveal, name="customer_reveal"),
    path("customers/<uuid:customer_id>/freeze", customer_freeze, name="customer_freeze"),
    path("customers/<uuid:customer_id>/unfreeze", customer_unfreeze, name="customer_unfreeze"),
]
