"""What is asked about a PDF, and the answers: a head of plain values and a picture. Used in `pdf_child` and by the bench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weidai.vision import pdf_pages
from weidai.vision.rules.wire import lines_plain


def answered(asked: Mapping[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """Answer `sizes` (of all pages), `show` (a page for people) or `page` (a page for reading, with its text layer)."""
    if asked["do"] == "sizes":
        return {"sizes": pdf_pages.page_sizes(content)}, b""
    if asked["do"] == "show":
        page = pdf_pages.page_drawn(content, int(asked["page"]), long_side=pdf_pages.SHOWN_SIDE)
        return {"width": page.width, "height": page.height}, page.picture
    page = pdf_pages.page_drawn(content, int(asked["page"]))
    return {"width": page.width, "height": page.height, "leaning": page.leaning, "lines": lines_plain(page.lines)}, page.picture
