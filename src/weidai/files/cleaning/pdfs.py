"""A PDF is taken when it is whole and holds nothing that acts: no script, attachment, sending form, or password.

It is not drawn anew. So it is looked through even where it is compressed, and pages hand it out as a download only.
"""

from __future__ import annotations

import re
import zlib

from weidai.files import errors

MOST_STREAMS = 5_000
MOST_INFLATED = 64 * 1024 * 1024  # bytes over all streams
MOST_ONE_STREAM = 24 * 1024 * 1024
_ACTING = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/SubmitForm", b"/ImportData", b"/Encrypt",
           b"/GoToE", b"/GoToR", b"/XFA ", b"/XFA[", b"/XFA\r", b"/XFA\n")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")
_ODD_FILTERS = (b"/ASCIIHexDecode", b"/ASCII85Decode", b"/LZWDecode", b"/RunLengthDecode", b"/Crypt")
_END = b"%%EOF"
_WINDOW = 4096


def pdf_clean(content: bytes) -> tuple[bytes, str, tuple[str, ...]]:
    """Return the PDF up to its own end, its media type and what was cut off; refuses what could act when opened."""
    end = content.rfind(_END)
    if end < 0 or b"startxref" not in content[max(0, end - _WINDOW):end]:
        raise errors.FileBroken(field="file")
    kept = content[:end + len(_END)] + b"\n"
    removed = ("hidden_content",) if content[end + len(_END):].strip(b"\0\r\n \t") else ()
    _refuse_acting(kept)
    has_packed_objects = b"/ObjStm" in kept
    if has_packed_objects and any(name in kept for name in _ODD_FILTERS):
        raise errors.PdfNotPlain(field="file")
    _look_inside(kept)
    return kept, "application/pdf", removed


def _refuse_acting(part: bytes) -> None:
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part) if b"#" in part else part
    if any(word in plain for word in _ACTING):
        raise errors.PdfNotPlain(field="file")


def _look_inside(content: bytes) -> None:
    """Look through every compressed stream, a piece at a time; a bomb ends at the bound."""
    left = MOST_INFLATED
    for count, found in enumerate(_STREAM.finditer(content)):
        if count >= MOST_STREAMS or left <= 0:
            raise errors.PdfNotPlain(field="file")
        if content[found.end():found.end() + 1] not in (b"x", b"h", b"\x08", b"8", b"H", b"X"):
            continue  # not deflated: a picture or plain text, which was looked through as it stands
        left -= _inflated(content, found.end(), min(left, MOST_ONE_STREAM))


def _inflated(content: bytes, start: int, most: int) -> int:
    """Look through one deflated stream and return how many bytes it held; damaged ones hold what could be read."""
    inflater, view, before, total = zlib.decompressobj(), memoryview(content), b"", 0
    position = start
    while (position < len(content) or inflater.unconsumed_tail) and not inflater.eof:
        piece: bytes = inflater.unconsumed_tail or bytes(view[position:position + 65_536])
        if not inflater.unconsumed_tail:
            position += len(piece)
        try:
            part = inflater.decompress(piece, 262_144)
        except zlib.error:
            return total
        total += len(part)
        if total > most:
            raise errors.PdfNotPlain(field="file")
        _refuse_acting(before + part)
        before = part[-64:]
    return total
