"""The face check by a live challenge: issue, take the frames once, judge, let the certified vendor confirm (R1.5, R6.1).

Nothing is kept half way: a capture that does not pass leaves only its challenge, marked as refused. The frames are judged
in memory; what stays is their digest, the figures and, after a pass, a sealed template.
"""

from __future__ import annotations

import hashlib
import os
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from itertools import pairwise
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from weidai.audit import services as audit
from weidai.faces.judge import Limits, Verdict, judge, steps_of
from weidai.faces.models import FaceModelsMissing
from weidai.faces.process import FaceEngineBusy as EngineBusy
from weidai.faces.process import PicturesUnreadable
from weidai.identity import errors, face_errors, policy, selectors
from weidai.identity.models import FaceChallenge, Verification
from weidai.identity.ports import FaceAnswer, LiveCapture, MatchResult, liveness_vendor
from weidai.identity.services import face_templates, records
from weidai.identity.services.face_portraits import looked_at
from weidai.identity.services.records import Checked
from weidai.kernel.days import shanghai_date, shanghai_instant
from weidai.kernel.errors import PartnerUnavailable
from weidai.platform import clock
from weidai.platform.crypto import same_digest, secret_digest
from weidai.platform.ids import uuid7
from weidai.platform.ports import PartnerNotConfigured

PURPOSES = ("real_name", "activation")
LEAST_FRAMES, MOST_FRAMES = 9, 32
JUDGED_WITHIN = timedelta(minutes=5)  # after its time; what still is "being judged" then was broken off by a fault of ours
_PRINT, _EARLIER, _CLOCK_PLAY = 16, 100, timedelta(milliseconds=500)
_LONGEST_FILM_MS = 3_600_000  # what a clock may say at all; whether it fits the time since the prompts is judged later
ISSUED_PER_ATTEMPT = 6  # challenges that may be asked for a day, for each capture that may be sent
MOST_FRAME_BYTES, MOST_CAPTURE_BYTES = 256 * 1024, 4 * 1024 * 1024
_State = FaceChallenge.State
_drawing: random.Random = secrets.SystemRandom()  # replaced in tests only


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the page needs: the actions in order and how long each is shown."""

    id: UUID
    actions: tuple[str, ...]
    step_milliseconds: int
    seconds: int


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """One uploaded frame: its step (0 facing, 1 first action, 2 facing, 3 second action …) and instant."""

    step: int
    at_ms: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Capture:
    """Everything one judgement is about."""

    challenge: FaceChallenge
    name: str
    id_number: str
    frames: tuple[CapturedFrame, ...]

    @property
    def digest(self) -> str:
        """One digest over every frame, kept as evidence of what was judged."""
        return hashlib.sha256(b"".join(hashlib.sha256(frame.data).digest() for frame in self.frames)).hexdigest()


def challenge_seed(seed: int) -> None:
    """Draw the challenges from a seed from now on: tests only, refused everywhere else."""
    global _drawing
    if not os.environ.get("WEIDAI_TEST_HOME"):
        raise RuntimeError("challenges are drawn from a seed in tests only")
    _drawing = random.Random(seed)  # noqa: S311 (a test's fixed choice)


def challenge_unseed() -> None:
    """Draw from the system's randomness again."""
    global _drawing
    _drawing = secrets.SystemRandom()


@transaction.atomic
def face_challenge_issue(customer_id: UUID, *, purpose: str, session: str) -> Challenge:
    """Issue a random challenge for one session and purpose; an open one of the same purpose is void from now on."""
    face_require(customer_id, purpose)
    terms = policy.current(clock.today()).face
    if attempts_left(customer_id) <= 0 or _issued_today(customer_id).count() >= ISSUED_PER_ATTEMPT * terms.attempts_per_day:
        raise errors.TooManyAttempts
    FaceChallenge.objects.filter(customer_id=customer_id, purpose=purpose, state=_State.ISSUED).update(
        state=_State.REPLACED)
    actions = _drawing.sample(sorted(terms.actions), terms.action_count)
    row = FaceChallenge.objects.create(
        id=uuid7(), customer_id=customer_id, purpose=purpose, actions=actions, session_digest=_session_digest(session),
        issued_at=clock.now(), expires_at=clock.wall_now() + timedelta(seconds=terms.challenge_seconds))
    audit.event_record("identity.face_challenge.issued", customer_id=customer_id, subject_type="face_challenge",
                       subject_id=row.id, facts={"purpose": purpose, "actions": actions})
    return Challenge(row.id, tuple(actions), terms.step_milliseconds, terms.challenge_seconds)


