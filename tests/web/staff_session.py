"""Clients of the console for tests: logged in with roles, second factor given or not."""

from __future__ import annotations

import time
from collections.abc import Iterable

from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest
from django.test import Client

from weidai.platform import clock
from weidai.staff.models import StaffRole, StaffUser
from weidai.staff.rules import Role

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def staff_user(roles: Iterable[Role], username: str | None = None) -> StaffUser:
    """An account with these roles; it has no usable password."""
    held = sorted(roles)
    name = username or "_".join(["test", *(role.value for role in held)])[:64]
    user, _ = StaffUser.objects.get_or_create(username=name, defaults={"display_name": name, "created_at": clock.now()})
    for role in held:
        StaffRole.objects.get_or_create(user=user, role=role.value)
    return user


def staff_client(*roles: Role, second_factor: bool = True, username: str | None = None) -> Client:
    """A client logged in as somebody with these roles."""
    user, client = staff_user(roles, username), Client()
    client.force_login(user, backend=_BACKEND)
    if second_factor:
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, user, "mfa", at=time.time(), type="totp")
        request.session.save()
    return client
