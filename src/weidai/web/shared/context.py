"""What every template may use: `page` with the reader's preferences and where the page belongs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict

from weidai.web.shared import preferences


def page(request: HttpRequest) -> dict[str, Any]:
    """`preferences`, `request_id`, and the address of this page in the other language."""
    chosen = getattr(request, "preferences", None) or preferences.preferences_of(request)
    path, parameters = _readable_address(request)
    parameters["lang"] = "zh" if chosen.language == "en" else "en"
    return {
        "preferences": chosen,
        "request_id": getattr(request, "request_id", ""),
        "other_language_url": f"{path}?{parameters.urlencode()}",
    }


def _readable_address(request: HttpRequest) -> tuple[str, QueryDict]:
    """Path and query that a link can open: after a form, the page it stood on when the form was sent to below it."""
    if request.method != "GET":
        origin = urlsplit(request.headers.get("Referer", ""))
        if origin.netloc == request.get_host() and request.path.startswith(origin.path.rstrip("/") + "/"):
            return origin.path, QueryDict(origin.query, mutable=True)
    return request.path, request.GET.copy()
