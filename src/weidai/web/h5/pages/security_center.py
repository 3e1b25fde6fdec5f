"""Security: who is signed in, the payment password, and stopping all borrowing at once (R8.4)."""

from __future__ import annotations

from typing import Any

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
from weidai.security.errors import PaymentPasswordUnchanged, PaymentPasswordWeak, PaymentPasswordWrong
from weidai.web.h5.deeds import page_address, posted, was_done
from weidai.web.h5.pages.devices import device_challenge
from weidai.web.h5.pages.me import BareForm, PasswordForm
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import CodeField, Form, status_of
from weidai.web.shared.language import lazy_text, say

LOCK, SOURCE = "customer_lock", "customer"


class ChangeForm(Form):
    """The present payment password and the new one, twice."""

    old = CodeField(label=lazy_text("原支付密码", "Present payment password"),
                    error_messages={"required": lazy_text("请输入原支付密码。", "Enter the present password.")})
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


def _is_frozen(request: HttpRequest) -> bool:
    return any(hold.kind == LOCK for hold in limits.holds_for(request.customer_id))


@borrower_page
def security(request: HttpRequest) -> HttpResponse:
    """Sessions, payment password, freeze."""
    return render(request, "h5/pages/security.html", {
        "voiceprint": identity.voiceprint_get(request.customer_id), "has_voice": identity.voice_is_offered(),
        "sessions": selectors.sessions_for(request.customer_id), "here": request.borrower.session_id,
        "password_set_at": selectors.payment_password_set_at(request.customer_id), "is_frozen": _is_frozen(request),
        "challenge": device_challenge(request), "customer": identity.customer_get(request.customer_id), "active_tab": "me"})


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
    return render(request, "h5/pages/password_change.html", {"form": form}, status=status_of(form))


def _change(request: HttpRequest, form: ChangeForm) -> None:
    """Change it; the service names one field for both passwords, the form has two."""
    try:
        services.payment_password_change(
            request.customer_id, old=form.cleaned_data["old"], new=form.cleaned_data["new"])
    except PaymentPasswordWrong as refusal:
        refusal.field = "old"
        raise
    except (PaymentPasswordUnchanged, PaymentPasswordWeak) as refusal:
        refusal.field = "new"
        raise


@require_POST
@borrower_page
def freeze(request: HttpRequest) -> HttpResponse:
    """One tap: nothing can be borrowed any more. Repaying stays possible."""
    limit_services.hold_place(request.customer_id, kind=LOCK, source=SOURCE, reason="customer_request")
    messages.success(request, say(Text("借款已锁定,还款不受影响。", "Borrowing is locked; repaying is not affected.")))
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
    path("me/security/freeze", freeze, name="freeze"),
    path("me/security/unfreeze", unfreeze, name="unfreeze"),
]
