"""The device's own random name: a signed cookie of two years, set with the first borrower page (R8.4).

It is no proof of anything by itself: who deletes it is a new device. It bounds how many codes one browser asks for, and
lets the customer recognise and lock devices. The key a device is bound by is the stronger sign (R6.2).
"""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from weidai.web.shared.preferences import cookies_are_secure

COOKIE = "weidai_device"
_SALT = "weidai.device"
_SECONDS = 2 * 365 * 24 * 3600
_LONGEST = 200
_APP_NAME = re.compile(r"[A-Za-z0-9_-]{16,80}")


def device_name(request: HttpRequest) -> str:
    """Return the device's name, a new one when the browser brings none that we signed; looked at once a request."""
    if not hasattr(request, "_device_name"):
        known = _known(request)
        request._device_name = known or secrets.token_urlsafe(18)  # type: ignore[attr-defined]
        request._device_is_to_sign = not known or not _is_signed_newly(request)  # type: ignore[attr-defined]
    return request._device_name  # type: ignore[attr-defined,no-any-return]


def app_name(request: HttpRequest) -> str:
    """Return the random name an app made up for its installation (`X-Device`), empty when it sends none of use."""
    name = request.headers.get("X-Device", "")
    return f"app:{name}" if _APP_NAME.fullmatch(name) else ""


def device_remember(request: HttpRequest, response: HttpResponse) -> None:
    """Hand a new name to the browser, and a known one that an earlier key signed (R9.6)."""
    if getattr(request, "_device_is_to_sign", False):
        response.set_cookie(COOKIE, signing.dumps(device_name(request), salt=_SALT), max_age=_SECONDS, httponly=True,
                            samesite="Lax", secure=cookies_are_secure(request), path="/h5/")


def _known(request: HttpRequest) -> str:
    kept = request.COOKIES.get(COOKIE, "")
    if not 0 < len(kept) <= _LONGEST:
        return ""
    try:
        return str(signing.loads(kept, salt=_SALT))
    except signing.BadSignature:
        return ""


def _is_signed_newly(request: HttpRequest) -> bool:
    """Say whether the newest signing key signed the cookie, so that it outlives the earlier one."""
    try:
        signing.loads(request.COOKIES.get(COOKIE, ""), key=settings.SECRET_KEY, fallback_keys=[], salt=_SALT)
    except signing.BadSignature:
        return False
    return True
