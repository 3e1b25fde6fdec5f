"""Who is signed in, and whether a payment password is set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weidai.platform import clock, statements
from weidai.platform.crypto import secret_digests
from weidai.security.models import BorrowerSession as SessionRecord
from weidai.security.models import Device, DeviceKey, PaymentPassword

_HEX_LENGTH = 32
_TOKEN_LIMIT = 128


@dataclass(frozen=True, slots=True)
class BorrowerSession:
    """A valid session."""

    customer_id: UUID
    session_id: UUID
    device: str
    started_at: datetime
    device_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A browser the customer signed in with."""

    id: UUID
    label: str
    first_seen_at: datetime
    last_seen_at: datetime
    has_key: bool  # bound by a key in force
    is_locked: bool
    other_accounts: int = 0  # how many other customers signed in on it
    full_from: datetime | None = None  # until then drawdowns signed on it are held to a lower amount


@dataclass(frozen=True, slots=True)
class DeviceKeyRow:
    """A key in force that a device of the customer is bound by."""

    id: UUID
    device_id: UUID
    fingerprint: str
    registered_at: datetime
    full_from: datetime


def token_parts(token: str) -> tuple[UUID, list[str]] | None:
    """Split a token into its customer and the digests it may be kept by; None when it has not the shape of one."""
    owner, _, secret = token.partition(".")
    if len(token) > _TOKEN_LIMIT or len(owner) != _HEX_LENGTH or not secret:
        return None
    try:
        return UUID(hex=owner), list(secret_digests(token, "security.session"))
    except ValueError:
        return None


def session_get(token: str) -> BorrowerSession | None:
    """Return the session of a token, None when it is unknown, ended or too old."""
    parts = token_parts(token)
    if parts is None:
        return None
    row = statements.row(  # asked by every request: without the ORM, which costs more than the answer
        """SELECT customer_id, id, device, started_at, device_id FROM security_borrowersession
            WHERE customer_id = %s AND token_digest = ANY(%s::text[]) AND ended_at IS NULL AND expires_at > %s""",
        [*parts, clock.wall_now()])
    return BorrowerSession(*row) if row else None


def sessions_for(customer_id: UUID, *, limit: int = 50) -> tuple[BorrowerSession, ...]:
    """Return the customer's signed-in browsers, newest first (R8.4)."""
    rows = SessionRecord.objects.filter(customer_id=customer_id, ended_at=None, expires_at__gt=clock.wall_now())
    return tuple(BorrowerSession(row.customer_id, row.id, row.device, row.started_at, row.device_id)
                 for row in rows.order_by("-id")[:limit])


def devices_for(customer_id: UUID, *, limit: int = 50) -> tuple[DeviceRow, ...]:
    """Return the browsers a customer signed in with, last seen first (R8.4)."""
    rows = list(Device.objects.filter(customer_id=customer_id).order_by("-last_seen_at", "-id")[:limit])
    shared = Counter(Device.objects.filter(digest__in=[row.digest for row in rows]).exclude(
        customer_id=customer_id).values_list("digest", flat=True))
    keys = {key.device_id: key for key in device_keys(customer_id)}
    return tuple(DeviceRow(row.id, row.label, row.first_seen_at, row.last_seen_at, row.id in keys,
                           row.locked_at is not None, shared[row.digest],
                           keys[row.id].full_from if row.id in keys else None) for row in rows)


def device_keys(customer_id: UUID) -> tuple[DeviceKeyRow, ...]:
    """Return the keys in force, oldest first."""
    rows = DeviceKey.objects.filter(customer_id=customer_id, retired_at=None).order_by("id")
    return tuple(DeviceKeyRow(row.id, row.device_id, row.fingerprint, row.registered_at, row.full_from) for row in rows)


def had_device_key(customer_id: UUID) -> bool:
    """Say whether a key was ever bound: a further one needs a fresh look at the person."""
    return DeviceKey.objects.filter(customer_id=customer_id).exists()


def device_customers(name: str, *, limit: int = 20) -> tuple[UUID, ...]:
    """Return who else signed in on a device, for the search for one person behind several accounts (R1.1)."""
    rows = Device.objects.filter(digest__in=secret_digests(name, "security.device")).order_by("id")
    return tuple(rows.values_list("customer_id", flat=True)[:limit])


def has_payment_password(customer_id: UUID) -> bool:
    """Say whether the customer has set a payment password."""
    return PaymentPassword.objects.filter(customer_id=customer_id).exists()


def payment_password_set_at(customer_id: UUID) -> datetime | None:
    """Return when the payment password was last set, for the 180-day reminder (R8.4)."""
    return PaymentPassword.objects.filter(customer_id=customer_id).values_list("set_at", flat=True).first()


def accounts_on_devices(customer_id: UUID, *, since: datetime) -> int:
    """Return how many other accounts signed in since then on a device of this one (R1.1).

    A family shares a telephone, a shop lends one: a reason to look, never to refuse. A cleared browser is a new device.
    """
    mine = Device.objects.filter(customer_id=customer_id, last_seen_at__gt=since).values_list("digest", flat=True)
    others = Device.objects.filter(digest__in=list(mine), last_seen_at__gt=since).exclude(customer_id=customer_id)
    return others.values("customer_id").distinct().count()
