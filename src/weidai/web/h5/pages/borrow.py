"""Borrowing, first screen: amount, purpose, term, method, card, and what it would cost before any signature (R6.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path

from weidai.identity import selectors as identity
from weidai.identity.selectors import BankCardRow
from weidai.kernel.errors import Refusal
from weidai.kernel.money import yuan_text
from weidai.kernel.rates import simple_annual_text
from weidai.lending import policy, selectors, services
from weidai.lending.services import DrawdownQuote
from weidai.limits import selectors as limits
from weidai.limits.selectors import LineRow
from weidai.platform import clock
from weidai.products import policy as products
from weidai.products.policy import ProductPolicy
from weidai.web.h5.deeds import page_address, with_query
from weidai.web.h5.device_steps import device_context
from weidai.web.h5.drawdown_steps import STEPS
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, YuanField, form_with_refusal, status_of
from weidai.web.shared.language import lazy_text, say

_QUOTED = {"data-quote": ""}  # what the preview is made of
_ASKED = ("amount", "term_months", "method", "purpose", "card")


class BorrowForm(Form):
    """What the borrower asks for. Nothing is chosen in advance but the default card and an only method."""

    amount = YuanField(
        label=lazy_text("借款金额", "Amount"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", **_QUOTED}),
        error_messages={"required": lazy_text("请填写借款金额。", "Enter the amount.")})
    term_months = forms.TypedChoiceField(
        label=lazy_text("期限", "Term"), coerce=int, widget=forms.RadioSelect(attrs=_QUOTED),
        error_messages={"required": lazy_text("请选择期限。", "Choose a term."),
                        "invalid_choice": lazy_text("请从列表中选择期限。", "Choose a term from the list.")})
    method = forms.ChoiceField(
        label=lazy_text("还款方式", "Repayment method"), widget=forms.RadioSelect(attrs=_QUOTED),
        error_messages={"required": lazy_text("请选择还款方式。", "Choose a method."),
                        "invalid_choice": lazy_text("请从列表中选择还款方式。", "Choose a method from the list.")})
    purpose = forms.ChoiceField(
        label=lazy_text("借款用途", "Purpose"),
        error_messages={"required": lazy_text("请选择借款用途。", "Choose a purpose."),
                        "invalid_choice": lazy_text("请从列表中选择借款用途。", "Choose a purpose from the list.")})
    card = forms.TypedChoiceField(
        label=lazy_text("收款银行卡", "Card to receive the money"), coerce=UUID, widget=forms.RadioSelect,
        error_messages={"required": lazy_text("请选择收款银行卡。", "Choose a card."),
                        "invalid_choice": lazy_text("请从列表中选择银行卡。", "Choose a card from the list.")})

    def __init__(self, data: QueryDict | None, *, line: LineRow, product: ProductPolicy,
                 cards: tuple[BankCardRow, ...]) -> None:
        only_method = product.methods[0] if len(product.methods) == 1 else None
        default = next((str(card.id) for card in cards if card.is_default), None)
        super().__init__(data, initial={"method": only_method, "card": default})
        least, most = _bounds(line)
        self.fields["amount"].widget.attrs["placeholder"] = f"{yuan_text(least)[:-3]} – {yuan_text(most)[:-3]}"
        self.fields["term_months"].choices = [
            (months, lazy_text(f"{months} 个月", f"{months} months")) for months in product.terms_months]
        self.fields["method"].choices = [
            (code, lazy_text(text.zh, text.en))
            for code, text in ((method, selectors.method_text(method)) for method in product.methods)]
        self.fields["purpose"].choices = _purpose_choices(line.product)
        self.fields["card"].choices = [
            (str(card.id), lazy_text(f"{card.bank_name.zh} {card.masked}", f"{card.bank_name.en} {card.masked}"))
            for card in cards]


def _bounds(line: LineRow) -> tuple[int, int]:
    """Least and most of one drawdown, in fen."""
    rules = policy.current(clock.today()).drawdown
    return rules.minimum_fen, line.available_fen // rules.step_fen * rules.step_fen


def _purpose_choices(product: str) -> list[tuple[Any, Any]]:
    """An empty first choice, then the purposes that are allowed; what is not is said below the field."""
    first = ("", lazy_text("请选择", "Choose one"))
    return [first, *((row.code, lazy_text(row.name.zh, row.name.en)) for row in selectors.purposes_for(product))]


@borrower_page
def ask(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """The form with the preview; POST starts the drawdown or, by the other button, shows the preview."""
    line = limits.line_get(request.customer_id, line_id)
    product = products.current(clock.today()).product(line.product)
    cards = identity.bank_cards(request.customer_id)
    blocks = limits.can_draw(request.customer_id, line_id)
    if blocks or not cards or not product.terms_months:
        return render(request, "h5/pages/borrow_blocked.html", {
            "line": line, "product": product, "blocks": blocks, "has_cards": bool(cards)})
    if request.method == "POST" and "preview" in request.POST:
        asked = {name: request.POST[name] for name in _ASKED if request.POST.get(name)}
        return HttpResponseRedirect(with_query(page_address("borrow", line_id=line_id), **asked) + "#preview")
    asked_before = request.GET if any(name in request.GET for name in _ASKED) else None
    form = BorrowForm(request.POST if request.method == "POST" else asked_before, line=line, product=product, cards=cards)
    if request.method == "POST" and form.is_valid():
        drawdown_id = form_with_refusal(form, lambda: services.drawdown_start(
            request.customer_id, line_id=line_id, amount_fen=form.cleaned_data["amount"],
            purpose=form.cleaned_data["purpose"], term_months=form.cleaned_data["term_months"],
            method=form.cleaned_data["method"], card_id=form.cleaned_data["card"]))
        if drawdown_id is not None:
            return HttpResponseRedirect(page_address("drawdown_sheet", drawdown_id=drawdown_id))
    least, most = _bounds(line)
    quote = _quote_into(form, request, line_id)
    return render(request, "h5/pages/borrow.html", {
        "form": form, "line": line, "product": product, "steps": STEPS, "current": 1, "least_fen": least,
        "most_fen": most, "quote": quote, "forbidden": policy.current(clock.today()).forbidden_uses,
        "may_be_late": selectors.may_arrive_next_day(), "apr": simple_annual_text(line.daily_rate_e8),
        **device_context(request),
    }, status=status_of(form) if request.method == "POST" else 200)


@borrower_page
def preview(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """The preview alone, for the page to put in while figures change."""
    line = limits.line_get(request.customer_id, line_id)
    product = products.current(clock.today()).product(line.product)
    form = BorrowForm(request.GET, line=line, product=product, cards=())
    return render(request, "h5/components/borrow_preview.html", {
        "quote": _quote_into(form, request, line_id), "form": form, "line": line, "is_fragment": True})


def _quote_into(form: BorrowForm, request: HttpRequest, line_id: UUID) -> DrawdownQuote | None:
    """The quote of what was filled in; a refusal stands beside its field, an unfinished form has none."""
    if not form.is_bound:
        return None
    if request.method != "POST":
        form.is_valid()
        for name in _ASKED:  # a preview does not scold for what has not been filled in yet
            if not request.GET.get(name):
                form.errors.pop(name, None)
    wanted = {name: form.cleaned_data.get(name) for name in ("amount", "term_months", "method")}
    if not all(wanted.values()) or any(name in form.errors for name in wanted):
        return None
    try:
        return services.drawdown_quote(request.customer_id, line_id=line_id, amount_fen=wanted["amount"],
                                       term_months=wanted["term_months"], method=wanted["method"])
    except Refusal as refusal:
        if refusal.field in form.fields and refusal.field not in form.errors:
            form.add_error(refusal.field, " ".join(filter(None, (say(refusal.message), say(refusal.advice)))))
        return None


urlpatterns = [
    path("borrow/<uuid:line_id>/", ask, name="borrow"),
    path("borrow/<uuid:line_id>/preview", preview, name="borrow_preview"),
]
