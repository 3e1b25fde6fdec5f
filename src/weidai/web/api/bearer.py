"""Who calls: the security room's session token in the Authorization header. Cookies are never looked at (R9.2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from weidai.kernel.text import Language
from weidai.security import selectors as security
from weidai.security.selectors import BorrowerSession

_LONGEST_TOKEN = 512


def token_of(request: HttpRequest) -> str:
    """Return the bearer token of a request, empty when it has none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and len(token) <= _LONGEST_TOKEN and token.isascii() else ""


def session_of(request: HttpRequest) -> BorrowerSession | None:
    """Return the session of the bearer token; looked up once a request."""
    if not hasattr(request, "_bearer_session"):
        token = token_of(request)
        request._bearer_session = security.session_get(token) if token else None  # type: ignore[attr-defined]
    return request._bearer_session  # type: ignore[attr-defined,no-any-return]


class Bearer(HttpBearer):
    """Lets signed-in borrowers through and sets `request.customer_id`."""

    def __call__(self, request: HttpRequest) -> Any | None:
        session = session_of(request)
        if session is not None:
            request.customer_id = session.customer_id  # type: ignore[attr-defined]
        return session

    def authenticate(self, request: HttpRequest, token: str) -> Any | None:  # noqa: ARG002 (named by the base class)
        """Not used: the token was looked up before the view, so that events name who acts."""
        return session_of(request)


def language_asked(request: HttpRequest) -> Language:
    """Return the language of Accept-Language with the highest weight, Chinese when none is named (R9.1)."""
    best: Language = "zh"
    highest = 0.0
    for part in request.headers.get("Accept-Language", "")[:200].split(","):
        name, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        primary = name.strip().lower().split("-")[0]
        if primary in ("zh", "en") and quality > highest:
            best, highest = ("en" if primary == "en" else "zh"), quality
    return best
