"""Verification items: strength, the real-name gate, freshness of the face check (R1.2, R1.3, R6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from weidai.identity import errors, policy, rules
from weidai.identity.evidence import IdCardEvidence, evidence_in
from weidai.identity.facts import checks_for, has_active_card, identity_facts, with_voice
from weidai.identity.models import Customer, Verification
from weidai.identity.selectors.voices import items_not_offered
from weidai.platform import clock


@dataclass(frozen=True, slots=True)
class VerificationRow:
    """One check as the console shows it; `facts` hold words, dates and scores."""

    id: UUID
    item: str
    state: str
    method: str
    purpose: str
    facts: dict[str, object]
    checked_at: datetime


def _facts(customer_id: UUID) -> rules.IdentityFacts:
    row = with_voice(Customer.objects.filter(customer_id=customer_id)).first()
    if row is None:
        raise errors.CustomerNotFound
    return identity_facts(row, checks_for(customer_id), has_card=has_active_card(customer_id))


def identity_strength(customer_id: UUID) -> rules.Strength:
    """Return 0 to 100 points with a row per item, done or missing (R1.2)."""
    return rules.strength(_facts(customer_id), policy.current(clock.today()), not_offered=items_not_offered())


def real_name_gate(customer_id: UUID) -> rules.Gate:
    """Return whether an application may be opened, with each reason why not (R1.3)."""
    today = clock.today()
    return rules.can_apply(_facts(customer_id), policy.current(today), on=today)


def is_real_name(customer_id: UUID) -> bool:
    """Say whether the real-name gate is open (R1.3)."""
    return real_name_gate(customer_id).is_open


def has_fresh_face(customer_id: UUID, *, purpose: str, within: timedelta) -> bool:
    """Say whether a certified vendor passed a face check for this purpose within the given time.

    The embedded engine's demo assurance opens the real-name gate but activates nothing and signs nothing (R1.5).
    """
    return Verification.objects.filter(
        customer_id=customer_id, item=Verification.Item.FACE, purpose=purpose, state=Verification.State.PASSED,
        facts__assurance="certified", checked_at__gt=clock.now() - within,
    ).exists()


def mobile_status(customer_id: UUID) -> str | None:
    """Return the operator's last word on the number (in_use, suspended, cancelled, recycled), "" when the match failed,
    None when it was never checked or changed since."""
    rows = Verification.objects.filter(customer_id=customer_id, item=Verification.Item.MOBILE)
    row = rows.exclude(state=Verification.State.INCONCLUSIVE).order_by("-checked_at", "-id").first()
    if row is None or row.method != "mobile_operator":
        return None
    if row.facts.get("holder_changed"):
        return "recycled"  # it matched once and did not when it was asked about again
    return str(row.facts.get("number_status") or "")


def verifications(customer_id: UUID, *, limit: int = 100) -> tuple[VerificationRow, ...]:
    """Return every check of a customer, newest first."""
    rows = Verification.objects.filter(customer_id=customer_id).order_by("-checked_at", "-id")[:limit]
    return tuple(VerificationRow(row.id, row.item, row.state, row.method, row.purpose, row.facts, row.checked_at)
                 for row in rows)


def id_card_evidence(customer_id: UUID) -> IdCardEvidence | None:
    """Return how the verified ID card came to us and what about it asks for a closer look; None without one (R1.4)."""
    check = checks_for(customer_id).get(Verification.Item.ID_CARD)
    return evidence_in(check.facts) if check is not None and check.passed else None


def id_card_agrees(customer_id: UUID, *, name: str, id_number: str) -> tuple[bool | None, bool | None]:
    """Say whether a name and a number read off a card are the verified ones; None where one of the two is not known."""
    row = Customer.objects.filter(customer_id=customer_id).first()
    known = ((row.name, name), (row.id_number, id_number)) if row is not None else ((None, ""), (None, ""))
    same = [_plain(kept) == _plain(read) if kept and read else None for kept, read in known]
    return same[0], same[1]


def _plain(text: str) -> str:
    return "".join(text.split()).upper().replace("•", "·")


def face_signals(customer_id: UUID) -> tuple[VerificationRow, ...]:
    """Return passed face checks that ask a reviewer to look: patterns of a screen or a print, a face of another account."""
    return tuple(row for row in verifications(customer_id) if row.item == Verification.Item.FACE
                 and row.state == Verification.State.PASSED and row.facts.get("signals"))
