"""Devices and sign-ins: seeing them, signing one out, locking a device, proving the key a browser holds (R8.4)."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.kernel.errors import Refusal
from weidai.kernel.text import Text
from weidai.security import selectors, services
from weidai.security.errors import DeviceNotFound, DeviceProofInvalid
from weidai.web.h5.deeds import page_address, posted, was_done
from weidai.web.h5.pages.me import BareForm, PasswordForm
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, status_of
from weidai.web.shared.language import say

_SALT = "weidai.device.challenge"
_CHALLENGE_SECONDS = 600


def device_challenge(request: HttpRequest) -> str:
    """What this browser is to sign with its key: good for ten minutes and for this sign-in only.

    Empty for a sign-in that belongs to no device: its browser keeps no cookies but the session's.
    """
    if request.borrower.device_id is None:
        return ""
    return signing.dumps([str(request.borrower.session_id), secrets.token_urlsafe(12)], salt=_SALT)


@borrower_page
def devices(request: HttpRequest) -> HttpResponse:
    """Every device with its sign-ins."""
    sessions = selectors.sessions_for(request.customer_id)
    rows = [(device, [session for session in sessions if session.device_id == device.id])
            for device in selectors.devices_for(request.customer_id)]
    return render(request, "h5/pages/devices.html", {
        "rows": rows, "loose": [session for session in sessions if session.device_id is None],
        "here": request.borrower, "challenge": device_challenge(request), "active_tab": "me"})


@require_POST
@borrower_page
def session_end(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Sign one browser out; one's own leads to the log-in page."""
    services.session_revoke(request.customer_id, session_id=session_id)
    if session_id != request.borrower.session_id:
        messages.success(request, say(Text("已退出该登录。", "That sign-in is ended.")))
    return HttpResponseRedirect(page_address("devices"))


@borrower_page
def lock(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """A last look before a device is signed out and refused."""
    device = _device(request, device_id)
    form = Form(posted(request))
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: services.device_lock(
            request.customer_id, device_id=device_id, here=request.borrower.device_id)):
        messages.success(request, say(Text("设备已锁定并退出登录。", "The device is locked and signed out.")))
        return HttpResponseRedirect(page_address("devices"))
    return render(request, "h5/pages/device_lock.html", {
        "device": device, "form": form, "back_url": page_address("devices")}, status=status_of(form))


@borrower_page
def unlock(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Allow a device again: with the payment password once there is one."""
    device = _device(request, device_id)
    needs_password = selectors.has_payment_password(request.customer_id)
    form = (PasswordForm if needs_password else BareForm)(posted(request))
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: _unlock(request, device_id, form)):
        messages.success(request, say(Text("设备已解除锁定。", "The device is unlocked.")))
        return HttpResponseRedirect(page_address("devices"))
    return render(request, "h5/pages/device_unlock.html", {
        "device": device, "form": form, "needs_password": needs_password, "back_url": page_address("devices"),
    }, status=status_of(form))


def _unlock(request: HttpRequest, device_id: UUID, form: Form) -> None:
    if selectors.has_payment_password(request.customer_id):
        services.payment_password_check(request.customer_id, password=form.cleaned_data["password"])
    services.device_unlock(request.customer_id, device_id=device_id)


@require_POST
@borrower_page
def prove(request: HttpRequest) -> HttpResponse:
    """Keep the key this browser holds; sent by the page's script, answered without a page."""
    challenge = request.POST.get("challenge", "")
    try:
        session_id, _ = signing.loads(challenge, salt=_SALT, max_age=_CHALLENGE_SECONDS)
        if session_id != str(request.borrower.session_id) or request.borrower.device_id is None:
            raise DeviceProofInvalid
        services.device_key_prove(
            request.customer_id, device_id=request.borrower.device_id, challenge=challenge,
            public_key=request.POST.get("public_key", ""), signature=request.POST.get("signature", ""))
    except (signing.BadSignature, ValueError, Refusal):
        return HttpResponse(status=422)
    return HttpResponse(status=204)


def _device(request: HttpRequest, device_id: UUID) -> selectors.DeviceRow:
    for row in selectors.devices_for(request.customer_id):
        if row.id == device_id:
            return row
    raise DeviceNotFound


urlpatterns = [
    path("me/security/devices/", devices, name="devices"),
    path("me/security/devices/prove", prove, name="device_prove"),
    path("me/security/devices/<uuid:device_id>/lock", lock, name="device_lock"),
    path("me/security/devices/<uuid:device_id>/unlock", unlock, name="device_unlock"),
    path("me/security/sessions/<uuid:session_id>/end", session_end, name="session_end"),
]
