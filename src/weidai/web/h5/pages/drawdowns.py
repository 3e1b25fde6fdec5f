"""Borrowing, from the cost sheet to the result: read, sign, confirm by code, see what became of it (R6.2, R6.3)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.kernel.text import Text
from weidai.lending import selectors, services
from weidai.lending.errors import (
    CostSheetExpired,
    DeviceNeeded,
    DeviceTooFresh,
    DrawdownRefusedByRisk,
    StepUpRequired,
    TermsChanged,
)
from weidai.limits.errors import LimitExceeded
from weidai.platform import clock
from weidai.security.errors import DeviceProofInvalid
from weidai.web.h5.deeds import lender, page_address, posted, was_done, with_query
from weidai.web.h5.device_steps import device_context, device_proof, person_is_seen
from weidai.web.h5.drawdown_steps import (
    STEPS,
    card_of,
    challenge_of,
    drawdown_of,
    elsewhere,
    seconds_until_resend,
    step_address,
)
from weidai.web.h5.onboarding_forms import PictureForm
from weidai.web.h5.pages.consents import consent_address
from weidai.web.h5.pages.face import face_context
from weidai.web.h5.sheet_view import document_blocks
from weidai.web.h5.voice_ways import voice_address
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import CodeField, Form, form_with_refusal, idempotency_key, status_of
from weidai.web.shared.language import lazy_text, say

_PROMPT = timedelta(minutes=2)  # a payout without the bank's word for longer is no matter of seconds

# What another code cannot mend but another drawdown can: what was read no longer holds, or less is available now.
_STARTING_AGAIN_HELPS = (CostSheetExpired, DeviceNeeded, DeviceTooFresh, LimitExceeded, TermsChanged)


class CodeForm(Form):
    """The six digits that sign."""

    code = CodeField(label=lazy_text("短信验证码", "Code from the message"),
                     error_messages={"required": lazy_text("请输入 6 位验证码。", "Enter the 6 digits.")})


class UnboundCodeForm(CodeForm):
    """Without a bound device: the payment password as well."""

    password = CodeField(label=lazy_text("支付密码", "Payment password"),
                         error_messages={"required": lazy_text("请输入 6 位支付密码。", "Enter the six-digit payment password.")})


@borrower_page
def sheet(request: HttpRequest, drawdown_id: UUID) -> HttpResponse:
    """综合融资成本明示表 on a whole page; its reading time runs on the server's clock."""
    drawdown = drawdown_of(request, drawdown_id)
    form = Form(posted(request))
    if request.method == "POST":
        form.is_valid()
        if was_done(form, lambda: services.cost_sheet_confirm(request.customer_id, drawdown_id=drawdown_id)):
            return HttpResponseRedirect(step_address(drawdown_of(request, drawdown_id)))
    if drawdown.state == "draft":
        services.cost_sheet_open(request.customer_id, drawdown_id=drawdown_id)
    elif drawdown.state == "cancelled":
        return HttpResponseRedirect(step_address(drawdown))
    view = selectors.cost_sheet_get(request.customer_id, drawdown_id)
    return render(request, "h5/pages/drawdown_sheet.html", {
        "drawdown": drawdown, "form": form, "sheet": view, "blocks": document_blocks(say(view.content)),
        "steps": STEPS, "current": 2, "card": card_of(request, drawdown.card_id),
        "next_url": step_address(drawdown) if view.confirmed_at else None,
        "may_be_late": selectors.may_arrive_next_day(),
    }, status=status_of(form))


@borrower_page
def agreement(request: HttpRequest, drawdown_id: UUID) -> HttpResponse:
    """The agreement with its hash: sign or not now."""
    drawdown = drawdown_of(request, drawdown_id)
    form = Form(posted(request))
    if request.method == "POST":
        form.is_valid()
        if was_done(form, lambda: services.agreement_sign(request.customer_id, drawdown_id=drawdown_id)):
            return HttpResponseRedirect(step_address(drawdown_of(request, drawdown_id)))
    elif (away := elsewhere(drawdown, "confirmed")) is not None:
        return away
    if drawdown.state == "confirmed":
        services.agreement_open(request.customer_id, drawdown_id=drawdown_id)
    return render(request, "h5/pages/drawdown_agreement.html", {
        "drawdown": drawdown, "form": form, "steps": STEPS, "current": 3, "lender": lender(clock.today()),
        "agreement": selectors.agreement_text(request.customer_id, drawdown_id=drawdown_id),
    }, status=status_of(form))


