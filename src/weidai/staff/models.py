"""Staff accounts and their roles. A role row is added and removed, never edited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils.crypto import salted_hmac

from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.staff.rules import Role


class StaffUserManager(BaseUserManager["StaffUser"]):
    """Finds accounts by user name, as Django's log-in asks."""


class StaffUser(AbstractBaseUser):
    """A person of the lender who may log in to the console. Accounts are closed, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(
        max_length=64, unique=True, validators=[RegexValidator(r"^[a-z][a-z0-9_.-]{1,63}$")])
    display_name = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()  # no default: Django makes an instance before the database exists

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]
    objects = StaffUserManager()

    def __str__(self) -> str:
        return self.username

    def get_session_auth_hash(self) -> str:
        """What ends every session of the account when its password changes; changing the signing key ends none (R9.6)."""
        return salted_hmac("weidai.staff.session", self.password, secret=str(self.pk), algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """None: the hash does not hang on the signing key."""
        return iter(())

    def get_full_name(self) -> str:
        """The name colleagues see."""
        return self.display_name


class StaffRole(models.Model):
    """One role held by one person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(StaffUser, on_delete=models.PROTECT, related_name="role_rows")
    role = models.CharField(max_length=32)
    granted_by = models.ForeignKey(StaffUser, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="staff_role_once"),
            models.CheckConstraint(condition=models.Q(role__in=[role.value for role in Role]),
                                   name="staff_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"
