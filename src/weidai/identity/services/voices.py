"""The spoken check: draw digits, take the recording once, listen, keep what came out; never the sound (R1.8).

A voice that does not match refuses nobody and lowers nothing: it is an answer, and the page leads to the other ways.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.identity import errors, policy, selectors, voice_errors
from weidai.identity.models import VoiceChallenge, Voiceprint
from weidai.identity.ports import voice_engine
from weidai.identity.selectors import voices as known
from weidai.identity.selectors.voices import VoiceChallengeRow, challenge_row
from weidai.identity.services import records, voiceprints
from weidai.platform import clock
from weidai.platform.crypto import same_digest, secret_digest
from weidai.platform.ids import uuid7
from weidai.platform.ports import PartnerNotConfigured
from weidai.security import selectors as security_selectors
from weidai.security import services as security
from weidai.security.errors import PaymentPasswordRequired
from weidai.voices.heard import ENGINE_VERSION, Recording, VoiceprintUnknown
from weidai.voices.models import VoiceModelsMissing
from weidai.voices.process import VoiceEngineBusy as EngineBusy

CONSENT = "voiceprint"
ENGINE = f"embedded/{ENGINE_VERSION}"
ENROL_RECORDINGS = 4  # of five digits: each digit twice
ISSUED_PER_ATTEMPT = 6  # challenges that may be asked for a day, for each recording that may be handed in
MOST_RECORDING_BYTES, MOST_PACK_BYTES = 3 * 1024 * 1024, 8 * 1024 * 1024
MOST_MILLISECONDS = 60_000
_State, _DIGITS = VoiceChallenge.State, "0123456789"
_drawing: random.Random = secrets.SystemRandom()  # replaced in tests only


@dataclass(frozen=True, slots=True)
class Spoken:
    """One recording as it was handed in: when each digit stood on the page, in milliseconds from its start, and the WAV."""

    windows_ms: tuple[tuple[int, int], ...]
    wav: bytes


class _Came(NamedTuple):
    """What came out of listening."""

    outcome: str
    facts: dict[str, object]
    counts: bool = True
    content: bytes | None = None


def voice_digits_seed(seed: int) -> None:
    """Draw the digits from a seed from now on: tests only, refused everywhere else."""
    global _drawing
    if not os.environ.get("WEIDAI_TEST_HOME"):
        raise RuntimeError("digits are drawn from a seed in tests only")
    _drawing = random.Random(seed)  # noqa: S311 (a test's fixed choice)


def voice_digits_unseed() -> None:
    """Draw from the system's randomness again."""
    global _drawing
    _drawing = secrets.SystemRandom()


@transaction.atomic
def voice_challenge_issue(
    customer_id: UUID, *, purpose: str, session: str, subject_id: UUID | None = None, amount_fen: int = 0,
    payment_password: str | None = None,
) -> VoiceChallengeRow:
    """Draw digits for one session, purpose and subject; an open challenge of the same purpose is void from now on.

    `purpose` is enrol, verify, default_card or drawdown. Enrolling and a doubted drawdown need the payment password (once
    there is one), so that a voice never stands alone where money leaves, and nobody with the phone alone puts theirs in.
    """
    assert (subject_id is not None) == (purpose in known.STEP_UPS), purpose
    _require(customer_id, purpose, amount_fen)
    terms = policy.current(clock.today()).voice
    _limit(customer_id, terms)
    if voice_needs_password(customer_id, purpose=purpose):
        if not payment_password:
            raise PaymentPasswordRequired(field="payment_password")
        security.payment_password_check(customer_id, password=payment_password)
    VoiceChallenge.objects.filter(customer_id=customer_id, purpose=purpose, state=_State.ISSUED).update(state=_State.REPLACED)
    digits = _drawn_to_enrol() if purpose == "enrol" else (_drawn(terms.verify_digits),)
    row = VoiceChallenge.objects.create(
        id=uuid7(), customer_id=customer_id, purpose=purpose, subject_id=subject_id, digits=digits,
        session_digest=_session_digest(session), issued_at=clock.now(),
        expires_at=clock.wall_now() + timedelta(seconds=terms.challenge_seconds),
        facts={"confirmed_by": _confirmed_by(customer_id)} if purpose == "enrol" else {})
    audit.event_record("identity.voice_challenge.issued", customer_id=customer_id, subject_type="voice_challenge",
                       subject_id=row.id, facts={"purpose": purpose, "digits_asked": sum(map(len, digits))})
    return challenge_row(row)


