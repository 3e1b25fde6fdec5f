"""Devices: seen at sign-in, listed, locked, and able to prove a key that never leaves the browser (R8.4)."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.db import transaction

from weidai.audit import services as audit
from weidai.messaging import services as messaging
from weidai.platform import clock
from weidai.platform.crypto import digest_text
from weidai.platform.ids import uuid7
from weidai.security import errors, rules
from weidai.security.asking import asking
from weidai.security.models import Device

_COORDINATE = 32
_LONGEST_KEY = 400


def device_digest(name: str) -> str:
    """Return the digest a device is known by."""
    return digest_text(name, "security.device")


def device_seen(customer_id: UUID, *, user_agent: str) -> UUID | None:
    """Note the asking device in the caller's transaction and return its id; None without a cookie, refused when locked.

    The first device is silent; of a further one the customer is told.
    """
    name = asking().device
    if not name:
        return None
    moment = clock.now()
    row = Device.objects.select_for_update().filter(customer_id=customer_id, digest=device_digest(name)).first()
    if row is not None:
        if row.locked_at is not None:
            raise errors.DeviceLocked
        row.last_seen_at, row.label = moment, rules.device_label(user_agent)
        row.save(update_fields=["last_seen_at", "label"])
        return row.id
    is_further = Device.objects.filter(customer_id=customer_id).exists()
    row = Device.objects.create(id=uuid7(), customer_id=customer_id, digest=device_digest(name), first_seen_at=moment,
                                last_seen_at=moment, label=rules.device_label(user_agent))
    audit.event_record("security.device.registered", customer_id=customer_id, subject_type="device", subject_id=row.id)
    if is_further:
        messaging.notice_send(customer_id, template="security.new_device", values={"device": row.label or "—"})
    return row.id


@transaction.atomic
def device_lock(customer_id: UUID, *, device_id: UUID, here: UUID | None) -> None:
    """Sign a device out and refuse it from now on; `here` is the device in hand, which cannot be locked."""
    from weidai.security.services.sessions import sessions_end_on

    row = _device(customer_id, device_id)
    if row.id == here:
        raise errors.DeviceIsThisOne
    if row.locked_at is None:
        row.locked_at = clock.now()
        row.save(update_fields=["locked_at"])
        count = sessions_end_on(customer_id, row.id)
        audit.event_record("security.device.locked", customer_id=customer_id, subject_type="device", subject_id=row.id,
                           facts={"sessions": count})


@transaction.atomic
def device_unlock(customer_id: UUID, *, device_id: UUID) -> None:
    """Allow signing in on a device again; the page asks for the payment password first."""
    row = _device(customer_id, device_id)
    if row.locked_at is not None:
        row.locked_at = None
        row.save(update_fields=["locked_at"])
        audit.event_record("security.device.unlocked", customer_id=customer_id, subject_type="device", subject_id=row.id)


@transaction.atomic
def device_key_prove(customer_id: UUID, *, device_id: UUID, challenge: str, public_key: str, signature: str) -> bool:
    """Keep, or recognise, the key a device holds; returns whether it is new. A wrong signature is refused.

    `public_key` is SPKI, `signature` r and s of 32 bytes each over the challenge (SHA-256), both base64. Another key
    than the one known means that the browser's storage was emptied: it replaces the old one and is on record.
    """
    row = _device(customer_id, device_id)
    _signature_require(public_key, challenge, signature)
    is_new = row.public_key != public_key
    had_one, row.public_key, row.key_proved_at = bool(row.public_key), public_key, clock.now()
    row.save(update_fields=["public_key", "key_proved_at"])
    if is_new:
        audit.event_record("security.device.key_registered", customer_id=customer_id, subject_type="device",
                           subject_id=row.id, facts={"replaces": had_one})
    return is_new


def _signature_require(public_key: str, challenge: str, signature: str) -> None:
    try:
        if len(public_key) > _LONGEST_KEY:
            raise ValueError
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
        raw = base64.b64decode(signature, validate=True)
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1" or len(raw) != 2 * _COORDINATE:
            raise ValueError
        numbers = int.from_bytes(raw[:_COORDINATE]), int.from_bytes(raw[_COORDINATE:])
        key.verify(encode_dss_signature(*numbers), challenge.encode(), ec.ECDSA(hashes.SHA256()))
    except (ValueError, binascii.Error, InvalidSignature) as error:
        raise errors.DeviceProofInvalid from error


def _device(customer_id: UUID, device_id: UUID) -> Device:
    row = Device.objects.select_for_update().filter(customer_id=customer_id, id=device_id).first()
    if row is None:
        raise errors.DeviceNotFound
    return row
