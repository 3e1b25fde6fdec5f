"""Giving and withdrawing consents, one purpose and recipient at a time (R1.9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.files import services as files
from weidai.identity import errors
from weidai.identity.consent_texts import ID_CARD_PICTURES, INCOME_PAPERS, consent_text
from weidai.identity.legal_texts import LEGAL_TEXTS
from weidai.identity.models import Consent
from weidai.identity.ports import borrowings, papers_held
from weidai.identity.services import records
from weidai.identity.services.face_templates import template_forget
from weidai.identity.services.id_card_sides import sides_forget
from weidai.identity.services.voiceprints import voiceprint_forget_proved
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.vision import services as vision
from weidai.vision.rules.fields import Kind

LENDER = "lender"
_WITHDRAWN = "consent_withdrawn"
ID_CARD_FILES = ("id_card_front", "id_card_back")
_BIOMETRIC_FILES = {"face": ("face_frame",), "voiceprint": ("voice_sample",)}


@dataclass(frozen=True, slots=True)
class Agreed:
    """Exactly which text was agreed to, for what, towards whom, where."""

    purpose: str
    recipient: str
    version: str
    digest: str
    channel: str


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
    return _keep(customer_id, Agreed(purpose, recipient, text.version, text.digest, channel))


def agreements_keep(customer_id: UUID, *, agreed: Mapping[str, str], channel: str = "h5") -> None:
    """Keep who agreed to which terms and privacy notice, in the caller's transaction; the same text again is one row.

    `agreed` holds the version of each document as it was shown. A document left out is refused, an older text too.
    """
    for text in LEGAL_TEXTS.values():
        if text.code not in agreed:
            raise errors.AgreementRequired(field="agrees")
        if agreed[text.code] != text.version:
            raise errors.ConsentTextOutdated
        _keep(customer_id, Agreed(text.code, LENDER, text.version, text.digest, channel))


def _keep(customer_id: UUID, agreed: Agreed) -> UUID:
    moment, purpose, recipient = clock.now(), agreed.purpose, agreed.recipient
    in_force = Consent.objects.filter(
        customer_id=customer_id, purpose=purpose, recipient=recipient, withdrawn_at=None).first()
    if in_force is not None and in_force.text_digest == agreed.digest:
        return in_force.id
    if in_force is not None:
        in_force.withdrawn_at = max(moment, in_force.given_at)
        in_force.save(update_fields=["withdrawn_at"])
    row = Consent.objects.create(
        id=uuid7(), customer_id=customer_id, purpose=purpose, recipient=recipient, text_version=agreed.version,
        text_digest=agreed.digest, channel=agreed.channel, given_at=moment,
    )
    audit.event_record(
        "identity.consent.given", customer_id=customer_id, subject_type="consent", subject_id=row.id,
        facts={"purpose": purpose, "recipient": recipient, "text_version": agreed.version,
               "text_digest": agreed.digest, "channel": agreed.channel},
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
    _covered_forget(customer_id, purpose)
    for row in rows:
        row.withdrawn_at = max(clock.now(), row.given_at)
        row.save(update_fields=["withdrawn_at"])
        audit.event_record("identity.consent.withdrawn", customer_id=customer_id, subject_type="consent",
                           subject_id=row.id, facts={"purpose": row.purpose, "recipient": row.recipient})


def consent_still_require(customer_id: UUID, purpose: str) -> None:
    """Refuse when a consent was withdrawn while something under it was made, which is deleted as a withdrawal deletes it.

    Called after it was kept, outside any transaction: either this sees the withdrawal, or the withdrawal sees what was kept.
    """
    try:
        with transaction.atomic():
            records.customer_lock(customer_id)
            records.present_consent_require(customer_id, purpose)
    except errors.ConsentRequired:
        with transaction.atomic():
            records.customer_lock(customer_id)
            _covered_forget(customer_id, purpose)
        raise


def _covered_forget(customer_id: UUID, purpose: str) -> None:
    """Delete what only this consent allowed us to have; what the law makes us keep stays and is not used (R8.5)."""
    if purpose == "face":
        template_forget(customer_id)
    if purpose == "voiceprint":
        voiceprint_forget_proved(customer_id, reason=_WITHDRAWN)
    if kinds := _BIOMETRIC_FILES.get(purpose):
        files.customer_files_erase(customer_id, reason=_WITHDRAWN, biometrics_only=True, kinds=kinds)
    if purpose == ID_CARD_PICTURES and not borrowings().has_borrowed(customer_id):
        files.customer_files_erase(customer_id, reason=_WITHDRAWN, biometrics_only=False, kinds=ID_CARD_FILES)
        vision.papers_forget(customer_id, kinds=(Kind.ID_FRONT, Kind.ID_BACK), reason=_WITHDRAWN)
        sides_forget(customer_id)
    if purpose == INCOME_PAPERS:
        papers_held().consent_withdrawn(customer_id, has_borrowed=borrowings().has_borrowed(customer_id))
