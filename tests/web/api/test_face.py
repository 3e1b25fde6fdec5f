"""The live face check as a mini-program makes it: a challenge, one file of frames, the assurance (R1.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.services.identity.test_faces import acted, aged, captured, engine, seen_for, vendor  # noqa: F401 (fixtures)
from tests.web.api.conftest import PREFIX, Owner, problem_of, signed_in
from weidai.identity import services
from weidai.identity.consent_texts import consent_text


def _sent(caller: Any, challenge: dict[str, Any], *, data: bytes | None = None, marks_text: str = "") -> Any:
    frames = captured(challenge["actions"])
    marks = marks_text or json.dumps([[frame.step, frame.at_ms, len(frame.data)] for frame in frames])
    aged(challenge["id"])
    file = SimpleUploadedFile("frames.bin", b"".join(frame.data for frame in frames) if data is None else data)
    return caller.client.generic(
        "POST", f"{PREFIX}/me/face/challenges/{challenge['id']}/frames",
        encode_multipart(BOUNDARY, {"frames": file, "marks": marks}), content_type=MULTIPART_CONTENT,
        headers={"Authorization": f"Bearer {caller.token}"})


@pytest.fixture
def agreed(owner: Owner) -> Owner:
    text = consent_text("face")
    assert text is not None
    services.consent_give(owner.who.id, purpose="face", recipient=text.recipient, text_version=text.version)
    return owner


def test_a_challenge_is_done_once_by_the_session_that_asked(agreed: Owner, engine: Any, vendor: Any) -> None:  # noqa: F811
    challenge = agreed.ok("POST", "/me/face/challenges", {"purpose": "activation"})
    assert len(challenge["actions"]) == 2 and challenge["seconds"] == 60
    problem_of(_sent(agreed, challenge, data=b"short"), 422, "identity.face_frames_invalid")
    problem_of(_sent(signed_in(agreed.who.id), challenge), 404, "identity.face_challenge_not_found")
    engine.seen = seen_for(challenge["actions"])
    answer = _sent(agreed, challenge)
    assert (answer.status_code, answer.json()) == (200, {"assurance": "certified"})
    problem_of(_sent(agreed, challenge), 409, "identity.face_challenge_used")


def test_hostile_marks_are_refused_in_words(agreed: Owner, engine: Any, vendor: Any) -> None:  # noqa: F811
    challenge = agreed.ok("POST", "/me/face/challenges", {"purpose": "activation"})
    frames = captured(challenge["actions"])
    late = json.dumps([[frame.step, 10**18 + frame.at_ms, len(frame.data)] for frame in frames])
    for hostile in ("[" * 9000, "[[1e999,1,1]]", "[[1,1]]", "{}", late):
        problem_of(_sent(agreed, challenge, marks_text=hostile), 422, "identity.face_frames_invalid")
    assert engine.asked == []


def test_refusals_keep_their_codes(agreed: Owner, engine: Any, vendor: Any) -> None:  # noqa: F811
    challenge = agreed.ok("POST", "/me/face/challenges", {"purpose": "activation"})
    engine.seen = seen_for(challenge["actions"], frames=acted(challenge["actions"], done=False))
    problem_of(_sent(agreed, challenge), 409, "identity.face_still")
