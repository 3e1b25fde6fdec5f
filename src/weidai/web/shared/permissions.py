"""Who may open a console page: logged in, second factor given in this session, permission held (R8.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from weidai.audit.services import Actor, acting_as, event_record
from weidai.staff import rules
from weidai.web.shared import errors

View = Callable[..., HttpResponse]


def staff_page(permission: str) -> Callable[[View], View]:
    """Mark a console view with the permission it needs and keep everyone else out.

    Anonymous → log-in; no second factor yet → its set-up; permission not held → 403. The code must stand in
    `weidai.staff.rules.PERMISSIONS`: a typing mistake fails at import.
    """
    rules.permission_require_known(permission)

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), login_url=reverse("account_login"))
            if not second_factor_given(request):
                return _second_factor_redirect(request)
            actor = Actor("staff", str(request.user.pk))
            with acting_as(actor, request_id=getattr(request, "request_id", "")):
                if not staff_may(request, permission):
                    _access_record(request, "staff.page.refused", permission)
                    return errors.forbidden(request)
                response = view(request, *args, **kwargs)
                _access_record(request, "staff.page.opened", permission, is_export=response.streaming)
                return response

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return mark


def _access_record(request: HttpRequest, name: str, permission: str, *, is_export: bool = False) -> None:
    """Every page and export a person opens is on record; query strings are not, since they may name people."""
    match = request.resolver_match
    event_record(name, subject_type="staff_user", subject_id=request.user.pk, facts={
        "permission": permission, "method": request.method, "route": match.route if match else "",
        "arguments": {key: str(value) for key, value in (match.kwargs if match else {}).items()},
        "is_export": is_export,
    })


def second_factor_given(request: HttpRequest) -> bool:
    """Whether this session proved a second factor, at log-in or afterwards."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def _second_factor_redirect(request: HttpRequest) -> HttpResponseRedirect:
    """To the question for a code, or to the set-up for someone who has none yet."""
    from weidai.staff import selectors

    if not selectors.has_second_factor(request.user.pk):
        return HttpResponseRedirect(reverse("mfa_activate_totp"))
    query = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{query}")


def staff_may(request: HttpRequest, permission: str) -> bool:
    """Whether the person of this request holds the permission (roles are read once a request)."""
    return rules.may(staff_roles(request), permission)


def staff_roles(request: HttpRequest) -> frozenset[rules.Role]:
    """The roles of the person of this request; none for anonymous."""
    if not request.user.is_authenticated:
        return frozenset()
    if not hasattr(request, "_staff_roles"):
        from weidai.staff import selectors

        request._staff_roles = selectors.roles_of(request.user.pk)  # type: ignore[attr-defined]
    return request._staff_roles  # type: ignore[attr-defined,no-any-return]


@dataclass(frozen=True, slots=True)
class ConsoleRoute:
    """One address of the console, for the menu, the docs and the page × role test."""

    route: str
    name: str
    permission: str | None
    parameters: tuple[str, ...]


def console_routes() -> list[ConsoleRoute]:
    """Every address below /console/ except log-in and account pages, with the permission its view carries."""
    found: list[ConsoleRoute] = []
    for route, namespaces, pattern in _walk(get_resolver().url_patterns, "", ()):
        if not route.startswith("console/") or route.startswith("console/account/"):
            continue
        found.append(ConsoleRoute(
            route=route, name=":".join((*namespaces, pattern.name or "")),
            permission=getattr(pattern.callback, "permission", None),
            parameters=tuple(pattern.pattern.converters)))
    return found


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str, namespaces: tuple[str, ...],
) -> Iterator[tuple[str, tuple[str, ...], URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            yield route, namespaces, pattern
