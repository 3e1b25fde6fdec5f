"""A picture that was sent: looked at and digested, never kept (R1.5). Pages and API check it the same way."""

from __future__ import annotations

import hashlib

from django.core.files.uploadedfile import UploadedFile

LIMIT_BYTES = 8 * 1024 * 1024
# What a picture of each accepted kind begins with; the name and the declared type prove nothing.
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class PictureTooLarge(ValueError):
    """Nothing was sent, or more than LIMIT_BYTES."""


class PictureUnknown(ValueError):
    """The first bytes are not those of a JPEG, PNG or WebP file."""


def picture_digest(upload: UploadedFile) -> str:
    """Return the SHA-256 of a picture; raises PictureTooLarge or PictureUnknown."""
    if not upload.size or upload.size > LIMIT_BYTES:
        raise PictureTooLarge
    digest, start = hashlib.sha256(), b""
    for chunk in upload.chunks():
        start = start or chunk[:16]
        digest.update(chunk)
    is_webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    if not (start.startswith(_STARTS) or is_webp):
        raise PictureUnknown
    return digest.hexdigest()
