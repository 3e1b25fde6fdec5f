"""Changing the sign-in number: payment password, then a code to the new number, then its match anew (R1.1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from weidai.identity import selectors as identity
from weidai.identity import services
from weidai.kernel.masking import masked_mobile
from weidai.kernel.text import Text
from weidai.platform.crypto import decrypt_text, encrypt_text
from weidai.security import selectors as security
from weidai.security.rules import CODE_LIFE
from weidai.web.h5.deeds import page_address, posted, was_done
from weidai.web.h5.device_steps import deed_context, deed_proof
from weidai.web.h5.drawdown_steps import seconds_until_resend
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import CodeField, Form, MobileField, form_with_refusal, status_of
from weidai.web.shared.language import lazy_text, say
from weidai.web.shared.preferences import cookies_are_secure

COOKIE = "weidai_number"
_SALT = "weidai.h5.number"
_SECONDS = int(CODE_LIFE.total_seconds())


class NumberForm(Form):
    """The new number."""

    mobile = MobileField()


class NumberAndPasswordForm(NumberForm):
    """The new number and the payment password."""

    payment_password = CodeField(label=lazy_text("支付密码", "Payment password"),
                                 error_messages={"required": lazy_text("请输入支付密码。", "Enter the payment password.")})


class CodeForm(Form):
    """The six digits of the message."""

    code = CodeField(label=lazy_text("短信验证码", "Code from the message"))


@borrower_page
def number(request: HttpRequest) -> HttpResponse:
    """Ask for the new number and send a code to it."""
    needs_password = security.has_payment_password(request.customer_id)
    form = (NumberAndPasswordForm if needs_password else NumberForm)(posted(request))
    if request.method == "POST" and form.is_valid():
        mobile = form.cleaned_data["mobile"]
        sent = form_with_refusal(form, lambda: services.mobile_change_start(
            request.customer_id, mobile=mobile, payment_password=form.cleaned_data.get("payment_password"),
            proof=deed_proof(request)))
        if sent is not None:
            return _waiting(request, sent.id, mobile)
    return render(request, "h5/pages/mobile_number.html", {
        "form": form, "needs_password": needs_password, "customer": identity.customer_get(request.customer_id),
        **deed_context(request, "mobile_number", form=form),
    }, status=status_of(form))


@borrower_page
def code(request: HttpRequest) -> HttpResponse:
    """Check the code and change the number."""
    waiting = _waited_for(request)
    if waiting is None:
        return HttpResponseRedirect(page_address("mobile_number"))
    challenge_id, mobile = waiting
    form = CodeForm(posted(request))
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: services.mobile_change(
            request.customer_id, challenge_id=challenge_id, mobile=mobile, code=form.cleaned_data["code"],
            keep=request.borrower.session_id)):
        messages.success(request, say(Text(
            "手机号已更换，请重新完成手机号核验。", "Your number is changed. Please have it matched again.")))
        response = HttpResponseRedirect(page_address("onboard_mobile"))
        response.delete_cookie(COOKIE, path="/h5/", samesite="Lax")
        return response
    context: dict[str, Any] = {"form": form, "masked_mobile": masked_mobile(mobile),
                               "resend_url": page_address("mobile_number"), "wait_seconds": seconds_until_resend(challenge_id)}
    return render(request, "h5/pages/mobile_number_code.html", context, status=status_of(form))


def _waiting(request: HttpRequest, challenge_id: UUID, mobile: str) -> HttpResponse:
    """Remember in the browser, sealed and for this customer only, which number waits for which code."""
    response = HttpResponseRedirect(page_address("mobile_number_code"))
    content = [str(request.customer_id), str(challenge_id), encrypt_text(mobile, _SALT)]
    response.set_cookie(COOKIE, signing.dumps(content, salt=_SALT), max_age=_SECONDS, httponly=True, samesite="Lax",
                        secure=cookies_are_secure(request), path="/h5/")
    return response


def _waited_for(request: HttpRequest) -> tuple[UUID, str] | None:
    try:
        owner, challenge_id, sealed = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_SECONDS)
        return (UUID(challenge_id), decrypt_text(sealed, _SALT)) if owner == str(request.customer_id) else None
    except (signing.BadSignature, ValueError, InvalidTag):
        return None


urlpatterns = [
    path("me/security/number", number, name="mobile_number"),
    path("me/security/number/code", code, name="mobile_number_code"),
]
