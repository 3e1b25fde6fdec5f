"""Activating a granted line, in order: card, payment password, face or staff video (R6.1)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.kernel.text import Text
from weidai.lending import selectors, services
from weidai.lending.services.activation import FACE_FRESH_FOR
from weidai.limits import selectors as limits
from weidai.limits.selectors import LineRow
from weidai.platform import clock
from weidai.products import selectors as products
from weidai.products.rules import apr_e8
from weidai.security import selectors as security
from weidai.web.h5.deeds import page_address, was_done, with_query
from weidai.web.h5.device_steps import key_offer
from weidai.web.h5.onboarding_forms import PictureForm
from weidai.web.h5.pages.consents import consent_address
from weidai.web.h5.pages.face import face_context
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import CodeField, Form, status_of
from weidai.web.shared.language import lazy_text

STEPS = [
    Text("确认银行卡", "Card"),
    Text("支付密码", "Password"),
    Text("本人核验", "Face or video"),
    Text("完成", "Done"),
]
_ORDER = {"card": 1, "password": 2, "face": 3, "done": 4}


class CardChoiceForm(Form):
    """Which bound card the money goes to."""

    card_id = forms.ChoiceField(
        label=lazy_text("收款银行卡", "Card for payout"),
        widget=forms.RadioSelect,
        error_messages={
            "required": lazy_text("请选择一张银行卡。", "Choose a card."),
            "invalid_choice": lazy_text("请选择列表中的银行卡。", "Choose a card of the list."),
        },
    )


class PasswordForm(Form):
    """Six digits, twice."""

    password = CodeField(label=lazy_text("设置 6 位支付密码", "New payment password, 6 digits"))
    again = CodeField(label=lazy_text("再输入一次", "Once more"))

    def clean_again(self) -> str:
        """Both must be the same."""
        if self.cleaned_data.get("password") not in (None, self.cleaned_data["again"]):
            raise ValidationError(lazy_text("两次输入不一致。", "The two are not the same."))
        return str(self.cleaned_data["again"])


@borrower_page
def activate(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """The step that is next; each one posts to its own address and comes here again."""
    line = limits.line_get(request.customer_id, line_id)
    if line.is_activated:
        return _done_page(request, line)
    step = _next_step(request, line_id)
    if step == "card":
        return _card_page(request, line, _card_form(request))
    if step == "password":
        return _password_page(request, line, PasswordForm())
    return _face_page(request, line, PictureForm())


@borrower_page
def card(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Step one: which card. A payment password set earlier, for another line, settles step two at once."""
    line, form = limits.line_get(request.customer_id, line_id), _card_form(request)
    if request.method != "POST":
        return _onward(line_id)
    if form.is_valid() and was_done(form, lambda: _card_confirm(request, line_id, UUID(form.cleaned_data["card_id"]))):
        return _onward(line_id)
    return _card_page(request, line, form)


def _card_confirm(request: HttpRequest, line_id: UUID, card_id: UUID) -> None:
    services.activation_start(request.customer_id, line_id=line_id)
    services.activation_card_confirm(request.customer_id, line_id=line_id, card_id=card_id)
    if security.has_payment_password(request.customer_id):
        services.activation_password_set(request.customer_id, line_id=line_id)


