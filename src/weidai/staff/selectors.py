"""Reads of the staff room: typed rows, ready to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Prefetch

from weidai.staff.errors import StaffUserNotFound
from weidai.staff.models import StaffRole, StaffUser
from weidai.staff.rules import Role


@dataclass(frozen=True, slots=True)
class StaffUserRow:
    """A staff account as colleagues see it."""

    id: UUID
    username: str
    display_name: str
    is_active: bool
    roles: tuple[Role, ...]
    has_second_factor: bool
    last_login_at: datetime | None


def roles_of(user_id: UUID) -> frozenset[Role]:
    """The roles of an active person; none for a closed account."""
    rows = StaffRole.objects.filter(user_id=user_id, user__is_active=True).values_list("role", flat=True)
    return frozenset(Role(role) for role in rows)


def has_second_factor(user_id: UUID) -> bool:
    """Whether the person has an authenticator app or a security key."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user_id=user_id, type__in=kinds).exists()


def staff_user_get(user_id: UUID) -> StaffUserRow:
    """One account; raises StaffUserNotFound."""
    rows = _rows(StaffUser.objects.filter(pk=user_id))
    if not rows:
        raise StaffUserNotFound
    return rows[0]


def staff_user_list(*, offset: int = 0, limit: int = 200) -> list[StaffUserRow]:
    """Accounts by user name."""
    return _rows(StaffUser.objects.order_by("username")[offset:offset + limit])


def display_names(user_ids: set[UUID]) -> dict[UUID, str]:
    """Names for the ids that other rooms keep (who decided, who assigned)."""
    return dict(StaffUser.objects.filter(pk__in=user_ids).values_list("pk", "display_name"))


def _rows(users) -> list[StaffUserRow]:  # type: ignore[no-untyped-def]
    found = list(users.prefetch_related(Prefetch("role_rows", queryset=StaffRole.objects.order_by("role"))))
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    secured = set(Authenticator.objects.filter(user_id__in=[user.pk for user in found], type__in=kinds)
                  .values_list("user_id", flat=True))
    return [
        StaffUserRow(
            id=user.pk, username=user.username, display_name=user.display_name, is_active=user.is_active,
            roles=tuple(Role(row.role) for row in user.role_rows.all()), has_second_factor=user.pk in secured,
            last_login_at=user.last_login)
        for user in found
    ]


def user_id_by_username(username: str) -> str | None:
    """The id of an account as other rooms keep it (as text), by its user name."""
    found = StaffUser.objects.filter(username=username).values_list("pk", flat=True).first()
    return str(found) if found else None
