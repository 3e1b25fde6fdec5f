"""Auto-debit: its own text, the card, the hours of the attempts, and withdrawing it (R6.5, R7.2)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.identity.consent_texts import ConsentText, consent_text
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.servicing import policy, selectors, services
from weidai.web.h5.deeds import page_address, posted, was_done
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, status_of
from weidai.web.shared.language import lazy_text, say

PURPOSE = "auto_debit"


class AutopayForm(Form):
    """Which card; agreeing is the button of the page that shows the whole text."""

    card = forms.TypedChoiceField(
        label=lazy_text("扣款银行卡", "Card to debit"), coerce=UUID, widget=forms.RadioSelect,
        error_messages={"required": lazy_text("请选择银行卡。", "Choose a card."),
                        "invalid_choice": lazy_text("请从列表中选择银行卡。", "Choose a card from the list.")})


@borrower_page
def show(request: HttpRequest) -> HttpResponse:
    """The authorization in force, or its text with authorize and not now."""
    cards, agreement = identity.bank_cards(request.customer_id), selectors.auto_debit_for(request.customer_id)
    text = consent_text(PURPOSE)
    assert text is not None, "the auto-debit authorization has its text"
    chosen = agreement.card_id if agreement else next((card.id for card in cards if card.is_default), None)
    form = AutopayForm(posted(request), initial={"card": str(chosen) if chosen else None})
    form.fields["card"].choices = [
        (str(card.id), lazy_text(f"{card.bank_name.zh} {card.masked}", f"{card.bank_name.en} {card.masked}"))
        for card in cards]
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: _authorize(request, text, form)):
        messages.success(request, say(Text("自动扣款已开通。", "Auto-debit is set up.")))
        return HttpResponseRedirect(page_address("autopay"))
    card = next((card for card in cards if agreement and card.id == agreement.card_id), None)
    return render(request, "h5/pages/autopay.html", {
        "form": form, "text": text, "agreement": agreement, "card": card, "cards": cards,
        "windows": [f"{window:%H:%M}" for window in policy.current(clock.today()).auto_debit.windows],
    }, status=status_of(form))


@transaction.atomic
def _authorize(request: HttpRequest, text: ConsentText, form: AutopayForm) -> None:
    """The consent to the text that was shown and the agreement belong together."""
    identity_services.consent_give(request.customer_id, purpose=PURPOSE, recipient=text.recipient,
                                   text_version=request.POST.get("text_version", ""))
    services.auto_debit_authorize(request.customer_id, card_id=form.cleaned_data["card"])


@require_POST
@borrower_page
def withdraw(request: HttpRequest) -> HttpResponse:
    """End the authorization at once; a second time changes nothing."""
    with transaction.atomic():
        was_given = services.auto_debit_revoke(request.customer_id)
        if identity.has_consent(request.customer_id, PURPOSE):
            identity_services.consent_withdraw(request.customer_id, purpose=PURPOSE)
    if was_given:
        messages.success(request, say(Text(
            "自动扣款已关闭,请在还款日自行还款。", "Auto-debit is off. Please repay by hand on the due date.")))
    return HttpResponseRedirect(page_address("autopay"))


urlpatterns = [
    path("autopay/", show, name="autopay"),
    path("autopay/withdraw", withdraw, name="autopay_withdraw"),
]
