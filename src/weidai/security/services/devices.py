"""Devices: seen at sign-in, listed, locked (R8.4)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.kernel.days import SHANGHAI
from weidai.messaging import services as messaging
from weidai.platform import clock
from weidai.platform.crypto import secret_digest, secret_digests
from weidai.platform.ids import uuid7
from weidai.security import errors, rules
from weidai.security.asking import asking
from weidai.security.models import BorrowerSession, Device


def device_digest(name: str) -> str:
    """Return the digest a device is known by."""
    return secret_digest(name, "security.device")


def device_seen(customer_id: UUID, *, user_agent: str) -> UUID | None:
    """Note the asking device in the caller's transaction and return its id, refused when locked.

    None without a name (an app that sends none, a browser without cookies). The first sign-in is silent; of one on a
    device that was not seen before, or that has no name, the customer is told.
    """
    name, label = asking().device, rules.device_label(user_agent)
    if not name:
        if BorrowerSession.objects.filter(customer_id=customer_id).exists():
            _tell(customer_id, label)
        return None
    moment = clock.now()
    rows = Device.objects.select_for_update().filter(customer_id=customer_id, digest__in=secret_digests(name, "security.device"))
    row = rows.order_by("id").first()
    if row is not None:
        if row.locked_at is not None:
            raise errors.DeviceLocked
        row.last_seen_at, row.label, row.digest = moment, label, device_digest(name)
        row.save(update_fields=["last_seen_at", "label", "digest"])
        return row.id
    is_further = BorrowerSession.objects.filter(customer_id=customer_id).exists()
    row = Device.objects.create(id=uuid7(), customer_id=customer_id, digest=device_digest(name), first_seen_at=moment,
                                last_seen_at=moment, label=label)
    audit.event_record("security.device.registered", customer_id=customer_id, subject_type="device", subject_id=row.id)
    if is_further:
        _tell(customer_id, label)
    return row.id


def _tell(customer_id: UUID, label: str) -> None:
    at = f"{clock.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    messaging.notice_send(customer_id, template="security.new_device", values={"device": label or "—", "at": at})


@transaction.atomic
def device_lock(customer_id: UUID, *, device_id: UUID, here: UUID | None) -> None:
    """Sign a device out, refuse it and its key from now on; `here` is the device in hand, which cannot be locked."""
    from weidai.security.services.device_keys import keys_retire
    from weidai.security.services.sessions import sessions_end_on

    row = _device(customer_id, device_id)
    if row.id == here:
        raise errors.DeviceIsThisOne
    if row.locked_at is None:
        row.locked_at = clock.now()
        row.save(update_fields=["locked_at"])
        count = sessions_end_on(customer_id, row.id)
        keys = keys_retire(customer_id, device_id=row.id, why="locked")
        audit.event_record("security.device.locked", customer_id=customer_id, subject_type="device", subject_id=row.id,
                           facts={"sessions": count, "keys": keys})


@transaction.atomic
def device_unlock(customer_id: UUID, *, device_id: UUID) -> None:
    """Allow signing in on a device again; the page asks for the payment password first. Its key has to be bound anew."""
    row = _device(customer_id, device_id)
    if row.locked_at is not None:
        row.locked_at = None
        row.save(update_fields=["locked_at"])
        audit.event_record("security.device.unlocked", customer_id=customer_id, subject_type="device", subject_id=row.id)


def _device(customer_id: UUID, device_id: UUID) -> Device:
    row = Device.objects.select_for_update().filter(customer_id=customer_id, id=device_id).first()
    if row is None:
        raise errors.DeviceNotFound
    return row