def face_challenge_submit(
    customer_id: UUID, *, challenge_id: UUID, session: str, frames: Sequence[CapturedFrame],
) -> str:
    """Judge one capture and return its assurance, `certified` or `demo`; a capture that does not pass is refused.

    Single use: whatever comes out, the challenge is spent. An activation needs the certified vendor's word (R1.5).
    """
    row = records.customer(customer_id)
    challenge = _take(customer_id, challenge_id, session, frames)
    if challenge.state == _State.REFUSED:
        raise face_errors.BEFORE_LOOKING[challenge.outcome]
    assert row.name is not None, "a challenge is issued after the ID card"
    assert row.id_number is not None, "a challenge is issued after the ID card"
    capture = _Capture(challenge, row.name, row.id_number, tuple(frames))
    try:
        verdict = _judged(capture)
    except EngineBusy:
        _refuse(challenge, "engine_busy", counts=False)
        raise face_errors.FaceEngineBusy from None
    except PicturesUnreadable:
        _refuse(challenge, "frames_unreadable")
        raise face_errors.FaceFramesInvalid from None
    except PartnerUnavailable:
        _refuse(challenge, "portrait_unavailable", counts=False)
        raise
    if verdict is not None and not verdict.is_passed:
        _refuse_verdict(capture, verdict)
    try:
        records.consent_require(customer_id, "face")  # withdrawn meanwhile: nothing goes to the vendor, nothing stays
        return _settle(capture, verdict, _vendor_answer(capture))
    except errors.ConsentRequired:
        _refuse(challenge, "consent_withdrawn", counts=False)
        raise


def face_challenge_abandon(customer_id: UUID, *, challenge_id: UUID, reason: str) -> None:
    """Note that a challenge ended before anything was sent (camera refused, no camera, time-out); it does not count."""
    with transaction.atomic():
        records.customer_lock(customer_id)
        FaceChallenge.objects.filter(customer_id=customer_id, id=challenge_id, state=_State.ISSUED).update(
            state=_State.REFUSED, outcome=reason[:30], counts=False)


def attempts_left(customer_id: UUID) -> int:
    """Return how many captures may still be sent today (Shanghai day of business time)."""
    used = _issued_today(customer_id).filter(counts=True, state__in=(_State.JUDGING, _State.PASSED, _State.REFUSED)).exclude(
        state=_State.JUDGING, expires_at__lt=clock.wall_now() - JUDGED_WITHIN).count()
    return max(policy.current(clock.today()).face.attempts_per_day - used, 0)


def _issued_today(customer_id: UUID) -> QuerySet[FaceChallenge]:
    midnight = shanghai_instant(shanghai_date(clock.now()), time.min)
    return FaceChallenge.objects.filter(
        customer_id=customer_id, issued_at__gte=midnight, issued_at__lt=midnight + timedelta(days=1))


def face_require(customer_id: UUID, purpose: str) -> None:
    """Refuse a face check before its time: consent, ID card, and real name before an activation."""
    assert purpose in PURPOSES, purpose
    row = records.customer_lock(customer_id)
    records.present_consent_require(customer_id, "face")
    if row.name is None or row.id_number is None:
        raise errors.IdCardRequired
    if purpose == "activation" and not selectors.is_real_name(customer_id):
        raise errors.RealNameRequired


