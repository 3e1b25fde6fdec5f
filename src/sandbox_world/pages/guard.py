"""Who may use the pages: only a browser on this machine, and forms only from these pages themselves."""

import hmac
import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Response, g, request

from sandbox_world.problems import Problem

COOKIE = "sandbox_world_csrf"
FIELD = "csrf_token"
LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def loopback_only() -> None:
    """Refuse callers from elsewhere, and names that a foreign page could point here."""
    try:
        is_local = ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        is_local = False
    host = urlsplit(f"//{request.host}").hostname or ""
    if not is_local or host not in LOCAL_NAMES:
        raise Problem(
            403, "control.loopback_only", "Open these pages on the machine itself, at 127.0.0.1 or localhost."
        )


def csrf_token() -> str:
    """Return the browser's token, a fresh one when it has none."""
    if "csrf" not in g:
        sent = request.cookies.get(COOKIE, "")
        g.csrf = sent if len(sent) == 43 and sent.isascii() else secrets.token_urlsafe(32)
    return str(g.csrf)


def csrf_check() -> None:
    """Refuse a form that did not come from these pages."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin")
    cookie, sent = request.cookies.get(COOKIE, ""), request.form.get(FIELD, "")
    same_origin = origin is None or urlsplit(origin).netloc == request.host
    if not same_origin or not cookie or not hmac.compare_digest(cookie.encode(), sent.encode()):
        raise Problem(403, "control.csrf_refused", "Reload the page and send the form again.")


def page_finish(response: Response) -> Response:
    """Hand the token to the browser and close the page to outside content."""
    response.headers.update(SECURITY_HEADERS)
    if "csrf" in g and request.cookies.get(COOKIE) != g.csrf:
        response.set_cookie(COOKIE, g.csrf, httponly=True, samesite="Strict")
    return response