@borrower_page
def code(request: HttpRequest, drawdown_id: UUID) -> HttpResponse:
    """The code by text message, with amount and card repeated, signed by the bound device; twice makes one loan."""
    drawdown = drawdown_of(request, drawdown_id)
    if (away := elsewhere(drawdown, "signed")) is not None:
        return away
    form, challenge_id = _code_form(request)(posted(request)), challenge_of(request)
    if request.method == "POST" and form.is_valid():
        if challenge_id is None:
            form.add_error("code", say(Text("请先获取验证码。", "Ask for a code first.")))
        else:
            key = idempotency_key(request)
            confirmed = form_with_refusal(form, lambda: services.drawdown_confirm(
                request.customer_id, drawdown_id=drawdown_id, challenge_id=challenge_id,
                code=form.cleaned_data["code"], device=device_proof(request),
                payment_password=form.cleaned_data.get("password", ""), idempotency_key=key))
            if confirmed is not None or isinstance(form.refusal, DrawdownRefusedByRisk):
                return HttpResponseRedirect(page_address("drawdown_result", drawdown_id=drawdown_id))
    return _code_page(request, drawdown, form, challenge_id)


def _code_form(request: HttpRequest) -> type[CodeForm]:
    return UnboundCodeForm if _is_unbound(request) else CodeForm


def _is_unbound(request: HttpRequest) -> bool:
    """Whether the borrower chose to go on without binding this device."""
    return (request.POST.get("unbound") or request.GET.get("unbound") or "") == "1"


@require_POST
@borrower_page
def code_send(request: HttpRequest, drawdown_id: UUID) -> HttpResponse:
    """Send the code, or another one."""
    drawdown = drawdown_of(request, drawdown_id)
    if (away := elsewhere(drawdown, "signed")) is not None:
        return away
    form = Form({})
    form.is_valid()
    sent = form_with_refusal(form, lambda: services.drawdown_code_send(request.customer_id, drawdown_id=drawdown_id))
    if sent is None:
        shown = _code_form(request)()
        shown.refusal = form.refusal
        return _code_page(request, drawdown, shown, challenge_of(request))
    return HttpResponseRedirect(with_query(page_address("drawdown_code", drawdown_id=drawdown_id), challenge=str(sent.id),
                                           **({"unbound": "1"} if _is_unbound(request) else {})))


def _code_page(request: HttpRequest, drawdown: selectors.DrawdownRow, form: Form, challenge_id: UUID | None) -> HttpResponse:
    customer = identity.customer_get(request.customer_id)
    face_url, is_unbound = page_address("drawdown_face", drawdown_id=drawdown.id), _is_unbound(request)
    here = page_address("drawdown_code", drawdown_id=drawdown.id)
    to_sign = services.drawdown_to_sign(
        request.customer_id, drawdown_id=drawdown.id, challenge_id=challenge_id) if challenge_id else ""
    return render(request, "h5/pages/drawdown_code.html", {
        "drawdown": drawdown, "form": form, "steps": STEPS, "current": 4, "customer": customer,
        "challenge_id": challenge_id, "wait_seconds": seconds_until_resend(challenge_id),
        "face_url": with_query(face_url, **({"unbound": "1"} if is_unbound else {}), **_voice(form)),
        "needs_face": isinstance(form.refusal, StepUpRequired) or (is_unbound and not person_is_seen(request)),
        "is_unbound": is_unbound, "to_sign": "" if is_unbound else to_sign,
        "bind_url": with_query(page_address("device_bind"), next=here), "unbound_url": with_query(here, unbound="1"),
        "is_device_refused": isinstance(form.refusal, DeviceProofInvalid), **device_context(request, drawdown.amount_fen),
        "may_start_again": isinstance(form.refusal, _STARTING_AGAIN_HELPS),
        "card": card_of(request, drawdown.card_id), "may_be_late": selectors.may_arrive_next_day(),
        "sheet": selectors.cost_sheet_get(request.customer_id, drawdown.id),
    }, status=status_of(form))


def _voice(form: Form) -> dict[str, str]:
    """Show a spoken check among the ways to confirm, where the refusal says that it would count (R1.8)."""
    return {"voice": "1"} if form.refusal is not None and form.refusal.values.get("accepts_voice") else {}