def voice_needs_password(customer_id: UUID, *, purpose: str) -> bool:
    """Say whether the payment password is asked for before the digits are drawn."""
    return purpose in ("enrol", "drawdown") and security_selectors.has_payment_password(customer_id)


def voice_challenge_submit(
    customer_id: UUID, *, challenge_id: UUID, session: str, recordings: Sequence[Spoken],
) -> VoiceChallengeRow:
    """Listen to what was handed in and return what came out; single use: the challenge is spent whatever it is.

    Sound is heard in memory and dropped. Raises for what is no recording, or not this session's; never for a voice.
    """
    records.customer(customer_id)
    challenge = _take(customer_id, challenge_id, session, recordings)
    if challenge.state == _State.REFUSED:
        return challenge_row(challenge)
    said = [Recording(digits, one.windows_ms, one.wav) for digits, one in zip(challenge.digits, recordings, strict=True)]
    try:
        came = _enrolled(said) if challenge.purpose == "enrol" else _verified(customer_id, said[0])
    except EngineBusy:
        came = _Came("engine_busy", {}, counts=False)
    except (VoiceModelsMissing, PartnerNotConfigured):
        came = _Came("not_offered", {}, counts=False)
    return _settle(challenge, came)


def voice_challenge_abandon(customer_id: UUID, *, challenge_id: UUID, reason: str) -> None:
    """Note that a challenge ended before anything was handed in (microphone refused, none there); it does not count."""
    with transaction.atomic():
        records.customer_lock(customer_id)
        VoiceChallenge.objects.filter(customer_id=customer_id, id=challenge_id, state=_State.ISSUED).update(
            state=_State.REFUSED, outcome=reason[:30], counts=False)


def _require(customer_id: UUID, purpose: str, amount_fen: int) -> None:
    """Refuse before its time: not offered, no consent, nobody verified, nothing to compare with."""
    assert purpose in ("enrol", "verify", *known.STEP_UPS), purpose
    if not known.voice_is_offered():
        raise voice_errors.VoiceNotOffered
    records.customer_lock(customer_id)
    records.present_consent_require(customer_id, CONSENT)
    if not selectors.is_real_name(customer_id):
        raise errors.RealNameRequired
    if purpose == "enrol":
        return
    row = known.voiceprint_get(customer_id)
    if row is None:
        raise voice_errors.VoiceprintMissing
    if purpose in known.STEP_UPS:
        if not row.may_step_up:
            raise voice_errors.VoiceprintUnconfirmed
        if not known.voice_stands_for(customer_id, purpose=purpose, amount_fen=amount_fen):
            raise voice_errors.VoiceNotAccepted


def _limit(customer_id: UUID, terms: policy.VoicePolicy) -> None:
    asked = known.issued_today(customer_id).count()
    if known.voice_attempts_left(customer_id) <= 0 or asked >= ISSUED_PER_ATTEMPT * terms.attempts_per_day:
        raise errors.TooManyAttempts


def _confirmed_by(customer_id: UUID) -> str:
    has_password = security_selectors.has_payment_password(customer_id)
    return str(Voiceprint.ConfirmedBy.PAYMENT_PASSWORD if has_password else Voiceprint.ConfirmedBy.REAL_NAME)


def _drawn(count: int) -> str:
    """Random digits, none twice in a row: two of the same run into each other when spoken."""
    digits = ""
    while len(digits) < count:
        digits += _drawing.choice(_DIGITS.replace(digits[-1:], "") if digits else _DIGITS)
    return digits


def _drawn_to_enrol() -> tuple[str, ...]:
    """Every digit twice, in random order, in recordings of five."""
    both = "".join("".join(_drawing.sample(_DIGITS, 10)) for _ in range(2))
    size = len(both) // ENROL_RECORDINGS
    return tuple(both[start:start + size] for start in range(0, len(both), size))


@transaction.atomic
def _take(customer_id: UUID, challenge_id: UUID, session: str, recordings: Sequence[Spoken]) -> VoiceChallenge:
    """Mark the challenge as being listened to; from here on it is spent."""
    records.customer_lock(customer_id)
    records.present_consent_require(customer_id, CONSENT)
    challenge = VoiceChallenge.objects.filter(customer_id=customer_id, id=challenge_id).first()
    if challenge is None or not same_digest(challenge.session_digest, _session_digest(session)):
        raise voice_errors.VoiceChallengeUnknown
    if challenge.state != _State.ISSUED:
        raise voice_errors.VoiceChallengeUsed
    _recordings_require(challenge.digits, recordings)
    is_late = clock.wall_now() > challenge.expires_at
    challenge.state, challenge.outcome = (_State.REFUSED, "expired") if is_late else (_State.JUDGING, "")
    challenge.counts = not is_late
    VoiceChallenge.objects.filter(pk=challenge.pk).update(
        state=challenge.state, outcome=challenge.outcome, counts=challenge.counts)
    return challenge


