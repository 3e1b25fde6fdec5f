"""Around every request: its id, the reader's preferences, security headers, and refusals as proper pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from weidai.kernel.errors import Refusal
from weidai.platform.ids import uuid7
from weidai.security.asking import asked_from
from weidai.web.shared import device, errors, preferences
from weidai.web.shared.client import client_ip
from weidai.web.shared.language import DJANGO_LANGUAGE
from weidai.web.shared.settings_part import CSP_HEADER, PERMISSIONS_POLICY

Handler = Callable[[HttpRequest], HttpResponse]
_BORROWER_PATHS = ("/h5/", "/api/")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


class RequestIdMiddleware:
    """Give each request an id, take a well-formed one from the proxy, put it into logs and the answer (R9.7)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-Id", "")
        request_id = offered if _REQUEST_ID.match(offered) else uuid7().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class SecurityHeadersMiddleware:
    """Nothing inline, nothing from elsewhere; personal pages are never kept by a cache."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CSP_HEADER)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class PreferencesMiddleware:
    """Language, type size and theme from the address or the cookies; `?lang=en` is remembered (R9.1)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = preferences.preferences_of(request)
        request.preferences = chosen  # type: ignore[attr-defined]
        request.LANGUAGE_CODE = DJANGO_LANGUAGE[chosen.language]  # type: ignore[attr-defined]
        with translation.override(DJANGO_LANGUAGE[chosen.language]):
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response = response.render()
        if preferences.language_named(request):
            preferences.remember(response, chosen, secure=preferences.cookies_are_secure(request))
        response.headers.setdefault("Content-Language", chosen.html_language)
        patch_vary_headers(response, ("Cookie",))
        return response


class AskingMiddleware:
    """Tell security which address and which device a borrower's request comes from (R1.1, R8.4)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_BORROWER_PATHS):
            return self.get_response(request)
        has_cookies = request.path.startswith("/h5/")
        with asked_from(ip=client_ip(request), device=(
                device.device_name(request) if has_cookies else device.app_name(request))):
            response = self.get_response(request)
        if has_cookies:
            device.device_remember(request, response)
        return response


class RefusalMiddleware:
    """A refusal that a view did not show itself becomes a page with its sentence, its next step and its status."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer refusals only; a bug goes on to the 500 page and the log."""
        if not isinstance(exception, Refusal):
            return None
        structlog.get_logger("weidai.web").info("refusal", refusal=exception.code, status=exception.http_status)
        return errors.refusal_response(request, exception)
