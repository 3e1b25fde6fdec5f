"""Auto-debit: its own text, the card, the hours of the attempts, and withdrawing it (R6.5, R7.2)."""

from __future__ import annotations

from typing import Any
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
    backup_1 = forms.TypedChoiceField(
        label=lazy_text("备用卡一", "First backup card"), coerce=UUID, required=False, empty_value=None,
        help_text=lazy_text("扣款卡扣款失败时，同一时间改扣备用卡。", "Tried at the same hour when the card to debit fails."))
    backup_2 = forms.TypedChoiceField(
        label=lazy_text("备用卡二", "Second backup card"), coerce=UUID, required=False, empty_value=None)

    def backups(self) -> list[UUID]:
        """The backup cards in their order."""
        return [card for card in (self.cleaned_data.get("backup_1"), self.cleaned_data.get("backup_2")) if card]

    def clean(self) -> dict[str, Any]:
        """Say beside the field which card was named twice."""
        named = [self.cleaned_data.get("card")]
        for name in ("backup_1", "backup_2"):
            card = self.cleaned_data.get(name)
            if card and card in named:
                self.add_error(name, say(Text("这张卡已经选过，请换一张。", "This card was chosen already; take another one.")))
            named.append(card)
        return self.cleaned_data


@borrower_page
def show(request: HttpRequest) -> HttpResponse:
    """The authorization in force, or its text with authorize and not now."""
    cards, agreement = identity.bank_cards(request.customer_id), selectors.auto_debit_for(request.customer_id)
    text = consent_text(PURPOSE)
    assert text is not None, "the auto-debit authorization has its text"
    chosen = agreement.card_id if agreement else next((card.id for card in cards if card.is_default), None)
    backups = agreement.backup_card_ids if agreement else ()
    form = AutopayForm(posted(request), initial={
        "card": str(chosen) if chosen else None,
        **{f"backup_{place}": str(card_id) for place, card_id in enumerate(backups[:2], 1)}})
    listed = [(str(card.id), lazy_text(f"{card.bank_name.zh} {card.masked}", f"{card.bank_name.en} {card.masked}"))
              for card in cards]
    form.fields["card"].choices = listed
    for name in ("backup_1", "backup_2"):
        form.fields[name].choices = [("", lazy_text("不设置", "None")), *listed]
    if len(cards) < 3:
        del form.fields["backup_2"]
    if len(cards) < 2:
        del form.fields["backup_1"]
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: _authorize(request, text, form)):
        messages.success(request, say(Text("自动扣款已开通。", "Auto-debit is set up.")))
        return HttpResponseRedirect(page_address("autopay"))
    by_id = {card.id: card for card in cards}
    card = by_id.get(agreement.card_id) if agreement else None
    return render(request, "h5/pages/autopay.html", {
        "form": form, "text": text, "agreement": agreement, "card": card, "cards": cards,
        "backups": [by_id[card_id] for card_id in backups if card_id in by_id],
        "windows": [f"{window:%H:%M}" for window in policy.current(clock.today()).auto_debit.windows],
    }, status=status_of(form))


@transaction.atomic
def _authorize(request: HttpRequest, text: ConsentText, form: AutopayForm) -> None:
    """The consent to the text that was shown and the agreement belong together."""
    identity_services.consent_give(request.customer_id, purpose=PURPOSE, recipient=text.recipient,
                                   text_version=request.POST.get("text_version", ""))
    services.auto_debit_authorize(
        request.customer_id, card_id=form.cleaned_data["card"], backup_card_ids=form.backups())


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
            "自动扣款已关闭，请在还款日自行还款。", "Auto-debit is off. Please repay by hand on the due date.")))
    return HttpResponseRedirect(page_address("autopay"))


urlpatterns = [
    path("autopay/", show, name="autopay"),
    path("autopay/withdraw", withdraw, name="autopay_withdraw"),
]
