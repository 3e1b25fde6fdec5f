"""Where a request comes from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """Return the client's address: the connection's, or behind our own proxies what the outermost of them saw.

    Every proxy appends whom it heard from to X-Forwarded-For; what stands further left came from outside and is not
    believed.
    """
    if settings.PROXY_COUNT:
        heard = request.headers.get("X-Forwarded-For", "").split(",")
        if len(heard) >= settings.PROXY_COUNT:
            return heard[-settings.PROXY_COUNT].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
