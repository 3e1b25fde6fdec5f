"""How allauth works for this house: no self-registration, no e-mail, authenticator secrets encrypted (R8.6, R9.6)."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from weidai.platform.crypto import decrypt_text, encrypt_text
from weidai.staff import selectors

SECRET_PURPOSE = "staff.totp_secret"  # noqa: S105 (what the secrets are bound to, not one of them)


class StaffAccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; there is no mail to send."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not for the first second factor: the password was given a moment ago and opens nothing else yet."""
        if app == "allauth.mfa" and not selectors.has_second_factor(self.request.user.pk):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def send_notification_mail(self, *_args: Any, **_kwargs: Any) -> None:
        """Staff accounts have no e-mail address; the audit log keeps what happened."""

    def send_mail(self, *_args: Any, **_kwargs: Any) -> None:
        """As above."""


class StaffMFAAdapter(DefaultMFAAdapter):
    """Second-factor secrets are sealed with the field keys."""

    def encrypt(self, text: str) -> str:
        """Seal a secret for the database."""
        return encrypt_text(text, SECRET_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return decrypt_text(encrypted_text, SECRET_PURPOSE)

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """What the authenticator app shows."""
        return user.get_username()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """The last second factor stays: without one the console is closed to the account."""
        kinds = (authenticator.Type.TOTP, authenticator.Type.WEBAUTHN)
        others = type(authenticator).objects.filter(user_id=authenticator.user_id, type__in=kinds)
        return bool(others.exclude(pk=authenticator.pk).exists())
