"""The consent center: every purpose, given or not (R1.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weidai.identity.consent_texts import CONSENT_TEXTS, ConsentText, consent_text
from weidai.identity.models import Consent
from weidai.platform import statements


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One purpose: its present text, and whether the customer agrees to it now."""

    text: ConsentText
    is_given: bool
    given_at: datetime | None
    given_version: str | None
    withdrawn_at: datetime | None  # of the latest one, when none is in force
    given_digest: str = ""  # sha256 over exactly the text that was shown
    given_channel: str = ""

    @property
    def is_present_text(self) -> bool:
        """Say whether the agreement in force is to the present text."""
        return self.is_given and self.given_version == self.text.version


@dataclass(frozen=True, slots=True)
class ConsentInForce:
    """The evidence a partner may ask for, such as the bureau's authorization id."""

    id: UUID
    purpose: str
    recipient: str
    text_version: str
    text_digest: str
    given_at: datetime


def consents(customer_id: UUID) -> tuple[ConsentRow, ...]:
    """Return every purpose in its fixed order."""
    latest: dict[tuple[str, str], Consent] = {}
    for row in Consent.objects.filter(customer_id=customer_id).order_by("given_at", "id"):
        latest[(row.purpose, row.recipient)] = row
    found: list[ConsentRow] = []
    for text in CONSENT_TEXTS:
        kept = latest.get((text.purpose, text.recipient))
        found.append(ConsentRow(
            text, is_given=kept is not None and kept.withdrawn_at is None, given_at=kept.given_at if kept else None,
            given_version=kept.text_version if kept else None, withdrawn_at=kept.withdrawn_at if kept else None,
            given_digest=kept.text_digest if kept else "", given_channel=kept.channel if kept else ""))
    return tuple(found)


def has_consent(customer_id: UUID, purpose: str) -> bool:
    """Say whether the customer's consent to a purpose is in force."""
    return statements.row(
        "SELECT 1 FROM identity_consent WHERE customer_id = %s AND purpose = %s AND withdrawn_at IS NULL LIMIT 1",
        [customer_id, purpose]) is not None


def has_present_consent(customer_id: UUID, purpose: str) -> bool:
    """Say whether the customer agreed to the present text of a purpose; an earlier text is asked again (R1.9)."""
    text = consent_text(purpose)
    return text is not None and Consent.objects.filter(
        customer_id=customer_id, purpose=purpose, recipient=text.recipient, text_version=text.version,
        withdrawn_at=None).exists()


def consent_id(customer_id: UUID, *, purpose: str) -> UUID | None:
    """Return the id of the consent in force, by which a partner is told what allows a query."""
    return Consent.objects.filter(customer_id=customer_id, purpose=purpose, withdrawn_at=None).order_by(
        "-id").values_list("id", flat=True).first()


def consent_in_force(customer_id: UUID, purpose: str) -> ConsentInForce | None:
    """Return the consent in force for a purpose, None when there is none."""
    row = Consent.objects.filter(customer_id=customer_id, purpose=purpose, withdrawn_at=None).order_by("-id").first()
    if row is None:
        return None
    return ConsentInForce(row.id, row.purpose, row.recipient, row.text_version, row.text_digest, row.given_at)
