"""What is known of a customer's voiceprint, and what became of a spoken check; never sound (R1.2, R1.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet

from weidai.identity import policy, voice_errors
from weidai.identity.models import VoiceChallenge, Voiceprint
from weidai.identity.policy import ItemCode
from weidai.identity.ports import voice_engine
from weidai.kernel.days import shanghai_date, shanghai_instant
from weidai.platform import clock
from weidai.platform.ports import PartnerNotConfigured

STEP_UPS = ("default_card", "drawdown")
_State = VoiceChallenge.State


@dataclass(frozen=True, slots=True)
class VoiceprintRow:
    """That there is a voiceprint, since when, and what it is good for; not what is in it."""

    engine: str
    assurance: str  # demo: the embedded engine; no certified vendor is behind it
    confirmed_by: str
    enrolled_at: datetime
    verified_at: datetime | None

    @property
    def may_step_up(self) -> bool:
        """Enrolled with the payment password, so that whoever only holds the phone could not have put their own voice in."""
        return self.confirmed_by == Voiceprint.ConfirmedBy.PAYMENT_PASSWORD


@dataclass(frozen=True, slots=True)
class VoiceChallengeRow:
    """One spoken check: what for, what to say, and what came out."""

    id: UUID
    purpose: str
    subject_id: UUID | None
    digits: tuple[str, ...]
    state: str
    outcome: str
    faults: tuple[str, ...]
    is_over: bool  # its time has run out

    @property
    def is_open(self) -> bool:
        """A recording may still be handed in."""
        return self.state == _State.ISSUED and not self.is_over

    @property
    def is_passed(self) -> bool:
        """The enrolment was taken, or the voice and every digit matched."""
        return self.state == _State.PASSED


def voice_is_offered() -> bool:
    """Say whether this installation can listen: switched on and installed, see `wiring`."""
    try:
        voice_engine()
    except PartnerNotConfigured:
        return False
    return True


def items_not_offered() -> frozenset[ItemCode]:
    """Return the items of identity strength that cannot be done here (R1.2)."""
    return frozenset() if voice_is_offered() else frozenset({"voiceprint"})


def voiceprint_get(customer_id: UUID) -> VoiceprintRow | None:
    """Return what is known of a customer's voiceprint, None without one."""
    row = Voiceprint.objects.filter(customer_id=customer_id).defer("content").first()
    return VoiceprintRow(row.engine, "demo", row.confirmed_by, row.enrolled_at, row.verified_at) if row is not None else None


def voice_challenge_get(customer_id: UUID, challenge_id: UUID) -> VoiceChallengeRow:
    """Return one of the customer's challenges; another's is not found."""
    row = VoiceChallenge.objects.filter(customer_id=customer_id, id=challenge_id).first()
    if row is None:
        raise voice_errors.VoiceChallengeUnknown
    return challenge_row(row)


def challenge_row(row: VoiceChallenge) -> VoiceChallengeRow:
    """Return a challenge ready to show."""
    return VoiceChallengeRow(row.id, row.purpose, row.subject_id, tuple(row.digits), row.state, row.outcome,
                             tuple(row.facts.get("faults", ())), clock.wall_now() > row.expires_at)


def voice_stands_for(customer_id: UUID, *, purpose: str, amount_fen: int = 0) -> bool:
    """Say whether a spoken check may be offered as one more way for a step (R1.8); another way is always open."""
    terms = policy.current(clock.today()).voice
    if purpose not in terms.step_ups or not voice_is_offered():
        return False
    if purpose == "drawdown" and amount_fen > terms.drawdown_limit_fen:
        return False
    row = voiceprint_get(customer_id)
    return row is not None and row.may_step_up


def has_fresh_voice(customer_id: UUID, *, purpose: str, subject_id: UUID) -> bool:
    """Say whether voice and digits matched for exactly this step within the pack's minutes, and still may count."""
    terms = policy.current(clock.today()).voice
    return purpose in terms.step_ups and VoiceChallenge.objects.filter(
        customer_id=customer_id, purpose=purpose, subject_id=subject_id, state=_State.PASSED,
        decided_at__gt=clock.now() - timedelta(minutes=terms.fresh_minutes)).exists()


def voice_attempts_left(customer_id: UUID) -> int:
    """Return how many recordings may still be handed in today (Shanghai day of business time)."""
    used = issued_today(customer_id).filter(
        counts=True, state__in=(_State.JUDGING, _State.PASSED, _State.REFUSED)).count()
    return max(policy.current(clock.today()).voice.attempts_per_day - used, 0)


def issued_today(customer_id: UUID) -> QuerySet[VoiceChallenge]:
    """Every challenge of the Shanghai day of business time."""
    midnight = shanghai_instant(shanghai_date(clock.now()), time.min)
    return VoiceChallenge.objects.filter(
        customer_id=customer_id, issued_at__gte=midnight, issued_at__lt=midnight + timedelta(days=1))
