"""What is sent becomes something harmless, or is refused: looked at by content, rebuilt, its extras left behind (R9.6).

Nothing of a name or a declared type is believed. A picture is decoded and written anew, so that places, thumbnails,
hidden files and scripts do not survive; a PDF is taken only when it holds nothing that acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weidai.files import errors
from weidai.files.cleaning import pdfs, pictures, sounds
from weidai.files.policy import Accepted
from weidai.kernel.text import Text

_NAMES: dict[Accepted, Text] = {
    "picture": Text("JPG、PNG、WebP 图片", "JPG, PNG or WebP picture"),
    "pdf": Text("PDF", "PDF"),
    "sound": Text("WAV 录音", "WAV recording"),
}
_BUILDERS = {"picture": pictures.picture_clean, "pdf": pdfs.pdf_clean, "sound": sounds.sound_clean}


@dataclass(frozen=True, slots=True)
class Clean:
    """Content that may be kept. `removed` holds codes of what was taken away; sizes in pixels, 0 without."""

    content: bytes
    media_type: str
    removed: tuple[str, ...] = ()
    width: int = 0
    height: int = 0


def content_clean(content: bytes, *, accepts: Sequence[Accepted]) -> Clean:
    """Return the content rebuilt, or refuse with what to do next."""
    if not content:
        raise errors.FileEmpty(field="file")
    found = content_type(content)
    if found is None or found not in accepts:
        names = [_NAMES[kind] for kind in accepts]
        listed = Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))
        raise FileTypeNamed(listed)
    return Clean(*_BUILDERS[found](content))


def content_type(content: bytes) -> Accepted | None:
    """Say what the first bytes are those of."""
    if pictures.picture_format(content):
        return "picture"
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "sound"
    return None


class FileTypeNamed(errors.FileTypeRefused):
    """The refusal with the accepted types in the reader's language."""

    def __init__(self, accepted: Text) -> None:
        super().__init__(field="file")
        self._accepted = accepted

    @property
    def message(self) -> Text:
        """The sentence with the accepted types."""
        return Text(self.text.zh.format(accepted=self._accepted.zh), self.text.en.format(accepted=self._accepted.en))
