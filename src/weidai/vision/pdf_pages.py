"""A PDF's pages as pictures and as signs with their places, by PDFium (R4.1). Runs in a process of its own, see `pdf_child`.

Scripts are never run: PDFium is used without an engine for them. What draws itself invisible is not reported.
"""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from weidai.vision.errors import PdfBroken, PdfLocked, PdfTooLong
from weidai.vision.rules.lines import Line
from weidai.vision.rules.sheets import MOST_PAGES
from weidai.vision.rules.signs import MOST_SIGNS, Sign, lines_of

LONG_SIDE = 2_000  # pixels of a drawn page: 8-point print on A4 is 19 high
SHOWN_SIDE = 1_700  # … as people look at it
_LEAST_SIDE = 100  # pixels; a page that comes out narrower is a ribbon, not a paper
_JPEG_QUALITY = 88
_INVISIBLE = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_LEVEL_DEGREES = 2.0


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One page: a JPEG, its size in pixels, the pieces of its text layer; `leaning` counts signs that do not lie level."""

    picture: bytes
    width: int
    height: int
    lines: tuple[Line, ...]
    leaning: int


@contextmanager
def _opened(content: bytes) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        wants_password = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        if wants_password and b"/Encrypt" in content:  # PDFium's word may be about the document before
            raise PdfLocked(field="file") from None
        raise PdfBroken(field="file") from None
    try:
        if len(document) > MOST_PAGES:
            raise PdfTooLong(field="file", count=MOST_PAGES)
        if len(document) < 1:
            raise PdfBroken(field="file")
        yield document
    except (pdfium.PdfiumError, MemoryError):
        raise PdfBroken(field="file") from None
    finally:
        document.close()


def page_sizes(content: bytes) -> list[tuple[int, int]]:
    """Return the size of every page in pixels as shown; refuses what is locked, broken, empty or too long."""
    with _opened(content) as document:
        sizes = []
        for number in range(len(document)):
            width, height = document.get_page_size(number)
            sizes.append(_pixels(width, height, SHOWN_SIDE))
        return sizes


def page_drawn(content: bytes, number: int, *, long_side: int = LONG_SIDE) -> DrawnPage:
    """Return one page, counted from 0, drawn so that its longer side has so many pixels."""
    with _opened(content) as document:
        if not 0 <= number < len(document):
            raise PdfBroken(field="file")
        page = document[number]
        wide, high = page.get_size()
        width, height = _pixels(wide, high, long_side)
        picture = page.render(scale=long_side / max(wide, high), rev_byteorder=True, prefer_bgrx=True).to_pil().convert("RGB")
        signs, leaning = _signs(page, width, height)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=_JPEG_QUALITY)
        return DrawnPage(out.getvalue(), picture.width, picture.height, lines_of(signs), leaning)


def _pixels(width: float, height: float, long_side: int) -> tuple[int, int]:
    longer = max(width, height)
    if not (math.isfinite(longer) and longer > 0):
        raise PdfBroken(field="file")
    found = max(math.ceil(width * long_side / longer), 1), max(math.ceil(height * long_side / longer), 1)
    if min(found) < _LEAST_SIDE:
        raise PdfBroken(field="file")
    return found


def _signs(page: pdfium.PdfPage, width: int, height: int) -> tuple[list[Sign], int]:
    """Return the visible level signs of a page in pixels of its drawing, and how many visible ones are not level."""
    text = page.get_textpage()
    try:
        count = min(text.count_chars(), MOST_SIGNS)
        found, leaning = [], 0
        for index in range(count):
            code = raw.FPDFText_GetUnicode(text.raw, index)
            if code <= 0x20 or 0xD800 <= code <= 0xDFFF or code == 0xA0 or not _is_drawn(text.raw, index):
                continue
            box = raw.FS_RECTF()
            if not raw.FPDFText_GetLooseCharBox(text.raw, index, box):
                continue
            if not _is_level(text.raw, index, page.get_rotation()):
                leaning += 1
                continue
            corners = [_on_drawing(page, width, height, x, y) for x, y in ((box.left, box.top), (box.right, box.bottom))]
            (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*corners, strict=True))
            if x1 > 0 and y1 > 0 and x0 < width and y0 < height:
                ink = _ink(page, text.raw, index, width, height) or (y0, y1)
                found.append(Sign(chr(code), x0, y0, x1, y1, ink))
        return found, leaning
    finally:
        text.close()


def _ink(page: pdfium.PdfPage, text: raw.FPDF_TEXTPAGE, index: int, width: int, height: int) -> tuple[float, float] | None:
    """Return top and bottom of what a sign draws, none where it draws nothing."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetCharBox(text, index, left, right, bottom, top):
        return None
    ends = [_on_drawing(page, width, height, x, y)[1] for x, y in ((left.value, top.value), (right.value, bottom.value))]
    return (min(ends), max(ends)) if ends[0] != ends[1] else None


def _is_drawn(text: raw.FPDF_TEXTPAGE, index: int) -> bool:
    """Say whether a sign stands in the file (PDFium adds blanks of its own) and is drawn at all."""
    if raw.FPDFText_IsGenerated(text, index) == 1:
        return False
    thing = raw.FPDFText_GetTextObject(text, index)
    return not thing or raw.FPDFTextObj_GetTextRenderMode(thing) not in _INVISIBLE


def _is_level(text: raw.FPDF_TEXTPAGE, index: int, rotation: int) -> bool:
    angle = math.degrees(raw.FPDFText_GetCharAngle(text, index)) + rotation
    return min(angle % 360, 360 - angle % 360) < _LEVEL_DEGREES


def _on_drawing(page: pdfium.PdfPage, width: int, height: int, x: float, y: float) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    fine = 8  # PDFium answers in whole pixels
    raw.FPDF_PageToDevice(page.raw, 0, 0, width * fine, height * fine, 0, x, y, across, down)
    return across.value / fine, down.value / fine
