"""The voiceprint: what it is, reading digits aloud, and a page of its own for every way in which it can end (R1.8).

The script `voice.js` opens the microphone, shows the digits and sends the recordings; the server decides everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.identity import errors, policy, selectors, services
from weidai.kernel.errors import Refusal
from weidai.kernel.text import Text
from weidai.lending import selectors as lending
from weidai.platform import clock
from weidai.web.h5.deeds import page_address, posted, safe_address, uuid_or_none, was_done, with_query
from weidai.web.h5.pages.consents import consent_address
from weidai.web.h5.pages.me import PasswordForm
from weidai.web.h5.voice_ways import Asked
from weidai.web.h5.voice_words import BROWSER_PROBLEMS, PURPOSE_WORDS, problem_of
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, form_with_refusal, status_of
from weidai.web.shared.language import say
from weidai.web.shared.recordings import spoken_recordings
from weidai.web.shared.settings_part import PERMISSIONS_POLICY_VOICE

CONSENT = "voiceprint"


@borrower_page
def overview(request: HttpRequest) -> HttpResponse:
    """Whether there is a voiceprint, what it is good for, and how to be rid of it."""
    terms = policy.current(clock.today())
    return render(request, "h5/pages/voice.html", {
        "voiceprint": selectors.voiceprint_get(request.customer_id), "is_offered": selectors.voice_is_offered(),
        "has_consent": selectors.has_consent(request.customer_id, CONSENT),
        "is_real_name": selectors.is_real_name(request.customer_id), "terms": terms.voice,
        "points": terms.item("voiceprint").points})


@borrower_page
def start(request: HttpRequest) -> HttpResponse:
    """What will happen, with the payment password where it is needed; then the digits are drawn."""
    asked = _asked(request)
    if not selectors.is_real_name(request.customer_id):
        return HttpResponseRedirect(page_address("onboard"))
    if selectors.voice_is_offered() and not selectors.has_present_consent(request.customer_id, CONSENT):
        return HttpResponseRedirect(consent_address(CONSENT, onward=asked.address("voice_start"), back=asked.goal))
    needs_password = services.voice_needs_password(request.customer_id, purpose=asked.purpose)
    form = (PasswordForm if needs_password else Form)(posted(request))
    if request.method == "POST" and form.is_valid():
        made = form_with_refusal(form, lambda: _issued(request, asked, form))
        if made is not None:
            record_url = with_query(page_address("voice_record", challenge_id=made.id), next=asked.goal)
            return HttpResponseRedirect(record_url)
    terms = policy.current(clock.today()).voice
    return render(request, "h5/pages/voice_start.html", {
        "form": form, "asked": asked, "title": PURPOSE_WORDS[asked.purpose], "needs_password": needs_password,
        "left": selectors.voice_attempts_left(request.customer_id), "terms": terms}, status=status_of(form))


@borrower_page
def record(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """The page that records: the only one whose header lets it use the microphone."""
    row = selectors.voice_challenge_get(request.customer_id, challenge_id)
    asked = Asked(row.purpose, row.subject_id, _goal(request, row.purpose))
    if not row.is_open:
        return HttpResponseRedirect(_result_address(row.id, asked))
    response = render(request, "h5/pages/voice_record.html", {
        "row": row, "asked": asked, "title": PURPOSE_WORDS[row.purpose], "digits": list(row.digits),
        "count": sum(map(len, row.digits)), "terms": policy.current(clock.today()).voice,
        "problem_url": asked.address("voice_problem")})
    response.headers["Permissions-Policy"] = PERMISSIONS_POLICY_VOICE
    return response


@borrower_page
@require_POST
def recordings(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """Take the recordings of one challenge, once; the answer says which page tells what was heard."""
    row = selectors.voice_challenge_get(request.customer_id, challenge_id)
    asked = Asked(row.purpose, row.subject_id, _goal(request, row.purpose))

    def submit() -> dict[str, Any]:
        services.voice_challenge_submit(
            request.customer_id, challenge_id=challenge_id, session=_session(request),
            recordings=spoken_recordings(request.FILES.get("recordings"), request.POST.get("marks", "")))
        return {"next": _result_address(challenge_id, asked)}

    return _answered(asked, submit)


@borrower_page
@require_POST
def abandon(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """The browser could not go on; the challenge is void and does not count."""
    kind = request.POST.get("kind", "")
    services.voice_challenge_abandon(
        request.customer_id, challenge_id=challenge_id, reason=kind if kind in BROWSER_PROBLEMS else "abandoned")
    return HttpResponse(status=204)


@borrower_page
def result(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """What came out; looking again or going back changes nothing."""
    row = selectors.voice_challenge_get(request.customer_id, challenge_id)
    asked = Asked(row.purpose, row.subject_id, _goal(request, row.purpose))
    if row.is_passed:
        return render(request, "h5/pages/voice_passed.html", {
            "asked": asked, "minutes": policy.current(clock.today()).voice.fresh_minutes,
            "verify_url": Asked("verify", None, page_address("voice")).address("voice_start")})
    kind = "expired" if row.state == "issued" else row.outcome
    return _problem_page(request, kind, asked, others=tuple(row.faults[1:]))


@borrower_page
def problem(request: HttpRequest) -> HttpResponse:
    """A problem found before anything was heard, each with its own words."""
    return _problem_page(request, request.GET.get("kind", ""), _asked(request))


@borrower_page
def remove(request: HttpRequest) -> HttpResponse:
    """What it means, and doing it: no reason asked."""
    form = Form(posted(request))
    if request.method == "POST":
        form.is_valid()
        if was_done(form, lambda: services.voiceprint_remove(request.customer_id)):
            messages.success(request, say(Text("声纹已销毁，回执见“个人信息与删除”。",
                                               "The voiceprint is destroyed; the receipt is under My data.")))
            return HttpResponseRedirect(page_address("voice"))
    elif selectors.voiceprint_get(request.customer_id) is None:
        return HttpResponseRedirect(page_address("voice"))
    return render(request, "h5/pages/voice_remove.html", {"form": form, "back_url": page_address("voice")},
                  status=status_of(form))


def _issued(request: HttpRequest, asked: Asked, form: Form) -> selectors.VoiceChallengeRow:
    """Draw the digits; a refusal about the password stands beside its field."""
    try:
        return services.voice_challenge_issue(
            request.customer_id, purpose=asked.purpose, subject_id=asked.subject_id, session=_session(request),
            amount_fen=_amount_fen(request, asked), payment_password=form.cleaned_data.get("password"))
    except Refusal as refusal:
        if refusal.field == "payment_password":
            refusal.field = "password"
        raise


def _amount_fen(request: HttpRequest, asked: Asked) -> int:
    """What the drawdown is about; unknown cards and drawdowns are not found."""
    if asked.purpose == "drawdown":
        assert asked.subject_id is not None
        return lending.drawdown_get(request.customer_id, asked.subject_id).amount_fen
    if asked.purpose == "default_card" and not any(card.id == asked.subject_id for card in selectors.bank_cards(
            request.customer_id)):
        raise errors.CardNotFound
    return 0


def _problem_page(request: HttpRequest, kind: str, asked: Asked, *, others: tuple[str, ...] = ()) -> HttpResponse:
    found, left = problem_of(kind), selectors.voice_attempts_left(request.customer_id)
    is_step_up = asked.subject_id is not None
    return render(request, "h5/pages/voice_refused.html", {
        "problem": found, "others": [problem_of(code) for code in others], "left": left, "asked": asked,
        "is_step_up": is_step_up, "may_retry": found.may_retry and left > 0, "again_url": asked.address("voice_start"),
        "enrol_url": Asked("enrol", None, page_address("voice")).address("voice_start")
        if kind == "voiceprint_outdated" else ""})


def _answered(asked: Asked, act: Callable[[], dict[str, Any]]) -> HttpResponse:
    """Answer the script: the page of the result, or the one that tells why there is none."""
    try:
        return JsonResponse(act())
    except errors.ConsentRequired:
        return JsonResponse({"next": consent_address(CONSENT, onward=asked.address("voice_start"), back=asked.goal)})
    except Refusal as refusal:
        return JsonResponse({"next": asked.address("voice_problem", kind=refusal.code)})


def _asked(request: HttpRequest) -> Asked:
    """What the address asks for; a step without its card or drawdown is only a check."""
    wanted = request.POST.get("purpose") or request.GET.get("purpose") or ""
    subject_id = uuid_or_none(request.POST.get("subject") or request.GET.get("subject") or "")
    if wanted not in PURPOSE_WORDS or (wanted in ("default_card", "drawdown") and subject_id is None):
        wanted = "verify" if selectors.voiceprint_get(request.customer_id) else "enrol"
    return Asked(wanted, subject_id if wanted in ("default_card", "drawdown") else None, _goal(request, wanted))


def _goal(request: HttpRequest, purpose: str) -> str:
    return safe_address(request, "next", page_address("voice" if purpose in ("enrol", "verify") else "home"))


def _result_address(challenge_id: UUID, asked: Asked) -> str:
    return with_query(page_address("voice_result", challenge_id=challenge_id), next=asked.goal)


def _session(request: HttpRequest) -> str:
    return str(request.borrower.session_id)  # type: ignore[attr-defined]


urlpatterns = [
    path("voice/", overview, name="voice"),
    path("voice/start", start, name="voice_start"),
    path("voice/problem", problem, name="voice_problem"),
    path("voice/remove", remove, name="voice_remove"),
    path("voice/<uuid:challenge_id>/record", record, name="voice_record"),
    path("voice/<uuid:challenge_id>/recordings", recordings, name="voice_recordings"),
    path("voice/<uuid:challenge_id>/abandon", abandon, name="voice_abandon"),
    path("voice/<uuid:challenge_id>/result", result, name="voice_result"),
]