def _recordings_require(digits: Sequence[str], recordings: Sequence[Spoken]) -> None:
    """Sizes, the first bytes, and a window in order for each digit; what is in the sound is for the engine."""
    sizes = [len(one.wav) for one in recordings]
    if max(sizes, default=0) > MOST_RECORDING_BYTES or sum(sizes) > MOST_PACK_BYTES:
        raise voice_errors.VoiceRecordingTooLarge(limit_mb=MOST_RECORDING_BYTES // 1024**2)
    if len(recordings) != len(digits) or not all(
            len(one.windows_ms) == len(said) and _is_wave(one.wav) and _are_in_order(one.windows_ms)
            for said, one in zip(digits, recordings, strict=True)):
        raise voice_errors.VoiceRecordingInvalid


def _is_wave(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WAVE"


def _are_in_order(windows: Sequence[tuple[int, int]]) -> bool:
    return (all(0 <= start < end <= MOST_MILLISECONDS for start, end in windows)
            and all(before[1] <= after[0] for before, after in pairwise(windows)))


def _enrolled(said: Sequence[Recording]) -> _Came:
    made = voice_engine().enrol(said)
    if made.voiceprint is None:
        return _Came(made.faults[0], {"faults": list(made.faults)})
    return _Came("passed", {}, content=made.voiceprint)


def _verified(customer_id: UUID, said: Recording) -> _Came:
    row = Voiceprint.objects.filter(customer_id=customer_id).first()
    content = voiceprints.voiceprint_opened(row) if row is not None else b""
    if not content:
        return _Came("voiceprint_missing", {}, counts=False)
    try:
        heard = voice_engine().verify(content, said)
    except VoiceprintUnknown:
        return _Came("voiceprint_outdated", {}, counts=False)
    outcome = {"match": "passed", "no_match": "no_match"}.get(heard.verdict) or (heard.faults or ("unusable",))[0]
    return _Came(outcome, {"faults": list(heard.faults), "similarity_e4": heard.similarity_e4,
                           "digits_right": heard.digits_right, "digits_asked": heard.digits_asked, "assurance": "demo"})


@transaction.atomic
def _settle(challenge: VoiceChallenge, came: _Came) -> VoiceChallengeRow:
    """Keep what came out, unless the consent or the voiceprint went away while we listened."""
    customer_id, facts = challenge.customer_id, {**challenge.facts, **came.facts}
    records.customer_lock(customer_id)
    row = Voiceprint.objects.filter(customer_id=customer_id).defer("content").first()
    is_open = VoiceChallenge.objects.filter(pk=challenge.pk, state=_State.JUDGING).exists()  # not voided by a removal
    is_present = is_open and selectors.has_present_consent(customer_id, CONSENT) and (
        challenge.purpose == "enrol" or row is not None)
    if not is_present:
        came = _Came("voiceprint_missing", {}, counts=False)
    is_passed = came.outcome == "passed"
    if is_passed and came.content is not None:
        voiceprints.voiceprint_keep(customer_id, came.content, engine=ENGINE,
                                    confirmed_by=str(challenge.facts["confirmed_by"]))
    elif is_passed and row is not None:
        voiceprints.voiceprint_verified(row)
    challenge.state, challenge.outcome = (_State.PASSED if is_passed else _State.REFUSED), came.outcome
    challenge.counts, challenge.facts, challenge.decided_at = came.counts, facts, clock.now()
    challenge.save(update_fields=["state", "outcome", "counts", "facts", "decided_at"])
    about = {"purpose": challenge.purpose, "outcome": came.outcome, **facts}
    if is_passed:
        audit.event_record("identity.voice_challenge.passed", customer_id=customer_id, subject_type="voice_challenge",
                           subject_id=challenge.id, facts=about)
    else:
        audit.event_record("identity.voice_challenge.refused", customer_id=customer_id, subject_type="voice_challenge",
                           subject_id=challenge.id, facts=about)
    return challenge_row(challenge)


def _session_digest(session: str) -> str:
    return secret_digest(session, "identity.voice_challenge.session")
