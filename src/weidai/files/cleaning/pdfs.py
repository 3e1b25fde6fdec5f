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
_ACTING = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/Rendition", b"/SubmitForm", b"/ImportData",
           b"/Encrypt", b"/GoToE", b"/GoToR", b"/XFA ", b"/XFA[", b"/XFA\r", b"/XFA\n", b"/OnInstantiate")
_ATTACHED = re.compile(rb"/EF\s*(?:<<|\d+\s+\d+\s+R)")  # a file inside a file specification
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream[ \t]*(?:\r\n|\n|\r)")
_ODD_FILTERS = (b"/ASCIIHexDecode", b"/AHx", b"/ASCII85Decode", b"/A85", b"/LZWDecode", b"/LZW", b"/RunLengthDecode", b"/Crypt")
_DEFLATED = (b"/FlateDecode", b"/Fl ", b"/Fl]", b"/Fl/", b"/Fl>")
_PREDICTED = re.compile(rb"/Predictor\s*(?!1\b)\d")
_INDIRECT = re.compile(rb"/(?:Filter|DecodeParms)\s*\[?\s*\d+\s+\d+\s+R")
_END = b"%%EOF"
_WINDOW = 4096
_OVERLAP = 64  # bytes: longer than any word looked for
_ZLIB_HEAD = 2


def pdf_clean(content: bytes) -> tuple[bytes, str, tuple[str, ...]]:
    """Return the PDF up to its own end, its media type and what was cut off; refuses what could act when opened."""
    end = content.rfind(_END)
    if end < 0 or b"startxref" not in content[max(0, end - _WINDOW):end]:
        raise errors.FileBroken(field="file")
    kept = content[:end + len(_END)] + b"\n"
    removed = ("hidden_content",) if content[end + len(_END):].strip(b"\0\r\n \t") else ()
    plain = _plain(kept)
    _refuse_acting(plain)
    _look_inside(kept, has_packed_objects=b"/ObjStm" in plain)
    return kept, "application/pdf", removed


def _plain(part: bytes) -> bytes:
    """Return names with their escapes undone, as a viewer reads them."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part) if b"#" in part else part


def _refuse_acting(plain: bytes) -> None:
    if any(word in plain for word in _ACTING) or _ATTACHED.search(plain):
        raise errors.PdfNotPlain(field="file")


def _look_inside(content: bytes, *, has_packed_objects: bool) -> None:
    """Look through every compressed stream, a piece at a time; a bomb ends at the bound."""
    left = MOST_INFLATED
    for count, found in enumerate(_STREAM.finditer(content)):
        if count >= MOST_STREAMS or left <= 0:
            raise errors.PdfNotPlain(field="file")
        head = _head_of(content, found.start())
        if has_packed_objects:
            _refuse_disguised(head)
        start, is_deflated = found.end(), any(name in head for name in _DEFLATED)
        if _has_zlib_head(content[start:start + _ZLIB_HEAD]):
            left -= _inflated(content, start, min(left, MOST_ONE_STREAM), must_be_whole=is_deflated)


def _head_of(content: bytes, at: int) -> bytes:
    """Return the dictionary before a stream, as far as it can be seen."""
    begin = content.rfind(b"obj", max(0, at - _WINDOW), at)
    return _plain(content[begin if begin >= 0 else max(0, at - _WINDOW):at])


def _refuse_disguised(head: bytes) -> None:
    """Where objects are packed into streams, refuse what makes a stream read otherwise than by inflating it once."""
    deflated = sum(head.count(name) for name in _DEFLATED)
    is_packed = b"/ObjStm" in head or b"/First" in head
    if any(name in head for name in _ODD_FILTERS) or deflated > 1 or _INDIRECT.search(head) or (
            is_packed and _PREDICTED.search(head)):
        raise errors.PdfNotPlain(field="file")


def _has_zlib_head(head: bytes) -> bool:
    """Say whether these two bytes begin a deflated stream; anything else stands as it is and was looked through so."""
    return len(head) == _ZLIB_HEAD and head[0] & 0x8F == 8 and int.from_bytes(head, "big") % 31 == 0


def _inflated(content: bytes, start: int, most: int, *, must_be_whole: bool) -> int:
    """Look through one deflated stream and return how many bytes it held.

    Its check sum is passed over, as viewers do. A stream that breaks off in the middle is refused where its dictionary
    says that it is deflated: what stands behind the break cannot be looked through.
    """
    inflater, view, before, total = zlib.decompressobj(-zlib.MAX_WBITS), memoryview(content), b"", 0
    position = start + _ZLIB_HEAD
    while (position < len(content) or inflater.unconsumed_tail) and not inflater.eof:
        piece: bytes = inflater.unconsumed_tail or bytes(view[position:position + 65_536])
        if not inflater.unconsumed_tail:
            position += len(piece)
        try:
            part = inflater.decompress(piece, 262_144)
        except zlib.error:
            if must_be_whole:
                raise errors.FileBroken(field="file") from None
            return total
        total += len(part)
        if total > most:
            raise errors.PdfNotPlain(field="file")
        _refuse_acting(_plain(before + part))
        before = part[-_OVERLAP:]
    return total
