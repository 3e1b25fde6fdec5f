"""Security: who is signed in, the payment password, and stopping all borrowing at once (R8.4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.identity import selectors as identity
from weidai.kernel.text import Text
from weidai.limits import selectors as limits
from weidai.limits import services as limit_services
from weidai.security import selectors, services
from weidai.security.errors import (
    PaymentPasswordUnchanged,
    PaymentPasswordWeak,
    PaymentPasswordWrong,
)
from weidai.web.h5.deeds import page_address, posted, was_done, with_query
from weidai.web.h5.device_steps import deed_context, deed_proof, person_is_seen
from weidai.web.h5.drawdown_steps import challenge_of, seconds_until_resend
from weidai.web.h5.pages.devices import face_steps
from weidai.web.h5.pages.me import BareForm, PasswordForm
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import CodeField, Form, form_with_refusal, status_of
from weidai.web.shared.language import lazy_text, say

LOCK, SOURCE = "customer_lock", "customer"


class NewForm(Form):
    """A new payment password, twice."""

    new = CodeField(label=lazy_text("新支付密码", "New payment password"),
                    error_messages={"required": lazy_text("请输入新支付密码。", "Enter the new password.")})
    again = CodeField(label=lazy_text("再次输入新支付密码", "New payment password again"),
                      error_messages={"required": lazy_text("请再次输入新支付密码。", "Enter the new password again.")})

    def clean(self) -> dict[str, Any]:
        """The two new ones are the same."""
        cleaned = super().clean() or {}
        if cleaned.get("new") and cleaned.get("again") and cleaned["new"] != cleaned["again"]:
            self.add_error("again", str(lazy_text("两次输入的新密码不一致。", "The two new passwords differ.")))
        return cleaned


class ChangeForm(NewForm):
    """The present payment password and the new one."""

    old = CodeField(label=lazy_text("原支付密码", "Present payment password"),
                    error_messages={"required": lazy_text("请输入原支付密码。", "Enter the present password.")})


class ResetForm(NewForm):
    """The code of the message and the new payment password."""

    code = CodeField(label=lazy_text("短信验证码", "Code from the message"),
                     error_messages={"required": lazy_text("请输入 6 位验证码。", "Enter the 6 digits.")})


def _is_frozen(request: HttpRequest) -> bool:
    return any(hold.kind == LOCK for hold in limits.holds_for(request.customer_id))


@borrower_page
def security(request: HttpRequest) -> HttpResponse:
    """Sessions, payment password, freeze."""
    return render(request, "h5/pages/security.html", {
        "voiceprint": identity.voiceprint_get(request.customer_id), "has_voice": identity.voice_is_offered(),
        "sessions": selectors.sessions_for(request.customer_id), "here": request.borrower.session_id,
        "password_set_at": selectors.payment_password_set_at(request.customer_id), "is_frozen": _is_frozen(request),
        "customer": identity.customer_get(request.customer_id), "active_tab": "me"})


@require_POST
@borrower_page
def sessions_end(request: HttpRequest) -> HttpResponse:
    """Sign out every other browser."""
    count = services.session_end_others(request.customer_id, keep=request.borrower.session_id)
    messages.success(request, say(Text("已退出其他 {n} 台设备。", "Signed out {n} other device(s).").format(n=count)))
    return HttpResponseRedirect(page_address("security"))


@borrower_page
def password(request: HttpRequest) -> HttpResponse:
    """Change the payment password; the first one is set when a line is activated."""
    if not selectors.has_payment_password(request.customer_id):
        return render(request, "h5/pages/password_missing.html", {})
    form = ChangeForm(posted(request))
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: _change(request, form)):
        messages.success(request, say(Text("支付密码已修改。", "The payment password is changed.")))
        return HttpResponseRedirect(page_address("security"))
    return render(request, "h5/pages/password_change.html", {
        "form": form, **deed_context(request, "payment_password", form=form)}, status=status_of(form))


def _change(request: HttpRequest, form: ChangeForm) -> None:
    """Change it; the service names one field for both passwords, the form has two."""
    try:
        services.payment_password_change(
            request.customer_id, old=form.cleaned_data["old"], new=form.cleaned_data["new"],
            proof=deed_proof(request), keep=request.borrower.session_id)
    except PaymentPasswordWrong as refusal:
        refusal.field = "old"
        raise
    except (PaymentPasswordUnchanged, PaymentPasswordWeak) as refusal:
        refusal.field = "new"
        raise


@borrower_page
def password_reset(request: HttpRequest) -> HttpResponse:
    """A forgotten or locked payment password: a fresh look at the person, then a code by text message (R6.1)."""
    if not selectors.has_payment_password(request.customer_id):
        return render(request, "h5/pages/password_missing.html", {})
    form, challenge_id = ResetForm(posted(request)), challenge_of(request)
    if request.method == "POST" and form.is_valid():
        if challenge_id is None:
            form.add_error("code", say(Text("请先获取验证码。", "Ask for a code first.")))
        elif was_done(form, lambda: _reset(request, form, challenge_id)):
            messages.success(request, say(Text("支付密码已重设。", "The payment password is reset.")))
            return HttpResponseRedirect(page_address("security"))
    return _reset_page(request, form, challenge_id)


@require_POST
@borrower_page
def password_reset_code(request: HttpRequest) -> HttpResponse:
    """Send the code that resets, or another one."""
    form = Form({})
    form.is_valid()
    sent = form_with_refusal(form, lambda: services.sms_code_send(
        mobile=identity.customer_private(request.customer_id, purpose="payment_password").mobile, purpose="password",
        customer_id=request.customer_id))
    if sent is None:
        shown = ResetForm()
        shown.refusal = form.refusal
        return _reset_page(request, shown, challenge_of(request))
    return HttpResponseRedirect(with_query(page_address("password_reset"), challenge=str(sent.id)))


def _reset(request: HttpRequest, form: ResetForm, challenge_id: UUID) -> None:
    try:
        services.payment_password_reset(
            request.customer_id, new=form.cleaned_data["new"], challenge_id=challenge_id, code=form.cleaned_data["code"],
            keep=request.borrower.session_id)
    except PaymentPasswordWeak as refusal:
        refusal.field = "new"
        raise


def _reset_page(request: HttpRequest, form: Form, challenge_id: UUID | None) -> HttpResponse:
    is_seen = person_is_seen(request)
    return render(request, "h5/pages/password_reset.html", {
        "form": form, "is_seen": is_seen, "customer": identity.customer_get(request.customer_id),
        "challenge_id": challenge_id, "wait_seconds": seconds_until_resend(challenge_id),
        **({} if is_seen else face_steps(request, page_address("password_reset"))),
    }, status=status_of(form))


@require_POST
@borrower_page
def freeze(request: HttpRequest) -> HttpResponse:
    """One tap: nothing can be borrowed any more. Repaying stays possible."""
    limit_services.hold_place(request.customer_id, kind=LOCK, source=SOURCE, reason="customer_request")
    messages.success(request, say(Text("借款已锁定，还款不受影响。", "Borrowing is locked; repaying is not affected.")))
    return HttpResponseRedirect(page_address("security"))


@borrower_page
def unfreeze(request: HttpRequest) -> HttpResponse:
    """Allow borrowing again: with the payment password once there is one."""
    if not _is_frozen(request):
        return HttpResponseRedirect(page_address("security"))
    needs_password = selectors.has_payment_password(request.customer_id)
    form = (PasswordForm if needs_password else BareForm)(posted(request))
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: _release(request, form)):
        messages.success(request, say(Text("借款锁定已解除。", "Borrowing is unlocked.")))
        return HttpResponseRedirect(page_address("security"))
    return render(request, "h5/pages/unfreeze.html", {
        "form": form, "needs_password": needs_password, "back_url": page_address("security")}, status=status_of(form))


def _release(request: HttpRequest, form: Form) -> None:
    if selectors.has_payment_password(request.customer_id):
        services.payment_password_check(request.customer_id, password=form.cleaned_data["password"])
    limit_services.hold_release(request.customer_id, kind=LOCK, source=SOURCE, reason="customer_request")


urlpatterns = [
    path("me/security/", security, name="security"),
    path("me/security/sessions/end", sessions_end, name="sessions_end"),
    path("me/security/password", password, name="password_change"),
    path("me/security/password/reset", password_reset, name="password_reset"),
    path("me/security/password/reset/code", password_reset_code, name="password_reset_code"),
    path("me/security/freeze", freeze, name="freeze"),
    path("me/security/unfreeze", unfreeze, name="unfreeze"),
]