@transaction.atomic
def _take(customer_id: UUID, challenge_id: UUID, session: str, frames: Sequence[CapturedFrame]) -> FaceChallenge:
    """Mark the challenge as being judged; from here on it is spent."""
    records.customer_lock(customer_id)
    records.present_consent_require(customer_id, "face")
    challenge = FaceChallenge.objects.filter(customer_id=customer_id, id=challenge_id).first()
    if challenge is None or not same_digest(challenge.session_digest, _session_digest(session)):
        raise face_errors.FaceChallengeUnknown
    if challenge.state != _State.ISSUED:
        raise face_errors.FaceChallengeUsed
    _frames_require(frames, steps=len(steps_of(challenge.actions)))
    prints = [hashlib.sha256(frame.data).hexdigest()[:_PRINT] for frame in frames]
    challenge.outcome, challenge.facts = _wrong_at_once(challenge, frames, prints), {"frames": prints}
    challenge.state = _State.REFUSED if challenge.outcome else _State.JUDGING
    challenge.save(update_fields=["state", "outcome", "facts"])
    if challenge.outcome:
        _refused_record(challenge, {})
    return challenge


def _wrong_at_once(challenge: FaceChallenge, frames: Sequence[CapturedFrame], prints: Sequence[str]) -> str:
    """Say what is wrong with a capture before anybody looks at it, empty when nothing is.

    A film cannot be longer than the time since its prompts were given, and no camera takes half of its pictures twice to
    the byte (one may be black): such frames were made before or sent before.
    """
    if clock.wall_now() > challenge.expires_at:
        return "expired"
    seconds = policy.current(clock.today()).face.challenge_seconds
    passed = clock.wall_now() - (challenge.expires_at - timedelta(seconds=seconds))
    is_early = timedelta(milliseconds=frames[-1].at_ms) > passed + _CLOCK_PLAY
    mine = FaceChallenge.objects.filter(customer_id=challenge.customer_id).exclude(pk=challenge.pk)
    earlier = mine.filter(facts__frames__has_any_keys=list(prints)).values_list("facts__frames", flat=True)
    is_repeated = any(2 * len(set(prints) & set(known)) >= len(prints) for known in earlier[:_EARLIER])
    return "not_live" if is_early or is_repeated else ""


def _frames_require(frames: Sequence[CapturedFrame], *, steps: int) -> None:
    sizes = [len(frame.data) for frame in frames]
    is_ordered = all(a.step <= b.step and a.at_ms <= b.at_ms for a, b in pairwise(frames))
    if (
        not LEAST_FRAMES <= len(frames) <= MOST_FRAMES or not is_ordered or sum(sizes) > MOST_CAPTURE_BYTES
        or not all(0 < size <= MOST_FRAME_BYTES for size in sizes)
        or not all(0 <= frame.step < steps and 0 <= frame.at_ms <= _LONGEST_FILM_MS for frame in frames)
    ):
        raise face_errors.FaceFramesInvalid


def _judged(capture: _Capture) -> Verdict | None:
    """The embedded engine's verdict, None where its models are not installed (then the vendor alone decides)."""
    try:
        seen, has_portrait = looked_at(
            capture.challenge.customer_id, [((frame.step, frame.at_ms), frame.data) for frame in capture.frames],
            name=capture.name, id_number=capture.id_number)
    except (FaceModelsMissing, PartnerNotConfigured):
        return None
    terms = policy.current(clock.today()).face
    limits = Limits(match=float(terms.match_distance), mismatch=float(terms.mismatch_distance))
    return judge(seen, capture.challenge.actions, limits, has_portrait=has_portrait)


def _vendor_answer(capture: _Capture) -> FaceAnswer | None:
    """The certified vendor's answer, None when it gave none."""
    shown = LiveCapture(tuple((frame.at_ms, frame.data) for frame in capture.frames), tuple(capture.challenge.actions))
    try:
        return liveness_vendor().verify_live(f"face-{capture.challenge.id}", capture.name, capture.id_number, shown)
    except PartnerUnavailable:
        return None


def _refuse(challenge: FaceChallenge, outcome: str, *, counts: bool = True, facts: dict[str, object] | None = None) -> None:
    with transaction.atomic():
        records.customer_lock(challenge.customer_id)
        challenge.outcome = outcome
        FaceChallenge.objects.filter(pk=challenge.pk).update(
            state=_State.REFUSED, outcome=outcome, counts=counts, facts=challenge.facts | (facts or {}))
        _refused_record(challenge, facts or {})


def _refused_record(challenge: FaceChallenge, facts: dict[str, object]) -> None:
    audit.event_record("identity.face_challenge.refused", customer_id=challenge.customer_id,
                       subject_type="face_challenge", subject_id=challenge.id,
                       facts={"purpose": challenge.purpose, "outcome": challenge.outcome, **facts})


