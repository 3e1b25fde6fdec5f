"""Binding a device by a key that never leaves it: first key, further key, lost key (R6.2, R8.4, IDENTITY §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.messaging import services as messaging
from weidai.platform import clock, statements
from weidai.platform.crypto import secret_digest
from weidai.platform.ids import uuid7
from weidai.security import errors, rules, signing
from weidai.security.asking import asking
from weidai.security.models import BorrowerSession, Device, DeviceKey
from weidai.security.ports import person_seen
from weidai.security.services.codes import SmsChallengeIssued, sms_code_check, sms_code_send
from weidai.security.services.deeds import PERSON_FRESH_FOR
from weidai.security.services.passwords import payment_password_check


@dataclass(frozen=True, slots=True)
class KeyOffer:
    """A public key (SPKI, base64) and its signature over `signing.key_text`: what a browser or app sends to be bound."""

    public_key: str
    signature: str


@dataclass(frozen=True, slots=True)
class BindRequest:
    """What proves that the account's owner binds this device."""

    offer: KeyOffer
    challenge_id: UUID
    code: str
    payment_password: str


@dataclass(frozen=True, slots=True)
class BoundKey:
    """A key in force; until `full_from` a drawdown signed with it is held to the pack's lower amount."""

    id: UUID
    device_id: UUID
    fingerprint: str
    full_from: datetime


def device_code_send(customer_id: UUID, *, mobile: str) -> SmsChallengeIssued:
    """Send the code that binds a device; its number is the nonce the new key signs."""
    return sms_code_send(mobile=mobile, purpose="device", customer_id=customer_id)


@transaction.atomic
def device_key_bind(
    customer_id: UUID, *, session_id: UUID, request: BindRequest, cooling_off: timedelta,
) -> BoundKey:
    """Bind the device of a session by a key: code by text message, payment password and the key's own signature.

    Where the account has or had a key, a face or staff video check within 30 minutes as well, and the cooling-off begins.
    The device's former key is retired. Other devices stay bound, five at most.
    """
    _alone(customer_id)
    print_ = _offer_require(customer_id, request.offer, nonce=str(request.challenge_id))
    payment_password_check(customer_id, password=request.payment_password)
    is_first = not DeviceKey.objects.filter(customer_id=customer_id).exists()
    seen_by = "" if is_first else person_seen().by(customer_id, within=PERSON_FRESH_FOR)
    if seen_by is None:
        raise errors.PersonNotSeen
    sms_code_check(request.challenge_id, code=request.code, purpose="device", customer_id=customer_id)
    return _bind(customer_id, session_id, request.offer, print_, seen_by=seen_by,
                 cooling_off=timedelta(0) if is_first else cooling_off)


@transaction.atomic
def device_key_first(customer_id: UUID, *, session_id: UUID, offer: KeyOffer, nonce: str) -> BoundKey | None:
    """Bind the account's very first key, beside the payment password that was just set.

    None, and nothing happens, for an account that has or had a key: that one is bound by `device_key_bind`.
    """
    _alone(customer_id)
    if DeviceKey.objects.filter(customer_id=customer_id).exists():
        return None
    print_ = _offer_require(customer_id, offer, nonce=nonce)
    return _bind(customer_id, session_id, offer, print_, seen_by="", cooling_off=timedelta(0))


def keys_retire(customer_id: UUID, *, device_id: UUID, why: str) -> int:
    """Let a device's keys sign nothing any more, in the caller's transaction; their rows stay as evidence."""
    count = DeviceKey.objects.filter(customer_id=customer_id, device_id=device_id, retired_at=None).update(
        retired_at=clock.now(), retired_why=why)
    return int(count)


def _alone(customer_id: UUID) -> None:
    """One binding of an account at a time, so that there is one first key."""
    statements.row("SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(%s::text, 0))", [f"device key {customer_id}"])


def _offer_require(customer_id: UUID, offer: KeyOffer, *, nonce: str) -> str:
    """Return the key's fingerprint once it showed that it signs."""
    try:
        found = signing.fingerprint(offer.public_key)
    except ValueError as error:
        raise errors.DeviceProofInvalid from error
    if not signing.signature_holds(offer.public_key, text=signing.key_text(customer_id, nonce=nonce),
                                   signature=offer.signature):
        raise errors.DeviceProofInvalid
    return found


def _bind(
    customer_id: UUID, session_id: UUID, offer: KeyOffer, print_: str, *, seen_by: str, cooling_off: timedelta,
) -> BoundKey:
    moment, device_id = clock.now(), _device_of(customer_id, session_id)
    keys_retire(customer_id, device_id=device_id, why="replaced")
    live = DeviceKey.objects.filter(customer_id=customer_id, retired_at=None)
    live.filter(fingerprint=print_).update(retired_at=moment, retired_why="replaced")
    if live.count() >= rules.DEVICE_KEYS:
        raise errors.DeviceKeysTooMany(count=rules.DEVICE_KEYS)
    is_first = not cooling_off and not seen_by
    row = DeviceKey.objects.create(
        id=uuid7(), customer_id=customer_id, device_id=device_id, fingerprint=print_, public_key=offer.public_key,
        bound=DeviceKey.Bound.FIRST if is_first else DeviceKey.Bound.AGAIN, seen_by=seen_by, registered_at=moment,
        full_from=moment + cooling_off)
    audit.event_record("security.device_key.bound", customer_id=customer_id, subject_type="device_key", subject_id=row.id,
                       facts={"device_id": str(device_id), "bound": row.bound, "seen_by": seen_by,
                              "fingerprint": print_, "full_from": row.full_from.isoformat()})
    if not is_first:
        messaging.notice_send(customer_id, template="security.device_bound", values={
            "device": Device.objects.values_list("label", flat=True).get(customer_id=customer_id, id=device_id) or "—"})
    return BoundKey(row.id, device_id, print_, row.full_from)


def _device_of(customer_id: UUID, session_id: UUID) -> UUID:
    """Return the device of a session; a session that began without a name (an app, no cookies) gets one here."""
    session = BorrowerSession.objects.select_for_update().filter(
        customer_id=customer_id, id=session_id, ended_at=None).first()
    if session is None:
        raise errors.SessionNotFound
    if session.device_id is None:
        moment = clock.now()
        name = asking().device or str(session.id)
        row, _ = Device.objects.get_or_create(
            customer_id=customer_id, digest=secret_digest(name, "security.device"),
            defaults={"id": uuid7(), "label": session.device, "first_seen_at": moment, "last_seen_at": moment})
        if row.locked_at is not None:
            raise errors.DeviceLocked
        session.device_id = row.id
        session.save(update_fields=["device_id"])
    assert session.device_id is not None, "given above"
    return session.device_id
