"""Me: who I am (masked), my cards, my papers, settings, help (R1.6, R8.4, R8.5)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.identity import errors as identity_errors
from weidai.identity import selectors, services
from weidai.identity.selectors import BankCardRow
from weidai.kernel.text import Text
from weidai.limits import selectors as limits
from weidai.messaging import selectors as messaging
from weidai.platform import clock
from weidai.security import selectors as security
from weidai.servicing import selectors as servicing
from weidai.web.h5.deeds import lender, page_address, posted, was_done
from weidai.web.h5.device_steps import deed_context, deed_proof
from weidai.web.h5.voice_ways import voice_address
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import CodeField, Form, status_of
from weidai.web.shared.language import lazy_text, say


class PasswordForm(Form):
    """The payment password, where a step asks for it."""

    password = CodeField(label=lazy_text("支付密码", "Payment password"),
                         error_messages={"required": lazy_text("请输入支付密码。", "Enter the payment password.")})


class BareForm(Form):
    """Nothing to fill in; a field of the service's refusal may still be named."""

    password = forms.CharField(required=False, widget=forms.HiddenInput)


@borrower_page
def me(request: HttpRequest) -> HttpResponse:
    """Profile and the doors to everything of mine."""
    holds = limits.holds_for(request.customer_id)
    return render(request, "h5/pages/me.html", {
        "customer": selectors.customer_get(request.customer_id), "cards": selectors.bank_cards(request.customer_id),
        "unread": messaging.unread_count(request.customer_id), "is_frozen": any(h.kind == "customer_lock" for h in holds),
        "has_autopay": servicing.auto_debit_for(request.customer_id) is not None, "active_tab": "me"})


@borrower_page
def cards(request: HttpRequest) -> HttpResponse:
    """All bound cards."""
    return render(request, "h5/pages/cards.html", {"cards": selectors.bank_cards(request.customer_id), "active_tab": "me"})


def _card(request: HttpRequest, card_id: UUID) -> BankCardRow:
    card = next((card for card in selectors.bank_cards(request.customer_id) if card.id == card_id), None)
    if card is None:
        raise identity_errors.CardNotFound
    return card


@borrower_page
def card_default(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """Make a card the default one: with the payment password once there is one (R1.6)."""
    card = _card(request, card_id)
    is_spoken = selectors.has_fresh_voice(request.customer_id, purpose="default_card", subject_id=card_id)
    needs_password = security.has_payment_password(request.customer_id) and not is_spoken
    form = (PasswordForm if needs_password else BareForm)(posted(request))
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: services.bank_card_set_default(
            request.customer_id, card_id=card_id, payment_password=form.cleaned_data["password"] or None,
            proof=deed_proof(request))):
        messages.success(request, say(Text("默认银行卡已更换。", "The default card is changed.")))
        return HttpResponseRedirect(page_address("cards"))
    return render(request, "h5/pages/card_default.html", {
        "card": card, "form": form, "needs_password": needs_password, "back_url": page_address("cards"), "is_spoken": is_spoken,
        "voice_url": _voice_url(request, card_id) if needs_password else "",
        **deed_context(request, "default_card", str(card_id), form=form),
    }, status=status_of(form))


def _voice_url(request: HttpRequest, card_id: UUID) -> str:
    """The spoken check in place of the payment password, empty where it does not count."""
    if not selectors.voice_stands_for(request.customer_id, purpose="default_card"):
        return ""
    return voice_address("default_card", subject_id=card_id, goal=page_address("card_default", card_id=card_id))


@require_POST
@borrower_page
def card_remove(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """Remove a card that is neither the default one nor the one auto-debit uses."""
    card = _card(request, card_id)
    agreement = servicing.auto_debit_for(request.customer_id)
    if agreement is not None and agreement.card_id == card_id:
        messages.warning(request, say(Text(
            "这张卡正用于自动扣款，请先更换自动扣款的银行卡。", "Auto-debit uses this card; choose another card for it first.")))
        return HttpResponseRedirect(page_address("autopay"))
    services.bank_card_remove(request.customer_id, card_id=card_id)
    messages.success(request, say(Text("已解绑 {card}。", "{card} was removed.").format(card=card.masked)))
    return HttpResponseRedirect(page_address("cards"))


def help_page(request: HttpRequest) -> HttpResponse:
    """Whom to call, how to complain, and what we never ask for. Open to everyone."""
    return render(request, "h5/pages/help.html", {"lender": lender(clock.today())})


urlpatterns = [
    path("me/", me, name="me"),
    path("me/cards/", cards, name="cards"),
    path("me/cards/<uuid:card_id>/default", card_default, name="card_default"),
    path("me/cards/<uuid:card_id>/remove", card_remove, name="card_remove"),
    path("help", help_page, name="help"),
]
