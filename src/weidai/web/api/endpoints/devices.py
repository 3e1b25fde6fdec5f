"""Devices and sign-ins: the list, signing one out, locking, and binding by a key that never leaves the device (R8.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from weidai.lending import services as lending
from weidai.security import selectors, services, signing
from weidai.security.errors import PaymentPasswordRequired
from weidai.security.services import BindRequest, KeyOffer
from weidai.web.api.bearer import session_of
from weidai.web.api.fields import Code, CodeSent, Input, KeyOfferIn, Schema

router = Router(tags=["devices"])


class SessionOut(Schema):
    """A sign-in that has not ended."""

    session_id: UUID
    device_id: UUID | None
    device: str
    started_at: datetime
    is_this_one: bool


class DeviceOut(Schema):
    """A device the customer signed in on; until `full_from` loans signed on it are held to a lower amount."""

    id: UUID
    label: str
    first_seen_at: datetime
    last_seen_at: datetime
    has_key: bool
    full_from: datetime | None
    is_locked: bool
    is_this_one: bool


class UnlockIn(Input):
    """The payment password, once one is set."""

    payment_password: Code | None = None


class KeyCodeOut(CodeSent):
    """The code that binds a device, and the text that its new key signs."""

    to_sign: str
    needs_person: bool  # a face or staff video check (purpose activation) within 30 minutes is needed as well


class BindIn(KeyOfferIn):
    """The key, the code and the payment password."""

    challenge_id: UUID
    code: Code
    payment_password: Code


class KeyOut(Schema):
    """The key in force; its fingerprint names it when a loan is signed."""

    id: UUID
    device_id: UUID
    fingerprint: str
    full_from: datetime


class NonceIn(Input):
    """What is to be signed: a change of the default card (`subject` is its id)."""

    deed: Literal["default_card"]
    subject: UUID


class NonceOut(Schema):
    """A nonce of ten minutes that counts once, and the text to be signed."""

    nonce: str
    to_sign: str


def _here(request: HttpRequest) -> selectors.BorrowerSession:
    session = session_of(request)
    assert session is not None, "the address wants a token"
    return session


@router.get("/sessions", response=list[SessionOut])
def sessions(request: HttpRequest) -> Any:
    """Every sign-in that has not ended, newest first."""
    here = _here(request)
    return [{"session_id": row.session_id, "device_id": row.device_id, "device": row.device, "started_at": row.started_at,
             "is_this_one": row.session_id == here.session_id} for row in selectors.sessions_for(request.customer_id)]


@router.delete("/sessions/{uuid:session_id}", response={204: None})
def session_end(request: HttpRequest, session_id: UUID) -> Any:
    """Sign one out; its token is worthless from now on."""
    services.session_revoke(request.customer_id, session_id=session_id)
    return Status(204, None)


@router.get("/devices", response=list[DeviceOut])
def devices(request: HttpRequest) -> Any:
    """The devices, last seen first. An app is one device when it sends the same random `X-Device` name each time."""
    here = _here(request)
    names = ("id", "label", "first_seen_at", "last_seen_at", "has_key", "full_from", "is_locked")
    return [{**{name: getattr(row, name) for name in names}, "is_this_one": row.id == here.device_id}
            for row in selectors.devices_for(request.customer_id)]


@router.post("/devices/{uuid:device_id}/lock", response=list[DeviceOut])
def lock(request: HttpRequest, device_id: UUID) -> Any:
    """Sign a device out and refuse it and its key from now on."""
    services.device_lock(request.customer_id, device_id=device_id, here=_here(request).device_id)
    return devices(request)


@router.post("/devices/{uuid:device_id}/unlock", response=list[DeviceOut])
def unlock(request: HttpRequest, device_id: UUID, proof: UnlockIn) -> Any:
    """Allow a device again: with the payment password once there is one. It has to be bound anew."""
    if selectors.has_payment_password(request.customer_id):
        if proof.payment_password is None:
            raise PaymentPasswordRequired(field="payment_password")
        services.payment_password_check(request.customer_id, password=proof.payment_password)
    services.device_unlock(request.customer_id, device_id=device_id)
    return devices(request)


@router.post("/device-key/code", response=KeyCodeOut)
def key_code(request: HttpRequest) -> Any:
    """Send the code that binds this session's device."""
    sent = lending.device_code_send(request.customer_id)
    return {"id": sent.id, "masked_mobile": sent.masked_mobile, "expires_at": sent.expires_at,
            "resend_after_seconds": sent.resend_after_seconds,
            "to_sign": signing.key_text(request.customer_id, nonce=str(sent.id)),
            "needs_person": selectors.had_device_key(request.customer_id)}


@router.post("/device-key", response=KeyOut)
def key_bind(request: HttpRequest, wish: BindIn) -> Any:
    """Bind this session's device: code, payment password and the key's own signature.

    A further device needs a fresh face or staff video check as well, and is held to a lower amount for some hours.
    """
    return lending.device_bind(request.customer_id, session_id=_here(request).session_id, request=BindRequest(
        KeyOffer(wish.public_key, wish.signature), wish.challenge_id, wish.code, wish.payment_password))


@router.post("/signing-nonce", response=NonceOut)
def signing_nonce(request: HttpRequest, wish: NonceIn) -> Any:
    """Ask for a nonce to change how the account is protected."""
    nonce = services.deed_nonce(request.customer_id, deed=wish.deed, subject=str(wish.subject))
    return {"nonce": nonce, "to_sign": signing.deed_text(
        request.customer_id, deed=wish.deed, subject=str(wish.subject), nonce=nonce)}
