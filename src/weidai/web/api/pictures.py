"""A picture that was sent to the API: checked like those of the pages, refused in the API's own form (R1.5)."""

from __future__ import annotations

from ninja import UploadedFile

from weidai.web.api.errors import PictureRefused
from weidai.web.shared import pictures


def picture_digest(upload: UploadedFile) -> str:
    """Return the SHA-256 of a picture; refuses what is too large or does not begin like one."""
    try:
        return pictures.picture_digest(upload)
    except (pictures.PictureTooLarge, pictures.PictureUnknown):
        raise PictureRefused(field="picture") from None
