"""Repaying: what is due, any amount, or everything; a quote to look at, then the bank's answer (R7.1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path

from weidai.identity import selectors as identity
from weidai.identity.selectors import BankCardRow
from weidai.kernel.errors import Conflict
from weidai.kernel.text import Text
from weidai.servicing import outlook, selectors, services
from weidai.servicing.outlook import RepaymentPreview
from weidai.servicing.selectors import LoanStatement
from weidai.web.h5.deeds import page_address, posted, with_query
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, YuanField, form_with_refusal, idempotency_key, status_of
from weidai.web.shared.language import lazy_text

_PICK = lazy_text("请从列表中选择。", "Choose one of the list.")


class FigureChanged(Conflict):
    """What was looked at is not what would be taken now: another payment came, or the day changed."""

    code = "web.repayment_figure_changed"
    text = Text("金额已更新，请核对后再确认。", "The figures have changed; look at them again before you confirm.")
    next_step = Text("下方已是最新金额。", "The figures below are the present ones.")


class RepayForm(Form):
    """How much, from which card, and what money ahead of time does."""

    kind = forms.ChoiceField(
        label=lazy_text("还款方式", "What to repay"), widget=forms.RadioSelect,
        error_messages={"required": lazy_text("请选择还款方式。", "Choose what to repay."), "invalid_choice": _PICK})
    amount = YuanField(
        label=lazy_text("金额（选择“任意金额”时填写）", "Amount (for “any amount”)"), required=False)
    choice = forms.ChoiceField(
        label=lazy_text("提前还的部分用于", "Money ahead of time"), widget=forms.RadioSelect,
        choices=[("shorten_term", lazy_text("缩短期限", "Shorter term")),
                 ("smaller_installments", lazy_text("减少每期金额", "Smaller installments"))],
        initial="shorten_term", required=False, error_messages={"invalid_choice": _PICK})
    card = forms.TypedChoiceField(
        label=lazy_text("扣款银行卡", "Card to pay from"), coerce=UUID, widget=forms.RadioSelect,
        error_messages={"required": lazy_text("请选择银行卡。", "Choose a card."), "invalid_choice": _PICK})

    def __init__(self, data: QueryDict | None, *, statement: LoanStatement, cards: tuple[BankCardRow, ...]) -> None:
        default = next((str(card.id) for card in cards if card.is_default), None)
        super().__init__(data, initial={"card": default})
        kinds = [("amount", lazy_text("任意金额", "Any amount")), ("settle", lazy_text("提前结清", "Settle early"))]
        if statement.owed is not None and statement.owed.total_fen:
            kinds.insert(0, ("due", lazy_text("本期应还", "What is due")))
        self.fields["kind"].choices = kinds
        self.fields["card"].choices = [
            (str(card.id), lazy_text(f"{card.bank_name.zh} {card.masked}", f"{card.bank_name.en} {card.masked}"))
            for card in cards]

    def clean(self) -> dict[str, Any]:
        """An amount belongs to "any amount", and only to it."""
        cleaned = super().clean() or {}
        if cleaned.get("kind") == "amount" and not cleaned.get("amount") and "amount" not in self.errors:
            self.add_error("amount", str(lazy_text("请填写还款金额。", "Enter the amount.")))
        if cleaned.get("kind") in ("due", "settle"):
            cleaned["amount"] = None
            self.errors.pop("amount", None)
        cleaned["choice"] = cleaned.get("choice") or "shorten_term"
        return cleaned

    def preview(self, customer_id: UUID, loan_id: UUID) -> RepaymentPreview:
        """What the repayment asked for would do now."""
        return outlook.repayment_preview(
            customer_id, loan_id=loan_id, kind=self.cleaned_data["kind"], amount_fen=self.cleaned_data["amount"],
            choice=self.cleaned_data["choice"])


@borrower_page
def ask(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Choose what to repay; goes on to the confirmation."""
    statement = selectors.loan_statement(request.customer_id, loan_id)
    if statement.payoff is None:
        return HttpResponseRedirect(page_address("loan", loan_id=loan_id))
    cards = identity.bank_cards(request.customer_id)
    form = RepayForm(posted(request), statement=statement, cards=cards)
    if request.method == "POST" and form.is_valid() and form_with_refusal(
            form, lambda: form.preview(request.customer_id, loan_id)) is not None:
        asked = {name: request.POST[name] for name in ("kind", "amount", "choice", "card") if request.POST.get(name)}
        return HttpResponseRedirect(with_query(page_address("repay_confirm", loan_id=loan_id), **asked))
    return _ask_page(request, statement, form, cards)


