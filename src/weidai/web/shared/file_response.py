"""How a kept file is handed to a browser: as data, never as a page of ours (R9.6)."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse

from weidai.files.services import OpenedFile

# Whatever the content turns out to be: it loads nothing, runs nothing and counts as an origin of its own.
FILE_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
_SHOWN_IN_PLACE = ("image/jpeg",)  # pictures rebuilt from their pixels; everything else is a download


def file_response(opened: OpenedFile) -> HttpResponse:
    """Return a kept file: pictures may be shown inside a page, everything else is downloaded; nothing is cached."""
    place = "inline" if opened.row.media_type in _SHOWN_IN_PLACE else "attachment"
    response = HttpResponse(opened.content, content_type=opened.row.media_type)
    response["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(opened.row.name or 'file')}"
    response["Content-Security-Policy"] = FILE_CSP
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store, private"
    return response
