"""Ask the reading process about a PDF: how large its pages are, how one looks, what stands on them. Keeps nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from datetime import date
from importlib.util import find_spec
from typing import Any

from weidai.files.errors import FileTooLarge
from weidai.vision import asking, frames
from weidai.vision.errors import PdfStillRead, ReadingFailed, ReadingUnavailable
from weidai.vision.pdf_desk import WAIT_SECONDS
from weidai.vision.rules.fields import Kind, PaperRead
from weidai.vision.rules.wire import from_plain
from weidai.vision.worker import refusal_of

PDF_BYTES = 11 * 1024 * 1024
_SECONDS = 60.0  # for an answer: pages of others may be drawn before


def is_installed() -> bool:
    """Say whether this server can open PDFs and read what is on them."""
    return asking.is_installed() and find_spec("pypdfium2") is not None


def is_pdf(content: bytes) -> bool:
    """Say whether these bytes begin as a PDF does."""
    return content.startswith(b"%PDF-")


def pdf_read(content: bytes, *, kind: Kind, on: date) -> PaperRead:
    """Return what stands on the pages; raises PdfStillRead until it is known: ask again then, with the same bytes (R4.1)."""
    head, _ = _asked({"do": "read", "kind": kind, "on": on.isoformat()}, content, WAIT_SECONDS + _SECONDS)
    if "pending" in head:
        raise PdfStillRead
    return from_plain(head["paper"])


def page_sizes(content: bytes) -> tuple[tuple[int, int], ...]:
    """Return width and height of every page as `page_picture` draws it; refuses PDFs that cannot be shown."""
    head, _ = _asked({"do": "sizes"}, content, _SECONDS)
    return tuple((int(width), int(height)) for width, height in head["sizes"])


def page_picture(content: bytes, number: int) -> bytes:
    """Return one page, counted from 1, as a JPEG."""
    _, picture = _asked({"do": "show", "page": number - 1}, content, _SECONDS)
    return picture


def _asked(question: Mapping[str, Any], content: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
    if len(content) > PDF_BYTES:  # a pack may let larger files in than can be looked at
        raise FileTooLarge(field="file", limit_mb=PDF_BYTES // 1024**2)
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(seconds)
            line.connect(str(frames.socket_path()))
            line.sendall(frames.packed(json.dumps(question).encode()) + frames.packed(content))
            with line.makefile("rb") as stream:
                body = frames.read_frame(stream)
        head, picture = frames.parted(body or b"")
        answer: dict[str, Any] = json.loads(head)
    except (FileNotFoundError, ConnectionRefusedError):
        raise ReadingUnavailable from None
    except (OSError, ValueError):
        raise ReadingFailed from None
    if "refusal" in answer:
        raise refusal_of(str(answer["refusal"]))
    return answer, picture
