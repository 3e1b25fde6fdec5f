"""Reading the words back out of a PDF that this project drew: one embedded font, two bytes a sign."""

from __future__ import annotations

import re
import zlib

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_CHARACTER = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4,8})>")
_SHOWN = re.compile(rb"\(((?:\\.|[^\\()])*)\)\s*Tj", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_text(content: bytes) -> str:
    """Return the words of a PDF, one line for each piece of text."""
    streams = [_opened(found) for found in _STREAM.findall(content)]
    signs = {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
             for stream in streams if b"beginbfchar" in stream or b"beginbfrange" in stream
             for code, text in _CHARACTER.findall(stream)}
    pieces = [_plain(shown) for stream in streams for shown in _SHOWN.findall(stream)]
    return "\n".join("".join(signs.get(int.from_bytes(piece[at:at + 2], "big"), "?") for at in range(0, len(piece), 2))
                     for piece in pieces)


def _opened(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _plain(shown: bytes) -> bytes:
    return re.sub(rb"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), shown, flags=re.DOTALL)
