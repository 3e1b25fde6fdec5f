"""What a sender called a file, made safe to show; it never names a place on a disk."""

from __future__ import annotations

import re
import unicodedata

_LENGTH = 60
_ENDINGS = {"image/jpeg": "jpg", "application/pdf": "pdf", "audio/wav": "wav"}
_ODD = re.compile(r'[<>:"/\\|?*%\x00-\x1f\x7f-\x9f]')


def shown_name(name: str, media_type: str) -> str:
    """Return a plain name with the ending of what the file really is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name.replace("\x00", "")))[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    stem = _ODD.sub("", visible).strip(". ").split(".")[0].strip()[:_LENGTH] or "file"
    return f"{stem}.{_ENDINGS[media_type]}"
