"""Devices and sign-ins: seeing them, signing one out, locking a device, binding this one by a key (R6.2, R8.4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView

from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.kernel.text import Text
from weidai.lending import policy
from weidai.lending import services as lending
from weidai.platform import clock
from weidai.security import selectors, services, signing
from weidai.security.errors import DeviceNotFound
from weidai.web.h5.deeds import page_address, posted, safe_address, was_done, with_query
from weidai.web.h5.device_steps import device_context, key_offer, person_is_seen
from weidai.web.h5.drawdown_steps import challenge_of, seconds_until_resend
from weidai.web.h5.onboarding_forms import PictureForm
from weidai.web.h5.pages.consents import consent_address
from weidai.web.h5.pages.face import face_context
from weidai.web.h5.pages.me import BareForm, PasswordForm
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import CodeField, Form, form_with_refusal, status_of
from weidai.web.shared.language import lazy_text, say


class BindForm(Form):
    """Code and payment password; the key comes from the page's script."""

    code = CodeField(label=lazy_text("短信验证码", "Code from the message"),
                     error_messages={"required": lazy_text("请输入 6 位验证码。", "Enter the 6 digits.")})
    password = CodeField(label=lazy_text("支付密码", "Payment password"),
                         error_messages={"required": lazy_text("请输入支付密码。", "Enter the payment password.")})


@borrower_page
def devices(request: HttpRequest) -> HttpResponse:
    """Every device with its sign-ins."""
    sessions = selectors.sessions_for(request.customer_id)
    rows = [(device, [session for session in sessions if session.device_id == device.id])
            for device in selectors.devices_for(request.customer_id)]
    return render(request, "h5/pages/devices.html", {
        "rows": rows, "loose": [session for session in sessions if session.device_id is None],
        "here": request.borrower, "active_tab": "me", "bind_url": page_address("device_bind"),
        **device_context(request)})


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


@borrower_page
def bind(request: HttpRequest) -> HttpResponse:
    """Bind this device: a fresh look at the person where one is due, then code, payment password and the key's signature."""
    if not selectors.has_payment_password(request.customer_id):
        return render(request, "h5/pages/password_missing.html", {})
    form, challenge_id, offer = BindForm(posted(request)), challenge_of(request), key_offer(request)
    if request.method == "POST" and form.is_valid():
        if challenge_id is None:
            form.add_error("code", say(Text("请先获取验证码。", "Ask for a code first.")))
        elif offer is None:
            form.add_error(None, say(Text("此浏览器无法保存设备密钥，未能绑定。",
                                          "This browser cannot keep a device key; it is not bound.")))
        elif was_done(form, lambda: lending.device_bind(
                request.customer_id, session_id=request.borrower.session_id, request=services.BindRequest(
                    offer, challenge_id, form.cleaned_data["code"], form.cleaned_data["password"]))):
            messages.success(request, say(Text("本机已绑定。", "This device is bound.")))
            return HttpResponseRedirect(safe_address(request, "next", page_address("devices")))
    return _bind_page(request, form, challenge_id)


@require_POST
@borrower_page
def bind_code(request: HttpRequest) -> HttpResponse:
    """Send the code that binds, or another one."""
    form = Form({})
    form.is_valid()
    sent = form_with_refusal(form, lambda: lending.device_code_send(request.customer_id))
    if sent is None:
        shown = BindForm()
        shown.refusal = form.refusal
        return _bind_page(request, shown, challenge_of(request))
    return HttpResponseRedirect(_bind_address(request, challenge=str(sent.id)))


def _bind_address(request: HttpRequest, **more: str) -> str:
    return with_query(page_address("device_bind"), next=safe_address(request, "next", page_address("devices")), **more)


def _bind_page(request: HttpRequest, form: Form, challenge_id: UUID | None) -> HttpResponse:
    needs_person = selectors.had_device_key(request.customer_id)
    here, is_seen = _bind_address(request), not needs_person or person_is_seen(request)
    terms = policy.current(clock.today()).device
    return render(request, "h5/pages/device_bind.html", {
        "form": form, "is_seen": is_seen, "needs_person": needs_person, "terms": terms,
        "customer": identity.customer_get(request.customer_id), "challenge_id": challenge_id,
        "wait_seconds": seconds_until_resend(challenge_id), "next": safe_address(request, "next", page_address("devices")),
        "to_sign": signing.key_text(request.customer_id, nonce=str(challenge_id)) if challenge_id else "",
        **({} if is_seen else face_steps(request, here)),
    }, status=status_of(form))


def face_steps(request: HttpRequest, here: str) -> dict[str, Any]:
    """What `face_or_video.html` needs to look at the person again and come back here."""
    return {"has_consent": identity.has_consent(request.customer_id, "face"),
            "consent_url": consent_address("face", onward=here, back=here), "video_url": page_address("onboard_video"),
            "video_next": here, "picture_form": PictureForm(),
            "waiting": identity.staff_video_waiting(request.customer_id, purpose="activation"),
            "face_url": with_query(page_address("person_seen"), next=here), **face_context("activation", here=here)}


@require_POST
@borrower_page
def seen(request: HttpRequest) -> HttpResponse:
    """The sandbox's stand-in for the camera, where a demonstration has none: looks at the person and goes back."""
    back = safe_address(request, "next", page_address("devices"))
    form = PictureForm(request.POST, request.FILES)
    if not (form.is_valid() and was_done(form, lambda: identity_services.face_check(
            request.customer_id, image_digest=form.cleaned_data["picture"], purpose="activation"))):
        sentences = [str(one) for errors in form.errors.values() for one in errors]
        messages.warning(request, " ".join(sentences))
    return HttpResponseRedirect(back)


def _device(request: HttpRequest, device_id: UUID) -> selectors.DeviceRow:
    for row in selectors.devices_for(request.customer_id):
        if row.id == device_id:
            return row
    raise DeviceNotFound


urlpatterns = [
    path("me/devices/", RedirectView.as_view(pattern_name="h5:devices")),  # the address people guess
    path("me/security/devices/", devices, name="devices"),
    path("me/security/devices/bind", bind, name="device_bind"),
    path("me/security/devices/bind/code", bind_code, name="device_bind_code"),
    path("me/security/devices/seen", seen, name="person_seen"),
    path("me/security/devices/<uuid:device_id>/lock", lock, name="device_lock"),
    path("me/security/devices/<uuid:device_id>/unlock", unlock, name="device_unlock"),
    path("me/security/sessions/<uuid:session_id>/end", session_end, name="session_end"),
]
