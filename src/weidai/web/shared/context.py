"""What every template may use: `page` with the reader's preferences and where the page belongs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from weidai.web.shared import preferences


def page(request: HttpRequest) -> dict[str, Any]:
    """`preferences`, `request_id`, and the address of this page in the other language."""
    chosen = getattr(request, "preferences", None) or preferences.preferences_of(request)
    parameters = request.GET.copy()
    parameters["lang"] = "zh" if chosen.language == "en" else "en"
    return {
        "preferences": chosen,
        "request_id": getattr(request, "request_id", ""),
        "other_language_url": f"{request.path}?{parameters.urlencode()}",
    }
