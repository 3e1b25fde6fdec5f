"""What changes staff accounts: create, grant and revoke roles, close; and the demonstration's accounts (R8.6)."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from weidai.audit.services import event_record
from weidai.platform import clock
from weidai.staff import errors
from weidai.staff.models import StaffRole, StaffUser
from weidai.staff.rules import ROLE_NAMES, Role

_USERNAME = re.compile(r"^[a-z][a-z0-9_.-]{1,63}$")
TOTP_PERIOD_SECONDS = 30


@dataclass(frozen=True, slots=True)
class CreateStaffUser:
    """A new account. `created_by` is None only for the first administrator and the demonstration."""

    username: str
    display_name: str
    password: str
    roles: frozenset[Role]
    created_by: UUID | None


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """What the operator of a demonstration is shown once."""

    username: str
    display_name: str
    roles: tuple[Role, ...]
    password: str
    totp_secret: str
    otpauth_url: str


@dataclass(frozen=True, slots=True)
class DemoCode:
    """The code an authenticator app would show now."""

    username: str
    code: str
    seconds_left: int


@transaction.atomic
def staff_user_create(command: CreateStaffUser) -> UUID:
    """Create an account with its roles. The person sets up a second factor at the first log-in."""
    if not _USERNAME.match(command.username):
        raise errors.UsernameMalformed(field="username")
    user = StaffUser(username=command.username, display_name=command.display_name, created_at=clock.now())
    try:
        validate_password(command.password, user)
    except ValidationError as weak:
        raise errors.PasswordTooWeak(field="password", reasons=" ".join(weak.messages)) from None
    user.set_password(command.password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise errors.UsernameTaken(field="username", username=command.username) from None
    for role in sorted(command.roles):
        StaffRole.objects.create(user=user, role=role.value, granted_by_id=command.created_by)
    _record("staff.user.created", user, {"roles": sorted(role.value for role in command.roles)})
    return user.pk


@transaction.atomic
def staff_role_grant(user_id: UUID, *, role: Role, granted_by: UUID) -> None:
    """Give a role; granting it twice changes nothing. Nobody grants to themselves."""
    if user_id == granted_by:
        raise errors.OwnRoleChangeRefused
    user = _lock(user_id)
    _, is_new = StaffRole.objects.get_or_create(user=user, role=role.value, defaults={"granted_by_id": granted_by})
    if is_new:
        _record("staff.role.granted", user, {"role": role.value, "by": granted_by})


@transaction.atomic
def staff_role_revoke(user_id: UUID, *, role: Role, revoked_by: UUID) -> None:
    """Take a role back; it works from the person's next request. Nobody revokes their own."""
    if user_id == revoked_by:
        raise errors.OwnRoleChangeRefused
    user = _lock(user_id)
    deleted, _ = StaffRole.objects.filter(user=user, role=role.value).delete()
    if deleted:
        _record("staff.role.revoked", user, {"role": role.value, "by": revoked_by})


@transaction.atomic
def staff_user_close(user_id: UUID, *, closed_by: UUID) -> None:
    """Close an account: it cannot log in, and open sessions end at the next request."""
    if user_id == closed_by:
        raise errors.OwnRoleChangeRefused
    user = _lock(user_id)
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    _record("staff.user.closed", user, {"by": closed_by})


@transaction.atomic
def totp_enroll(user_id: UUID) -> str:
    """Give the account a new authenticator secret, replacing any, and return it once. Stored encrypted."""
    user = _lock(user_id)
    secret = generate_totp_secret()
    Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(user, secret)
    _record("staff.authenticator.enrolled", user, {})
    return secret


@transaction.atomic
def demo_staff_create() -> list[DemoAccount]:
    """One account per role with new passwords and authenticator secrets; existing demo accounts are renewed."""
    _require_demo()
    accounts = []
    for role in Role:
        password = secrets.token_urlsafe(12)
        user, _ = StaffUser.objects.get_or_create(
            username=role.value, defaults={"display_name": ROLE_NAMES[role].zh, "created_at": clock.now()})
        user.set_password(password)
        user.is_active = True
        user.save(update_fields=["password", "is_active"])
        StaffRole.objects.get_or_create(user=user, role=role.value)
        secret = totp_enroll(user.pk)
        accounts.append(DemoAccount(
            username=user.username, display_name=user.display_name, roles=(role,), password=password,
            totp_secret=secret, otpauth_url=get_adapter().build_totp_url(user, secret)))
    return accounts


def totp_code_now(secret: str) -> str:
    """The code for `secret` at this moment of wall time, as an authenticator app shows it."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_PERIOD_SECONDS))


def demo_codes() -> list[DemoCode]:
    """The current codes of the demonstration's accounts, so that one can log in without a phone."""
    _require_demo()
    seconds_left = TOTP_PERIOD_SECONDS - int(time.time()) % TOTP_PERIOD_SECONDS
    names = [role.value for role in Role]
    rows = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__username__in=names)
    return [
        DemoCode(username=row.user.username, code=totp_code_now(get_adapter().decrypt(row.data["secret"])),
                 seconds_left=seconds_left)
        for row in rows.select_related("user").order_by("user__username")
    ]


def _lock(user_id: UUID) -> StaffUser:
    user = StaffUser.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise errors.StaffUserNotFound
    return user


def _record(name: str, user: StaffUser, facts: dict[str, object]) -> None:
    event_record(name, subject_type="staff_user", subject_id=user.pk, facts=facts)


def _require_demo() -> None:
    if not (settings.DEBUG or settings.DEMO):
        raise errors.DemoOnly


def export_record(subject: str, *, filters: Iterable[str], user_id: UUID) -> None:
    """Keep on record that the acting person took a list out as a file; `filters` are names only (R8.6)."""
    event_record("staff.list.exported", subject_type="staff.user", subject_id=user_id,
                 facts={"list": subject, "filters": sorted(filters)})


@transaction.atomic
def second_factor_reset(user_id: UUID, *, reset_by: UUID, reason: str) -> None:
    """Remove every second factor of a colleague who lost theirs and end their sessions. Never one's own.

    Whoever holds the lost device is out at once; the next log-in sets up a new second factor.
    """
    if user_id == reset_by:
        raise errors.OwnRoleChangeRefused
    user = _lock(user_id)
    removed, _ = Authenticator.objects.filter(user_id=user.pk).delete()
    event_record("staff.second_factor.reset", subject_type="staff.user", subject_id=user.pk,
                 facts={"removed": removed, "sessions_ended": _sessions_end(user.pk), "reason": reason})


def _sessions_end(user_id: UUID) -> int:
    """Sign a person out everywhere and return how many sessions that were; a session's owner is known only inside it."""
    keys = [row.session_key for row in Session.objects.filter(expire_date__gt=clock.wall_now()).iterator()
            if row.get_decoded().get(SESSION_KEY) == str(user_id)]
    ended, _ = Session.objects.filter(session_key__in=keys).delete()
    return ended