@borrower_page
def face(request: HttpRequest, drawdown_id: UUID) -> HttpResponse:
    """The face check, or the staff video check, that risk control asked for before signing (R8.2)."""
    drawdown = drawdown_of(request, drawdown_id)
    if (away := elsewhere(drawdown, "signed")) is not None:
        return away
    unbound = {"unbound": "1"} if _is_unbound(request) else {}
    here = with_query(page_address("drawdown_face", drawdown_id=drawdown_id), **unbound)
    back = with_query(page_address("drawdown_code", drawdown_id=drawdown_id), **unbound)
    has_consent = identity.has_present_consent(request.customer_id, "face")
    form = PictureForm(posted(request), request.FILES or None) if has_consent else PictureForm()
    if request.method == "POST" and has_consent and form.is_valid() and was_done(
            form, lambda: identity_services.face_check(
                request.customer_id, image_digest=form.cleaned_data["picture"], purpose="activation")):
        return HttpResponseRedirect(back)
    return render(request, "h5/pages/drawdown_face.html", {
        "form": form, "has_consent": has_consent, "back": back, **face_context("activation", here=back),
        "consent_url": consent_address("face", onward=here, back=here), "face_url": here, "video_next": here,
        "video_url": with_query(page_address("drawdown_video", drawdown_id=drawdown_id), **unbound),
        "waiting": identity.staff_video_waiting(request.customer_id, purpose="activation"),
        "voice_url": voice_address("drawdown", subject_id=drawdown_id, goal=here) if "voice" in request.GET
        and identity.voice_stands_for(request.customer_id, purpose="drawdown", amount_fen=drawdown.amount_fen) else "",
        "is_spoken": identity.has_fresh_voice(request.customer_id, purpose="drawdown", subject_id=drawdown_id),
    }, status=status_of(form))


@require_POST
@borrower_page
def video(request: HttpRequest, drawdown_id: UUID) -> HttpResponse:
    """Ask for the staff video check in place of the face check."""
    drawdown_of(request, drawdown_id)
    if identity.staff_video_waiting(request.customer_id, purpose="activation") is None:
        identity_services.staff_video_request(request.customer_id, purpose="activation")
    return HttpResponseRedirect(with_query(page_address("drawdown_face", drawdown_id=drawdown_id),
                                           **({"unbound": "1"} if _is_unbound(request) else {})))


@require_POST
@borrower_page
def cancel(request: HttpRequest, drawdown_id: UUID) -> HttpResponse:
    """Not now: the drawdown ends, nothing is owed. Too late is shown as what it has become."""
    drawdown = drawdown_of(request, drawdown_id)
    if drawdown.state in ("draft", "sheet_shown", "confirmed", "signed"):
        services.drawdown_cancel(request.customer_id, drawdown_id=drawdown_id)
        messages.info(request, say(Text("已取消，没有产生借款和费用。", "Cancelled. There is no loan and no cost.")))
        return HttpResponseRedirect("/h5/")
    return HttpResponseRedirect(step_address(drawdown))


@borrower_page
def result(request: HttpRequest, drawdown_id: UUID) -> HttpResponse:
    """Processing, success, refused or failed: four pages. While processing the page asks again each second."""
    drawdown = drawdown_of(request, drawdown_id)
    if (away := elsewhere(drawdown, "submitted", "paying", "posted", "failed", "cancelled")) is not None:
        return away
    is_unanswered = (drawdown.is_paying and drawdown.submitted_at is not None
                     and clock.now() - drawdown.submitted_at > _PROMPT)
    if drawdown.is_paying and request.headers.get("HX-Request") and is_unanswered == ("waited" in request.GET):
        return HttpResponse(status=204)  # nothing new to say
    loan = selectors.loan_get(request.customer_id, drawdown.loan_id) if drawdown.loan_id else None
    kinds = {"submitted": "processing", "paying": "processing", "posted": "success", "failed": "failed",
             "cancelled": "refused"}
    return render(request, f"h5/pages/drawdown_{kinds[drawdown.state]}.html", {
        "drawdown": drawdown, "loan": loan, "card": card_of(request, drawdown.card_id),
        "lender": lender(clock.today()), "may_be_late": selectors.may_arrive_next_day(),
        "is_unanswered": is_unanswered, "poll_query": "?waited=1" if is_unanswered else "",
        "is_blocked": drawdown.failure_code == "risk_blocked",
    })


urlpatterns = [
    path("drawdowns/<uuid:drawdown_id>/sheet", sheet, name="drawdown_sheet"),
    path("drawdowns/<uuid:drawdown_id>/agreement", agreement, name="drawdown_agreement"),
    path("drawdowns/<uuid:drawdown_id>/code", code, name="drawdown_code"),
    path("drawdowns/<uuid:drawdown_id>/code/send", code_send, name="drawdown_code_send"),
    path("drawdowns/<uuid:drawdown_id>/face", face, name="drawdown_face"),
    path("drawdowns/<uuid:drawdown_id>/video", video, name="drawdown_video"),
    path("drawdowns/<uuid:drawdown_id>/cancel", cancel, name="drawdown_cancel"),
    path("drawdowns/<uuid:drawdown_id>/result", result, name="drawdown_result"),
]
