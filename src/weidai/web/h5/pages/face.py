"""The face check before the camera: prompts, frames, and a page of its own for every way in which it can end (R1.5).

The script `face.js` opens the camera, shows the actions and sends the frames; the server decides everything.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.identity import errors, face_errors, policy, selectors, services
from weidai.identity.consent_texts import ID_CARD_PICTURES
from weidai.kernel.errors import Refusal
from weidai.platform import clock
from weidai.web.h5.deeds import page_address, safe_address, with_query
from weidai.web.h5.face_words import ACTION_WORDS, BROWSER_PROBLEMS, Problem, problem_of
from weidai.web.h5.pages.consents import consent_address
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.captures import captured_frames
from weidai.web.shared.language import say

_PURPOSES = ("real_name", "activation")


def face_context(purpose: str, *, here: str) -> dict[str, Any]:
    """What the component `face_or_video.html` needs: where the camera page is, and whether the sandbox may play a check."""
    return {"camera_url": with_query(page_address("face_camera"), purpose=purpose, next=here), "is_demo": settings.DEMO,
            "purpose": purpose}


@borrower_page
def camera(request: HttpRequest) -> HttpResponse:
    """The camera page: what will happen, then the live picture with its prompts."""
    purpose, goal = _purpose(request), _goal(request)
    if not selectors.customer_get(request.customer_id).has_id_card:
        return HttpResponseRedirect(page_address("onboard_id_card"))
    if not selectors.has_present_consent(request.customer_id, "face"):
        return HttpResponseRedirect(consent_address("face", onward=request.get_full_path(), back=goal))
    if "asked" not in request.GET and selectors.id_card_portrait_waits(request.customer_id):
        onward = with_query(page_address("face_camera"), purpose=purpose, next=goal, asked="1")  # "not now" goes on without it
        return HttpResponseRedirect(consent_address(ID_CARD_PICTURES, onward=onward, back=onward))
    terms = policy.current(clock.today()).face
    return render(request, "h5/pages/face_camera.html", {
        **_common(request, purpose, goal), "left": services.attempts_left(request.customer_id),
        "seconds": terms.challenge_seconds, "words": {action: say(text) for action, text in ACTION_WORDS.items()},
        "problem_url": with_query(page_address("face_problem"), purpose=purpose, next=goal)})


@borrower_page
@require_POST
def challenge(request: HttpRequest) -> HttpResponse:
    """Issue a challenge to this session."""
    def issue() -> dict[str, Any]:
        made = services.face_challenge_issue(request.customer_id, purpose=_purpose(request), session=_session(request))
        return {"id": str(made.id), "actions": made.actions, "step_ms": made.step_milliseconds, "seconds": made.seconds,
                "frames_url": page_address("face_frames", challenge_id=made.id),
                "abandon_url": page_address("face_abandon", challenge_id=made.id)}

    return _answered(request, issue)


@borrower_page
@require_POST
def frames(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """Take the frames of one challenge, once; the answer says which page tells the result."""
    result = with_query(page_address("face_result", challenge_id=challenge_id), next=_goal(request))

    def submit() -> dict[str, Any]:
        with suppress(face_errors.FaceRefused, face_errors.FaceEngineBusy, face_errors.FaceVendorPending):
            services.face_challenge_submit(request.customer_id, challenge_id=challenge_id, session=_session(request),
                                           frames=captured_frames(request.FILES.get("frames"),
                                                                  request.POST.get("marks", "")))
        # What was refused is kept with the challenge: the page of the result tells it.
        return {"next": result}

    return _answered(request, submit)


@borrower_page
@require_POST
def abandon(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """The browser could not go on; the challenge is void and does not count."""
    kind = request.POST.get("kind", "")
    services.face_challenge_abandon(
        request.customer_id, challenge_id=challenge_id, reason=kind if kind in BROWSER_PROBLEMS else "abandoned")
    return HttpResponse(status=204)


@borrower_page
def result(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """What came out; looking again or going back changes nothing."""
    row, goal = selectors.face_challenge_get(request.customer_id, challenge_id), _goal(request)
    if row.is_passed:
        return render(request, "h5/pages/face_passed.html", {"row": row, "goal": goal})
    return _problem_page(request, problem_of(row.outcome), row.purpose, goal)


@borrower_page
def problem(request: HttpRequest) -> HttpResponse:
    """A problem found before anything was judged, each with its own words."""
    return _problem_page(request, problem_of(request.GET.get("kind", "")), _purpose(request), _goal(request))


def _problem_page(request: HttpRequest, found: Problem, purpose: str, goal: str) -> HttpResponse:
    left = services.attempts_left(request.customer_id)
    return render(request, "h5/pages/face_refused.html", {
        **_common(request, purpose, goal), "problem": found, "left": left, "may_retry": found.may_retry and left > 0,
        "again_url": with_query(page_address("face_camera"), purpose=purpose, next=goal)})


def _common(request: HttpRequest, purpose: str, goal: str) -> dict[str, Any]:
    return {"purpose": purpose, "goal": goal, "video_url": page_address("onboard_video"),
            "waiting": selectors.staff_video_waiting(request.customer_id, purpose=purpose)}


def _answered(request: HttpRequest, act: Callable[[], dict[str, Any]]) -> HttpResponse:
    """Answer the script: what it asked for, or the page that tells why not."""
    try:
        return JsonResponse(act())
    except errors.ConsentRequired:
        here = with_query(page_address("face_camera"), purpose=_purpose(request), next=_goal(request))
        return JsonResponse({"next": consent_address("face", onward=here, back=_goal(request))})
    except Refusal as refusal:
        address = with_query(page_address("face_problem"), kind=refusal.code, purpose=_purpose(request), next=_goal(request))
        return JsonResponse({"next": address})


def _session(request: HttpRequest) -> str:
    return str(request.borrower.session_id)  # type: ignore[attr-defined]


def _purpose(request: HttpRequest) -> str:
    wanted = request.POST.get("purpose") or request.GET.get("purpose") or ""
    return wanted if wanted in _PURPOSES else "real_name"


def _goal(request: HttpRequest) -> str:
    return safe_address(request, "next", page_address("onboard"))


urlpatterns = [
    path("face/camera", camera, name="face_camera"),
    path("face/challenge", challenge, name="face_challenge"),
    path("face/<uuid:challenge_id>/frames", frames, name="face_frames"),
    path("face/<uuid:challenge_id>/abandon", abandon, name="face_abandon"),
    path("face/<uuid:challenge_id>/result", result, name="face_result"),
    path("face/problem", problem, name="face_problem"),
]
