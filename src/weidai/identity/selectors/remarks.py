"""What about a verified identity asks for a person: gathered for whoever decides on it (R1.1, R1.4, R1.5, R4.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from uuid import UUID

from weidai.identity.evidence import IdentityRemarks
from weidai.identity.facts import checks_for
from weidai.identity.models import FaceChallenge, Verification
from weidai.identity.selectors.checks import id_card_evidence
from weidai.platform import clock
from weidai.security import selectors as security

_OTHER_FACE = ("portrait_mismatch", "face_changed")


def identity_remarks(customer_id: UUID, *, days: int) -> IdentityRemarks:
    """Return the remarks of the last `days` days of business time.

    Every passed capture counts, not the newest alone: whoever repeats the check until nothing is noticed, was noticed.
    """
    since = clock.now() - timedelta(days=days)
    checks = Verification.objects.filter(customer_id=customer_id, checked_at__gt=since)
    faces = list(checks.filter(item=Verification.Item.FACE, state=Verification.State.PASSED).values_list("facts", flat=True))
    spread = max((float(cast(float, facts.get("consistency") or 0)) for facts in faces), default=0.0)
    refused = FaceChallenge.objects.filter(customer_id=customer_id, issued_at__gt=since, counts=True,
                                           state=FaceChallenge.State.REFUSED)
    return IdentityRemarks(
        face_signals=tuple(sorted({signal for facts in faces for signal in facts.get("signals") or ()})),
        face_consistency_e3=round(spread * 1000), other_faces=refused.filter(outcome__in=_OTHER_FACE).count(),
        refused_captures=refused.count(), id_card=id_card_evidence(customer_id),
        registry_refusals=checks.filter(item=Verification.Item.ID_CARD, state=Verification.State.FAILED).count(),
        staff_video=_staff_video(customer_id), accounts_on_devices=security.accounts_on_devices(customer_id, since=since))


def _staff_video(customer_id: UUID) -> tuple[str, ...]:
    check = checks_for(customer_id).get(Verification.Item.STAFF_VIDEO)
    found = cast("list[str]", check.facts.get("remarks") or []) if check is not None and check.passed else []
    return tuple(found)
