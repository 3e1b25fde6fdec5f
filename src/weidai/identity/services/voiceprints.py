"""Keeping a voiceprint and letting it go: sealed with the key of the person's biometrics, gone at once (R1.8, R9.6)."""

from __future__ import annotations

import base64
from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.files import services as files
from weidai.identity import voice_errors
from weidai.identity.models import VoiceChallenge, Voiceprint
from weidai.identity.services import records
from weidai.messaging import services as messaging
from weidai.platform import clock
from weidai.platform.ids import uuid7

MOST_BYTES = 64 * 1024


def voiceprint_keep(customer_id: UUID, content: bytes, *, engine: str, confirmed_by: str) -> None:
    """Keep a new voiceprint in place of an older one, in the caller's transaction, and tell the customer."""
    assert 0 < len(content) <= MOST_BYTES
    Voiceprint.objects.filter(customer_id=customer_id).delete()
    row = Voiceprint.objects.create(
        id=uuid7(), customer_id=customer_id, content=base64.b64encode(content).decode(), engine=engine,
        confirmed_by=confirmed_by, enrolled_at=clock.now())
    audit.event_record("identity.voiceprint.enrolled", customer_id=customer_id, subject_type="voiceprint",
                       subject_id=row.id, facts={"engine": engine, "confirmed_by": confirmed_by, "assurance": "demo"})
    messaging.notice_send(customer_id, template="identity.voiceprint_enrolled", values={})


def voiceprint_opened(row: Voiceprint) -> bytes:
    """Return the engine's bytes; empty once the key of this person's biometrics was destroyed."""
    return base64.b64decode(row.content)


def voiceprint_verified(row: Voiceprint) -> None:
    """Note the first check that matched: from now on the voiceprint gives its points (R1.2)."""
    Voiceprint.objects.filter(customer_id=row.customer_id, id=row.id, verified_at=None).update(verified_at=clock.now())


def voiceprint_forget(customer_id: UUID, *, reason: str) -> int:
    """Remove the voiceprint and void challenges, also one that is being heard; return how many voiceprints there were.

    Used for a withdrawn consent, removal by the customer, and erasure; checks that matched stop counting with it.
    """
    states = VoiceChallenge.State
    VoiceChallenge.objects.filter(
        customer_id=customer_id, state__in=(states.ISSUED, states.JUDGING, states.PASSED)).update(state=states.REPLACED)
    row = Voiceprint.objects.filter(customer_id=customer_id).defer("content").first()
    if row is None:
        return 0
    row_id = row.id
    row.delete()
    audit.event_record("identity.voiceprint.removed", customer_id=customer_id, subject_type="voiceprint",
                       subject_id=row_id, facts={"reason": reason})
    return 1


def voiceprint_forget_proved(customer_id: UUID, *, reason: str) -> None:
    """Remove the voiceprint and give the customer a receipt, in the caller's transaction."""
    if voiceprint_forget(customer_id, reason=reason):
        files.receipt_issue(customer_id, what="voiceprint", reason=reason, counts={"voiceprints": 1}, digests=())


@transaction.atomic
def voiceprint_remove(customer_id: UUID) -> None:
    """Remove the voiceprint because the customer wants it, without a reason and without a check; a receipt stays."""
    records.customer_lock(customer_id)
    if not Voiceprint.objects.filter(customer_id=customer_id).exists():
        raise voice_errors.VoiceprintMissing
    voiceprint_forget_proved(customer_id, reason="customer_request")
