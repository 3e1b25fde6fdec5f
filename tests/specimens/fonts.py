"""Which fonts specimens are drawn in, where they lie, and which characters they have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont
from PIL import ImageFont

SHARE = Path("/usr/share/fonts")
VENDORED = Path(__file__).resolve().parents[2] / "src/weidai/servicing/fonts/NotoSansSC-Regular.ttf"


@dataclass(frozen=True, slots=True)
class Face:
    """One font file and the face in it; `package` says what to install where it is missing."""

    name: str
    path: Path
    index: int = 0
    package: str = ""

    @property
    def is_there(self) -> bool:
        """Say whether this machine has the file."""
        return self.path.exists()


# What the reader was built against …
BUILD = (
    Face("Noto Sans SC (vendored)", VENDORED),
    Face("Noto Sans CJK SC", SHARE / "opentype/noto/NotoSansCJK-Regular.ttc", 2, "fonts-noto-cjk"),
    Face("Noto Serif CJK SC", SHARE / "opentype/noto/NotoSerifCJK-Regular.ttc", 2, "fonts-noto-cjk"),
    Face("WenQuanYi Zen Hei", SHARE / "truetype/wqy/wqy-zenhei.ttc", 0, "fonts-wqy-zenhei"),
)
# … and what it is measured with: never looked at while building.
HELD_OUT = (
    Face("WenQuanYi Micro Hei", SHARE / "truetype/wqy/wqy-microhei.ttc", 0, "fonts-wqy-microhei"),
    Face("AR PL UMing CN", SHARE / "truetype/arphic/uming.ttc", 0, "fonts-arphic-uming"),
)


@lru_cache(maxsize=64)
def font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """Return a face in a size of pixels."""
    return ImageFont.truetype(str(face.path), size, index=face.index)


@lru_cache(maxsize=8)
def _characters(face: Face) -> frozenset[int]:
    opened = TTCollection(str(face.path)).fonts[face.index] if face.path.suffix == ".ttc" else TTFont(str(face.path))
    return frozenset(opened.getBestCmap())


def can_draw(face: Face, text: str) -> bool:
    """Say whether the font has every character of a text."""
    return {ord(character) for character in text if not character.isspace()} <= _characters(face)
