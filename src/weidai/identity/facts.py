"""Which checks count today: the newest final outcome of each item, turned into the facts the rules know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from weidai.identity import policy
from weidai.identity.models import BankCard, Customer, Verification, Voiceprint
from weidai.identity.rules import IdCardPeriod, IdentityFacts
from weidai.kernel.id_card import id_card_number
from weidai.platform import clock

_CHECKS_READ = 500
# Kept beside the newest face check: a later, weaker one takes nothing from what a certified vendor proved (R1.2, R1.5).
CERTIFIED_FACE = "certified_face"


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome that counts for one item."""

    passed: bool
    facts: dict[str, object]
    purpose: str
    checked_at: datetime
    valid_to: date | None

    @property
    def is_weak(self) -> bool:
        """The embedded engine's word alone, either way; a failed check without an assurance came from a vendor."""
        assurance = self.facts.get("assurance")
        return assurance != "certified" and (self.passed or assurance == "demo")


def newest(rows: Iterable[Verification]) -> dict[str, Check]:
    """Return the newest final outcome per item; an inconclusive one changes nothing.

    For face and staff video, a failure while activating a line does not undo the real-name check. What a certified vendor
    proved stays for its time beside the newest face check: a later word of the embedded engine, yes or no, takes nothing
    from it; only a vendor's "no" does.
    """
    found: dict[str, Check] = {}
    for row in rows:  # newest first
        undone = row.purpose != "real_name" and row.state != Verification.State.PASSED
        if row.state == Verification.State.INCONCLUSIVE or undone:
            continue
        check = Check(row.state == Verification.State.PASSED, row.facts, row.purpose, row.checked_at, row.valid_to)
        found.setdefault(row.item, check)
        if row.item == Verification.Item.FACE and not check.is_weak:
            found.setdefault(CERTIFIED_FACE, check)
    face = found.get(Verification.Item.FACE)
    if face is not None and face.is_weak and not face.passed and certified_counts(found):
        found[Verification.Item.FACE] = found[CERTIFIED_FACE]
    return found


def certified_counts(checks: dict[str, Check]) -> bool:
    """Say whether a certified liveness check stands: not taken back by a vendor's later "no", and within its time (R1.2)."""
    check = checks.get(CERTIFIED_FACE)
    if check is None or not check.passed:
        return False
    days = policy.current(clock.today()).answers.certified_face_days
    return check.checked_at > clock.now() - timedelta(days=days)


def checks_for(customer_id: UUID) -> dict[str, Check]:
    """Return the outcome that counts for each item of a customer."""
    rows = Verification.objects.filter(customer_id=customer_id).order_by("-checked_at", "-id")[:_CHECKS_READ]
    return newest(rows)


def checks_for_many(customer_ids: Sequence[UUID]) -> dict[UUID, dict[str, Check]]:
    """Return the outcome that counts for each item of many customers, with one statement."""
    rows = Verification.objects.filter(customer_id__in=customer_ids).exclude(state=Verification.State.INCONCLUSIVE)
    rows = rows.exclude(~Q(purpose="real_name") & ~Q(state=Verification.State.PASSED))  # the rows `newest` leaves out
    found: dict[UUID, list[Verification]] = defaultdict(list)
    weight = Case(When(~Q(item=Verification.Item.FACE), then=0), When(facts__assurance="certified", then=1),
                  When(Q(state=Verification.State.PASSED) | Q(facts__assurance="demo"), then=2), default=3)
    kinds = ("customer_id", "item", "weight")  # the newest of each is all that `newest` looks at
    for row in rows.annotate(weight=weight).order_by(*kinds, "-checked_at", "-id").distinct(*kinds):
        found[row.customer_id].append(row)
    for mine in found.values():
        mine.sort(key=lambda row: (row.checked_at, row.id), reverse=True)
    return {customer_id: newest(found[customer_id]) for customer_id in customer_ids}


def with_voice(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """Let each customer say, without another statement, whether their voiceprint was verified at least once (R1.2, R1.8)."""
    return rows.annotate(has_voice=Exists(
        Voiceprint.objects.filter(customer_id=OuterRef("customer_id"), verified_at__isnull=False)))


def identity_facts(row: Customer, checks: dict[str, Check], *, has_card: bool) -> IdentityFacts:
    """Return what the rules need to know about a customer; the voiceprint only of rows read `with_voice`."""
    return IdentityFacts(
        id_card_verified=_passed(checks, Verification.Item.ID_CARD),
        id_card_period=id_card_period(checks),
        face_verified=_passed(checks, Verification.Item.FACE),
        staff_video_verified=_passed(checks, Verification.Item.STAFF_VIDEO),
        bank_card_verified=has_card,
        mobile_verified=_passed(checks, Verification.Item.MOBILE),
        certified_liveness=certified_counts(checks),
        voiceprint_verified=getattr(row, "has_voice", False),
        birth_on=id_card_number(row.id_number, on=clock.today()).birth_on if row.id_number else None,
    )


def id_card_period(checks: dict[str, Check]) -> IdCardPeriod | None:
    """Return the validity of the verified card, None when there is none."""
    check = checks.get(Verification.Item.ID_CARD)
    if check is None or not check.passed:
        return None
    begun = check.facts.get("valid_from")
    return IdCardPeriod(date.fromisoformat(str(begun)) if begun else date.min, check.valid_to)


def has_active_card(customer_id: UUID) -> bool:
    """Say whether a verified debit card is bound."""
    return BankCard.objects.filter(customer_id=customer_id, state=BankCard.State.ACTIVE).exists()


def _passed(checks: dict[str, Check], item: str) -> bool:
    check = checks.get(item)
    return check is not None and check.passed