@borrower_page
def password(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Step two: the payment password."""
    line, form = limits.line_get(request.customer_id, line_id), PasswordForm(request.POST or None)
    if request.method != "POST":
        return _onward(line_id)
    if form.is_valid() and was_done(
        form,
        lambda: services.activation_password_set(
            request.customer_id, line_id=line_id, password=form.cleaned_data["password"], device=_device(request)
        ),
    ):
        return _onward(line_id)
    return _password_page(request, line, form)


def _device(request: HttpRequest) -> services.FirstDevice | None:
    """The key this browser offers to be bound by; none from one without scripts, which can be bound later."""
    offer = key_offer(request)
    return services.FirstDevice(request.borrower.session_id, offer) if offer else None


@borrower_page
@require_POST
def finish(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Finish with a check that passed a moment ago: the staff video check, or a face check before a lost answer."""
    services.activation_complete(request.customer_id, line_id=line_id)
    return _onward(line_id)


@borrower_page
def face(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Step three: a fresh face check, which finishes the activation."""
    line = limits.line_get(request.customer_id, line_id)
    form = PictureForm(request.POST, request.FILES)
    if request.method != "POST" or _next_step(request, line_id) != "face":
        return _onward(line_id)
    if form.is_valid() and was_done(form, lambda: _face_and_complete(request, line_id, form.cleaned_data["picture"])):
        return _onward(line_id)
    return _face_page(request, line, form)


def _face_and_complete(request: HttpRequest, line_id: UUID, image_digest: str) -> None:
    identity_services.face_check(request.customer_id, image_digest=image_digest, purpose="activation")
    services.activation_complete(request.customer_id, line_id=line_id)


def _next_step(request: HttpRequest, line_id: UUID) -> str:
    row = selectors.activation_for(request.customer_id, line_id)
    return row.next_step if row else "card"


def _person_seen(request: HttpRequest) -> bool:
    """Whether a face or staff video check for activation passed a moment ago."""
    who, why = request.customer_id, "activation"
    return identity.has_fresh_face(who, purpose=why, within=FACE_FRESH_FOR) or identity.has_fresh_staff_video(
        who, purpose=why, within=FACE_FRESH_FOR
    )


def _card_form(request: HttpRequest) -> CardChoiceForm:
    cards = identity.bank_cards(request.customer_id)
    form = CardChoiceForm(request.POST if request.method == "POST" else None)
    form.fields["card_id"].choices = [  # type: ignore[attr-defined]
        (str(one.id), lazy_text(f"{one.bank_name.zh} {one.masked}", f"{one.bank_name.en} {one.masked}"))
        for one in cards
    ]
    if len(cards) == 1:
        form.fields["card_id"].initial = str(cards[0].id)
    return form


def _card_page(request: HttpRequest, line: LineRow, form: Form) -> HttpResponse:
    here = page_address("activate", line_id=line.id)
    return _page(
        request,
        line,
        "card",
        form,
        has_cards=bool(form.fields["card_id"].choices),  # type: ignore[attr-defined]
        bind_url=with_query(page_address("onboard_bank_card"), next=here),
    )


def _password_page(request: HttpRequest, line: LineRow, form: Form) -> HttpResponse:
    return _page(request, line, "password", form, to_sign=services.device_to_sign(request.customer_id, line_id=line.id))


def _face_page(request: HttpRequest, line: LineRow, form: Form) -> HttpResponse:
    here = page_address("activate", line_id=line.id)
    return _page(
        request,
        line,
        "face",
        form,
        is_seen=_person_seen(request),
        has_consent=identity.has_present_consent(request.customer_id, "face"),
        consent_url=consent_address("face", onward=here, back=here),
        video_url=page_address("onboard_video"),
        waiting=identity.staff_video_waiting(request.customer_id, purpose="activation"),
        **face_context("activation", here=here),
    )


def _page(request: HttpRequest, line: LineRow, step: str, form: Form, **context: object) -> HttpResponse:
    return render(
        request,
        f"h5/pages/activate_{step}.html",
        {
            "line": line,
            "form": form,
            "steps": STEPS,
            "current": _ORDER[step],
            "product_name": products.product_get(line.product, on=clock.today()).name,
            "apr_e8": apr_e8(line.daily_rate_e8),
            **context,
        },
        status=status_of(form),
    )


def _done_page(request: HttpRequest, line: LineRow) -> HttpResponse:
    return render(
        request,
        "h5/pages/activate_done.html",
        {
            "line": line,
            "apr_e8": apr_e8(line.daily_rate_e8),
            "product_name": products.product_get(line.product, on=clock.today()).name,
        },
    )


def _onward(line_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(page_address("activate", line_id=line_id))


urlpatterns = [
    path("activate/<uuid:line_id>/", activate, name="activate"),
    path("activate/<uuid:line_id>/card", card, name="activate_card"),
    path("activate/<uuid:line_id>/password", password, name="activate_password"),
    path("activate/<uuid:line_id>/face", face, name="activate_face"),
    path("activate/<uuid:line_id>/finish", finish, name="activate_finish"),
]
