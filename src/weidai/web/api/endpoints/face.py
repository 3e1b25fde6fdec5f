"""The live face check for mini-programs: ask for a challenge, show its actions, send the frames once (R1.5)."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Router, UploadedFile

from weidai.identity import services
from weidai.web.api.bearer import session_of
from weidai.web.api.fields import Input, Schema
from weidai.web.shared.captures import captured_frames

router = Router(tags=["me"])


class ChallengeIn(Input):
    """What the check is for."""

    purpose: Literal["real_name", "activation"]


class ChallengeOut(Schema):
    """Actions in their order (turn_left, turn_right, nod, come_closer): facing the camera before each of them.

    Steps of the frames: 0 facing, 1 the first action, 2 facing, 3 the second action. Single use, for this session.
    """

    id: UUID
    actions: list[str]
    step_milliseconds: int
    seconds: int


class FaceOut(Schema):
    """`certified` when the vendor confirmed it; `demo` opens applications but activates nothing."""

    assurance: Literal["certified", "demo"]


@router.post("/challenges", response=ChallengeOut)
def challenge(request: HttpRequest, wish: ChallengeIn) -> Any:
    """Ask for a random challenge; an earlier one that was not used is void."""
    return services.face_challenge_issue(request.customer_id, purpose=wish.purpose, session=_session(request))


@router.post("/challenges/{uuid:challenge_id}/frames", response=FaceOut)
def frames(request: HttpRequest, challenge_id: UUID, frames: File[UploadedFile], marks: Form[str]) -> Any:
    """Send the frames, once: one file of JPEGs behind each other; `marks` is JSON, [step, milliseconds, bytes] of each."""
    return {"assurance": services.face_challenge_submit(
        request.customer_id, challenge_id=challenge_id, session=_session(request), frames=captured_frames(frames, marks))}


def _session(request: HttpRequest) -> str:
    session = session_of(request)
    assert session is not None, "only signed-in callers come here"
    return str(session.session_id)
