"""Pages of a kept PDF as pictures: a PDF itself is never opened inside a page (R4.1, R9.6)."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse

from weidai.files.services import OpenedFile
from weidai.vision import selectors as vision
from weidai.web.shared.file_response import file_response

PDF = "application/pdf"


def page_asked(request: HttpRequest) -> int:
    """Return which page of a PDF an address asks for, counted from 1; 0 for the file as it is."""
    given = request.GET.get("page", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= 3 else 0


def file_or_page(opened: OpenedFile, page: int) -> HttpResponse:
    """Return a kept file as data, or one page of a PDF drawn as a picture."""
    if not page or opened.row.media_type != PDF:
        return file_response(opened)
    row = replace(opened.row, media_type="image/jpeg", name=f"page-{page}.jpg")
    return file_response(OpenedFile(row, vision.page_picture(opened.content, page)))
