"""Coming in and going out: mobile number, one-time code, session cookie (R1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django import forms
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.identity import services as identity
from weidai.identity.errors import MobileRecycled
from weidai.identity.legal_texts import LEGAL_TEXTS, present_versions
from weidai.kernel.masking import masked_mobile
from weidai.platform import clock
from weidai.platform.crypto import decrypt_text, encrypt_text
from weidai.security import services as security
from weidai.security.rules import CODE_LIFE, SESSION_LIFE
from weidai.web.h5.deeds import lender, page_address, with_query
from weidai.web.h5.drawdown_steps import seconds_until_resend
from weidai.web.shared.borrower import (
    COOKIE,
    borrower_cookie_clear,
    borrower_cookie_set,
    borrower_session,
    language_keep,
    next_path,
)
from weidai.web.shared.client import client_ip
from weidai.web.shared.forms import CodeField, Form, MobileField, form_with_refusal, status_of
from weidai.web.shared.language import lazy_text
from weidai.web.shared.preferences import cookies_are_secure

PENDING_COOKIE = "weidai_code"
_SALT = "weidai.h5.entrance"
_PENDING_SECONDS = int(CODE_LIFE.total_seconds())


@dataclass(frozen=True, slots=True)
class Pending:
    """A number that waits for its code, and the versions of the documents its owner ticked."""

    challenge_id: UUID
    mobile: str
    agreed: dict[str, str]


class MobileForm(Form):
    """Number and agreement to the two documents; never ticked beforehand."""

    mobile = MobileField()
    agrees = forms.BooleanField(
        label=lazy_text(
            "我已阅读并同意用户服务协议和隐私政策",
            "I have read and agree to the terms of service and the privacy notice",
        ),
        error_messages={
            "required": lazy_text(
                "请先阅读并勾选同意；不同意则无法登录。",
                "Read and tick to agree first; signing in is not possible without it.",
            )
        },
    )


class CodeForm(Form):
    """The six digits of the message; `new_holder` is drawn only when the operator gave the number to somebody else."""

    code = CodeField(label=lazy_text("短信验证码", "Code from the message"))
    new_holder = forms.BooleanField(
        required=False,
        label=lazy_text("我是该号码的新机主，为我开通新账户", "The number is new to me: open an account of my own"))


def login(request: HttpRequest) -> HttpResponse:
    """Ask for the mobile number and send a code; the same for new and known numbers."""
    goal = next_path(request)
    if borrower_session(request) is not None:
        return HttpResponseRedirect(goal)
    form = MobileForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        mobile = form.cleaned_data["mobile"]
        challenge = form_with_refusal(form, lambda: identity.registration_start(mobile=mobile, ip=client_ip(request)))
        if challenge is not None:
            waiting = Pending(challenge.id, mobile, present_versions())
            return _with_pending(HttpResponseRedirect(_code_address(goal)), request, waiting)
    return render(
        request,
        "h5/pages/login.html",
        {
            "form": form,
            "goal": goal,
            "lender": lender(clock.today()),
            "legal_texts": LEGAL_TEXTS.values(),
        },
        status=status_of(form),
    )


def code(request: HttpRequest) -> HttpResponse:
    """Check the code and sign in."""
    goal, pending = next_path(request), _pending(request)
    if pending is None:
        return HttpResponseRedirect(with_query(page_address("login"), next=goal))
    mobile = pending.mobile
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        customer_id = form_with_refusal(
            form,
            lambda: identity.registration_complete(
                challenge_id=pending.challenge_id,
                mobile=mobile,
                code=form.cleaned_data["code"],
                agreed=pending.agreed,
                is_new_holder=form.cleaned_data["new_holder"],
            ),
        )
        if customer_id is not None:
            token = security.session_start(
                customer_id, user_agent=request.headers.get("User-Agent", ""), ip=client_ip(request)
            )
            language_keep(customer_id)
            response = HttpResponseRedirect(goal)
            borrower_cookie_set(request, response, token, max_age_seconds=int(SESSION_LIFE.total_seconds()))
            response.delete_cookie(PENDING_COOKIE, path="/h5/", samesite="Lax")
            return response
    return _code_page(request, form, goal, pending, status_of(form))


@require_POST
def code_resend(request: HttpRequest) -> HttpResponse:
    """Send another code to the same number."""
    goal, pending = next_path(request), _pending(request)
    if pending is None:
        return HttpResponseRedirect(with_query(page_address("login"), next=goal))
    mobile, form = pending.mobile, CodeForm({"code": "000000"})
    form.is_valid()
    challenge = form_with_refusal(form, lambda: identity.registration_start(mobile=mobile, ip=client_ip(request)))
    if challenge is None:
        shown = CodeForm()
        shown.refusal = form.refusal
        return _code_page(request, shown, goal, pending, status_of(form))
    waiting = Pending(challenge.id, mobile, pending.agreed)
    return _with_pending(HttpResponseRedirect(_code_address(goal)), request, waiting)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session on the server and in the browser."""
    security.session_end(request.COOKIES.get(COOKIE, ""))
    response = HttpResponseRedirect(page_address("login"))
    borrower_cookie_clear(response)
    return response


def legal(request: HttpRequest, document: str) -> HttpResponse:
    """Terms of service or privacy notice."""
    if document not in LEGAL_TEXTS:
        raise Http404
    return render(request, "h5/pages/legal.html", {"document": LEGAL_TEXTS[document], "lender": lender(clock.today())})


def _code_page(request: HttpRequest, form: Form, goal: str, pending: Pending, status: int) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "goal": goal,
        "masked_mobile": masked_mobile(pending.mobile),
        "was_somebody_elses": isinstance(form.refusal, MobileRecycled) or form.data.get("new_holder") == "on",
        "resend_url": with_query(page_address("login_resend"), next=goal),
        "wait_seconds": seconds_until_resend(pending.challenge_id),
    }
    return render(request, "h5/pages/login_code.html", context, status=status)


def _code_address(goal: str) -> str:
    return with_query(page_address("login_code"), next=goal)


def _with_pending(response: HttpResponse, request: HttpRequest, waiting: Pending) -> HttpResponse:
    """Remember in the browser, sealed, which number is waiting for which code, and what it agreed to."""
    content = [str(waiting.challenge_id), encrypt_text(waiting.mobile, _SALT), waiting.agreed]
    sealed = signing.dumps(content, salt=_SALT)
    response.set_cookie(
        PENDING_COOKIE,
        sealed,
        max_age=_PENDING_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=cookies_are_secure(request),
        path="/h5/",
    )
    return response


def _pending(request: HttpRequest) -> Pending | None:
    try:
        challenge_id, sealed, agreed = signing.loads(
            request.COOKIES.get(PENDING_COOKIE, ""), salt=_SALT, max_age=_PENDING_SECONDS
        )
        return Pending(UUID(challenge_id), decrypt_text(sealed, _SALT), dict(agreed))
    except (signing.BadSignature, ValueError, InvalidTag):
        return None


urlpatterns = [
    path("login", login, name="login"),
    path("login/code", code, name="login_code"),
    path("login/resend", code_resend, name="login_resend"),
    path("logout", logout, name="logout"),
    path("legal/<slug:document>", legal, name="legal"),
]
