"""Changing how an account is protected, signed by its bound device, or after a fresh look at the person (R8.4)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from django.core import signing as tokens
from django.db import IntegrityError, transaction

from weidai.audit import services as audit
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.security import errors, signing
from weidai.security.models import DeviceKey, DeviceSignature
from weidai.security.ports import person_seen

Deed = Literal["payment_password", "default_card", "mobile_number"]
PERSON_FRESH_FOR = timedelta(minutes=30)
_SALT = "weidai.security.deed"
_NONCE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class DeviceProof:
    """Which key signed (its fingerprint), and the signature."""

    key: str
    signature: str


@dataclass(frozen=True, slots=True)
class DeedProof:
    """A signature under one nonce of `deed_nonce`."""

    nonce: str
    device: DeviceProof


def deed_nonce(customer_id: UUID, *, deed: Deed, subject: str = "") -> str:
    """Return a nonce for one deed: good for ten minutes, for this customer and subject, and once."""
    return tokens.dumps([customer_id.hex, deed, subject, secrets.token_urlsafe(12)], salt=_SALT)


def deed_require(customer_id: UUID, *, deed: Deed, subject: str = "", proof: DeedProof | None) -> None:
    """Pass when a bound device signed, or the person was seen within 30 minutes; in the caller's transaction.

    An account without a bound device has nothing to sign with: its payment password is what protects it.
    """
    if proof is None:
        has_key = DeviceKey.objects.filter(customer_id=customer_id, retired_at=None).exists()
        if has_key and person_seen().by(customer_id, within=PERSON_FRESH_FOR) is None:
            raise errors.DeviceProofMissing
        return
    try:
        meant = tokens.loads(proof.nonce, salt=_SALT, max_age=_NONCE_SECONDS)[:3]
    except (tokens.BadSignature, TypeError) as error:
        raise errors.DeviceProofUsed from error
    key = DeviceKey.objects.filter(customer_id=customer_id, fingerprint=proof.device.key, retired_at=None).first()
    if key is None:
        raise errors.DeviceNotBound
    text = signing.deed_text(customer_id, deed=deed, subject=subject, nonce=proof.nonce)
    if meant != [customer_id.hex, deed, subject] or not signing.signature_holds(
            key.public_key, text=text, signature=proof.device.signature):
        raise errors.DeviceProofInvalid
    try:
        with transaction.atomic():
            row = DeviceSignature.objects.create(
                id=uuid7(), customer_id=customer_id, deed=deed, subject=subject, key_id=key.id, nonce=proof.nonce,
                signature=proof.device.signature, signed_at=clock.now())
    except IntegrityError as error:
        raise errors.DeviceProofUsed from error
    audit.event_record("security.deed.signed", customer_id=customer_id, subject_type="device_key", subject_id=key.id,
                       facts={"deed": deed, "signature_id": str(row.id)})
