"""A picture that was sent: looked at, digested, not kept (R1.5)."""

from __future__ import annotations

import hashlib

from ninja import UploadedFile

from weidai.web.api.errors import PictureRefused

LIMIT_BYTES = 8 * 1024 * 1024
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def picture_digest(upload: UploadedFile) -> str:
    """Return the SHA-256 of a picture; refuses what is too large or does not begin like one."""
    if not upload.size or upload.size > LIMIT_BYTES:
        raise PictureRefused(field="picture")
    digest, start = hashlib.sha256(), b""
    for chunk in upload.chunks():
        start = start or chunk[:16]
        digest.update(chunk)
    is_webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    if not (start.startswith(_STARTS) or is_webp):
        raise PictureRefused(field="picture")
    return digest.hexdigest()