def _ask_page(
    request: HttpRequest, statement: LoanStatement, form: RepayForm, cards: tuple[BankCardRow, ...],
) -> HttpResponse:
    later = [row for row in statement.rows if row.due_on > statement.on and row.unpaid_fen]  # today stands under "now"
    return render(request, "h5/pages/repay.html", {
        "statement": statement, "loan": statement.loan, "form": form, "cards": cards,
        "next_due": later[0] if later else None, "open_debit": _open_debit(request, statement.loan.id),
    }, status=status_of(form))


@borrower_page
def confirm(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """The quote with its parts; confirming asks the bank once, however often the button is pressed."""
    statement = selectors.loan_statement(request.customer_id, loan_id)
    cards = identity.bank_cards(request.customer_id)
    if statement.payoff is None:
        return HttpResponseRedirect(page_address("loan", loan_id=loan_id))
    form = RepayForm(request.POST if request.method == "POST" else request.GET, statement=statement, cards=cards)
    quote = form_with_refusal(form, lambda: form.preview(request.customer_id, loan_id)) if form.is_valid() else None
    if quote is None:
        return (_ask_page(request, statement, form, cards) if request.method == "POST"
                else HttpResponseRedirect(page_address("repay", loan_id=loan_id)))
    if request.method == "POST":
        debit_id = form_with_refusal(form, lambda: _request(request, form, quote))
        if debit_id is not None:
            return HttpResponseRedirect(page_address("debit_result", debit_id=debit_id))
    return render(request, "h5/pages/repay_confirm.html", {
        "statement": statement, "loan": statement.loan, "form": form, "quote": quote, "asked": form.cleaned_data,
        "card": next(card for card in cards if card.id == form.cleaned_data["card"]),
        "back_url": page_address("repay", loan_id=loan_id),
    }, status=status_of(form) if request.method == "POST" else 200)


def _request(request: HttpRequest, form: RepayForm, quote: RepaymentPreview) -> UUID:
    """Ask the bank for what was looked at, or refuse when it is not the same any more."""
    key = idempotency_key(request)
    if request.POST.get("seen_fen") != str(quote.amount_fen):
        raise FigureChanged
    return services.repayment_request(
        request.customer_id, loan_id=quote.loan_id, kind=form.cleaned_data["kind"],
        amount_fen=form.cleaned_data["amount"], card_id=form.cleaned_data["card"], choice=form.cleaned_data["choice"],
        idempotency_key=key)


@borrower_page
def result(request: HttpRequest, debit_id: UUID) -> HttpResponse:
    """Processing, success, failed or dropped: four pages. While processing the page asks again each second."""
    debit = selectors.debit_get(request.customer_id, debit_id)
    if debit.is_open and request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    statement = selectors.loan_statement(request.customer_id, debit.loan_id)
    paid = next((row for row in statement.repayments if row.id == debit.repayment_id), None)
    page = "processing" if debit.is_open else {"succeeded": "success", "failed": "failed"}.get(debit.state, "dropped")
    return render(request, f"h5/pages/debit_{page}.html", {
        "debit": debit, "statement": statement, "loan": statement.loan, "paid": paid})


def _open_debit(request: HttpRequest, loan_id: UUID) -> selectors.DebitRow | None:
    """A repayment of this loan whose result is awaited."""
    return next((row for row in selectors.debits_for(request.customer_id, limit=20)
                 if row.loan_id == loan_id and row.is_open and row.kind == "requested"), None)


urlpatterns = [
    path("repay/<uuid:loan_id>/", ask, name="repay"),
    path("repay/<uuid:loan_id>/confirm", confirm, name="repay_confirm"),
    path("debits/<uuid:debit_id>", result, name="debit_result"),
]
