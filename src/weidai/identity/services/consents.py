"""Giving and withdrawing consents, one purpose and recipient at a time (R1.9)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.identity import errors
from weidai.identity.consent_texts import consent_text
from weidai.identity.models import Consent
from weidai.identity.services import records
from weidai.platform import clock
from weidai.platform.ids import uuid7


@transaction.atomic
def consent_give(
    customer_id: UUID, *, purpose: str, recipient: str, text_version: str, channel: str = "h5",
) -> UUID:
    """Keep the customer's agreement to exactly the text they were shown, and return its id.

    Giving it twice is one consent. An older version in force is replaced by the present one.
    """
    text = consent_text(purpose, recipient)
    if text is None:
        raise errors.ConsentTextUnknown(field="purpose")
    if text.version != text_version:
        raise errors.ConsentTextOutdated
    records.customer_lock(customer_id)
    moment = clock.now()
    in_force = Consent.objects.filter(
        customer_id=customer_id, purpose=purpose, recipient=recipient, withdrawn_at=None).first()
    if in_force is not None and in_force.text_digest == text.digest:
        return in_force.id
    if in_force is not None:
        in_force.withdrawn_at = max(moment, in_force.given_at)
        in_force.save(update_fields=["withdrawn_at"])
    row = Consent.objects.create(
        id=uuid7(), customer_id=customer_id, purpose=purpose, recipient=recipient, text_version=text.version,
        text_digest=text.digest, channel=channel, given_at=moment,
    )
    audit.event_record(
        "identity.consent.given", customer_id=customer_id, subject_type="consent", subject_id=row.id,
        facts={"purpose": purpose, "recipient": recipient, "text_version": text.version, "text_digest": text.digest,
               "channel": channel},
    )
    return row.id


@transaction.atomic
def consent_withdraw(customer_id: UUID, *, purpose: str, recipient: str | None = None) -> None:
    """Withdraw a consent at once, without a reason and without a second question."""
    records.customer_lock(customer_id)
    in_force = Consent.objects.filter(customer_id=customer_id, purpose=purpose, withdrawn_at=None)
    rows = list(in_force.filter(recipient=recipient) if recipient is not None else in_force)
    if not rows:
        raise errors.ConsentNotGiven
    for row in rows:
        row.withdrawn_at = max(clock.now(), row.given_at)
        row.save(update_fields=["withdrawn_at"])
        audit.event_record("identity.consent.withdrawn", customer_id=customer_id, subject_type="consent",
                           subject_id=row.id, facts={"purpose": row.purpose, "recipient": row.recipient})
