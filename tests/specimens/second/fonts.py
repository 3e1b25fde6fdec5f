"""The fonts of the second style: none of them belongs to the first, beside the one the project carries itself."""

from __future__ import annotations

from functools import lru_cache

from fontTools.ttLib import TTCollection, TTFont
from PIL import ImageFont

from tests.specimens.fonts import SHARE, VENDORED, Face

BUILD = (
    Face("AR PL KaitiM GB", SHARE / "truetype/arphic-gkai00mp/gkai00mp.ttf", 0, "fonts-arphic-gkai00mp"),
    Face("Noto Sans CJK SC DemiLight", SHARE / "opentype/noto/NotoSansCJK-DemiLight.ttc", 2, "fonts-noto-cjk-extra"),
    Face("AR PL SungtiL GB", SHARE / "truetype/arphic-gbsn00lp/gbsn00lp.ttf", 0, "fonts-arphic-gbsn00lp"),
    Face("Noto Sans CJK SC Bold", SHARE / "opentype/noto/NotoSansCJK-Bold.ttc", 2, "fonts-noto-cjk"),
)
HELD_OUT = (
    Face("Noto Sans CJK SC Light", SHARE / "opentype/noto/NotoSansCJK-Light.ttc", 2, "fonts-noto-cjk-extra"),
    Face("LXGW WenKai", SHARE / "truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf", 0, "fonts-lxgw-wenkai"),
    Face("Noto Serif CJK SC Medium", SHARE / "opentype/noto/NotoSerifCJK-Medium.ttc", 2, "fonts-noto-cjk-extra"),
    Face("BabelStone Han", SHARE / "truetype/babelstone/BabelStoneHan.ttf", 0, "fonts-babelstone-han"),
)
CARRIED = Face("Noto Sans SC (vendored)", VENDORED)
# Numbers are printed in a face of their own on cards; where it is missing the text's own face does.
DIGITS = (
    Face("Liberation Mono", SHARE / "truetype/liberation/LiberationMono-Regular.ttf", 0, "fonts-liberation"),
    Face("Free Mono Bold", SHARE / "truetype/freefont/FreeMonoBold.ttf", 0, "fonts-freefont-ttf"),
    Face("Liberation Sans", SHARE / "truetype/liberation/LiberationSans-Regular.ttf", 0, "fonts-liberation"),
)


@lru_cache(maxsize=256)
def of_size(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """Return a face at a size of pixels."""
    return ImageFont.truetype(str(face.path), max(size, 6), index=face.index)


@lru_cache(maxsize=16)
def _has(face: Face) -> frozenset[int]:
    file = TTCollection(str(face.path)).fonts[face.index] if face.path.suffix == ".ttc" else TTFont(str(face.path))
    return frozenset(file.getBestCmap())


def draws(face: Face, *texts: str) -> bool:
    """Say whether a face has every character of the texts."""
    return {ord(sign) for text in texts for sign in text if sign != " "} <= _has(face)