def _facts(capture: _Capture, verdict: Verdict | None) -> dict[str, object]:
    facts: dict[str, object] = {"challenge_id": str(capture.challenge.id), "actions": list(capture.challenge.actions),
                                "frames_digest": capture.digest, "engine": "embedded" if verdict else "absent"}
    if verdict is not None:
        figures = {"distance": verdict.distance, "consistency": verdict.consistency}
        facts |= {name: round(value, 3) for name, value in figures.items() if value is not None}
        facts["signals"] = list(verdict.signals)
    return facts


def _refuse_verdict(capture: _Capture, verdict: Verdict) -> None:
    """Keep why, and raise it; only another person's face is a "no" about the person."""
    facts = _facts(capture, verdict)
    if verdict.outcome == "portrait_mismatch":
        records.refusal_keep(capture.challenge.customer_id, Checked(
            Verification.Item.FACE, Verification.State.FAILED, "face_engine", capture.challenge.purpose,
            facts={"result": "mismatch", "assurance": "demo", **facts}))
    _refuse(capture.challenge, verdict.outcome, facts=facts)
    raise face_errors.BY_OUTCOME[verdict.outcome]


def _settle(capture: _Capture, verdict: Verdict | None, answer: FaceAnswer | None) -> str:
    """Book what engine and vendor say together."""
    challenge, facts = capture.challenge, _facts(capture, verdict)
    if answer is not None:
        facts |= {"result": answer.result.value, "is_alive": answer.is_alive, "score": answer.score}
    if answer is not None and answer.result in (MatchResult.MISMATCH, MatchResult.NOT_FOUND):
        return _vendor_refused(challenge, facts)
    is_certified = (answer is not None and answer.result is MatchResult.MATCH and answer.is_alive
                    and answer.score >= policy.current(clock.today()).face.vendor_score and answer.assurance == "certified")
    if answer is not None and answer.result is MatchResult.MATCH and not is_certified:
        return _vendor_refused(challenge, facts)  # no living person, or not alike enough
    if not is_certified and (verdict is None or challenge.purpose == "activation"):
        _refuse(challenge, "vendor_pending", counts=False, facts=facts)
        raise face_errors.FaceVendorPending
    assurance = "certified" if is_certified else "demo"
    _keep(capture, verdict, facts | {"assurance": assurance})
    return assurance


def _vendor_refused(challenge: FaceChallenge, facts: dict[str, object]) -> str:
    records.refusal_keep(challenge.customer_id, Checked(
        Verification.Item.FACE, Verification.State.FAILED, "face_vendor", challenge.purpose,
        facts=facts | {"assurance": "certified"}))
    _refuse(challenge, "portrait_mismatch", facts=facts)
    raise face_errors.FaceNotMatched


@transaction.atomic
def _keep(capture: _Capture, verdict: Verdict | None, facts: dict[str, object]) -> None:
    challenge = capture.challenge
    records.customer_lock(challenge.customer_id)
    records.consent_require(challenge.customer_id, "face")
    if not FaceChallenge.objects.filter(pk=challenge.pk, state=_State.JUDGING).exists():
        raise face_errors.FaceChallengeUsed  # biometrics were erased while it was judged: nothing of it stays
    if verdict is not None and verdict.descriptor is not None:
        alike = face_templates.alike(challenge.customer_id, verdict.descriptor)
        face_templates.template_keep(challenge.customer_id, verdict.descriptor)
        if alike:
            facts["signals"] = [*verdict.signals, "near_duplicate"]
            facts["alike"] = [str(other) for other in alike]
    FaceChallenge.objects.filter(pk=challenge.pk).update(
        state=_State.PASSED, outcome="passed", facts=challenge.facts | facts)
    by = "face_vendor" if facts["assurance"] == "certified" else "face_engine"
    records.checked_keep(challenge.customer_id, Checked(
        Verification.Item.FACE, Verification.State.PASSED, by, challenge.purpose, facts=facts))


def _session_digest(session: str) -> str:
    return secret_digest(session, "identity.face_challenge.session")
