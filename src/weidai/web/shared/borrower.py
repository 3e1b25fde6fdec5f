"""Who the borrower is: a session of the security room in a cookie, not a Django account."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from weidai.audit.services import Actor, acting_as
from weidai.web.shared.language import current_language
from weidai.web.shared.preferences import cookies_are_secure, language_named

COOKIE = "weidai_h5"
LOGIN_PATH = "/h5/login"
_MAX_TOKEN_LENGTH = 512

View = Callable[..., HttpResponse]


def borrower_session(request: HttpRequest) -> Any | None:
    """The borrower's session of this request, or None. Looked up once a request."""
    if not hasattr(request, "_borrower_session"):
        from weidai.security import selectors  # the room is only needed when someone is there

        token = request.COOKIES.get(COOKIE, "")
        found = selectors.session_get(token) if 0 < len(token) <= _MAX_TOKEN_LENGTH else None
        request._borrower_session = found  # type: ignore[attr-defined]
    return request._borrower_session  # type: ignore[attr-defined]


def borrower_page(view: View) -> View:
    """Only for a borrower who is logged in: sets `request.customer_id` and `request.borrower`, else goes to log-in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        session = borrower_session(request)
        if session is None:
            wanted = request.get_full_path() if request.method == "GET" else ""
            query = f"?{urlencode({'next': wanted})}" if wanted else ""
            return HttpResponseRedirect(f"{LOGIN_PATH}{query}")
        request.borrower = session  # type: ignore[attr-defined]
        request.customer_id = session.customer_id  # type: ignore[attr-defined]
        actor = Actor("customer", str(session.customer_id))
        with acting_as(actor, request_id=getattr(request, "request_id", "")):
            if language_named(request):
                language_keep(session.customer_id)
            return view(request, *args, **kwargs)

    guarded.is_borrower_page = True  # type: ignore[attr-defined]
    return guarded


def language_keep(customer_id: UUID) -> None:
    """Let text messages speak the language of this page from now on (R9.1)."""
    from weidai.identity import services as identity

    identity.language_set(customer_id, language=current_language())


def borrower_cookie_set(request: HttpRequest, response: HttpResponse, token: str, *, max_age_seconds: int) -> None:
    """Hand the session token to the browser, out of reach of scripts."""
    response.set_cookie(COOKIE, token, max_age=max_age_seconds, httponly=True, samesite="Lax",
                        secure=cookies_are_secure(request), path="/h5/")


def borrower_cookie_clear(response: HttpResponse) -> None:
    """Take the session token back."""
    response.delete_cookie(COOKIE, path="/h5/", samesite="Lax")


def next_path(request: HttpRequest, otherwise: str = "/h5/") -> str:
    """The `next` of the request if it stays on this site, else `otherwise`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()},
                                                     require_https=request.is_secure()) else otherwise
