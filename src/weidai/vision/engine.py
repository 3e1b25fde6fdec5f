"""The recogniser: from a picture's pixels to lines of text, one thread, nothing fetched (R1.4).

Needs the `vision` group (rapidocr, onnxruntime, OpenCV); only the models inside the rapidocr wheel are used. Lives in
the reading process, see `worker`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from weidai.vision.rules.lines import Line, Quad, Seen

if TYPE_CHECKING:
    from weidai.vision.decoding import Extra

Pixels = NDArray[np.uint8]

VERSION = "rapidocr 3.10 PP-OCRv6 small"
FIND_SIDE, KEEP_SIDE = 736, 1600  # longest side of the text for finding it, and for recognising it
FIND_SIDE_CLOSELY = 1280  # … when the first reading of a card lacks what it must have
_FILLED = 0.8  # text that takes less of the picture is looked for again, nearer
_MARGIN = 0.15  # of the text's longer side, around it: what the first look missed
_CUT = 5  # pixels from the edge of that part: a line so near it goes on outside
_MOST_SIDE = 5_000  # of the picture one reads from, however small the paper lies in it
MOST_LINES = 200
_TURN_SURE = 0.9


class Engine:
    """One loaded set of models; about 0.6 GB once it has worked. Not for several threads."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        from weidai.vision.decoding import Decoder

        self._models = RapidOCR(params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "critical", "Det.limit_side_len": 32, "Cls.cls_thresh": _TURN_SURE,
            "Global.return_word_box": True,
        })
        recogniser = self._models._load_rec_model()
        recogniser.postprocess_op = Decoder(recogniser.session.get_character_list())

    def lines(self, pixels: Pixels, *, find_side: int = FIND_SIDE) -> tuple[Pixels, tuple[Line, ...], int]:
        """Return the picture as it was read (upright; its text at most KEEP_SIDE long), its lines, and the degrees turned left.

        Looks once at the whole picture, to learn how the text lies and where; then again, nearer, if that shows more.
        """
        quads = self.found(pixels, find_side)
        turned = 0
        if quads and _lies_on_its_side(quads):
            quads = [_quarter_turned(quad, pixels.shape[1]) for quad in quads]
            pixels, turned = np.ascontiguousarray(np.rot90(pixels)), 90
        quads = [_level(quad) for quad in quads]
        if self._is_upside_down(pixels, quads):
            height, width = pixels.shape[:2]
            quads = [_level(_half_turned(quad, width, height)) for quad in quads]
            pixels, turned = np.ascontiguousarray(np.rot90(pixels, 2)), turned + 180
        pixels, quads, is_small = _nearer(pixels, quads)
        if is_small or turned in (90, 270):
            quads = self._looked_at_again(pixels, quads, find_side)
        quads = [quad for quad in quads if not _is_edge(quad, quads)]
        read = self.recognised([cropped(pixels, quad) for quad in quads])
        found = [Line(seen.text, seen.score, quad, seen.least, seen.others)
                 for seen, quad in zip(read, quads, strict=True) if seen.text.strip()]
        return pixels, tuple(found), turned

    def recognised(self, crops: Sequence[Pixels]) -> list[Seen]:
        """Return what is seen in each strip of text."""
        if not crops:
            return []
        read = self._models.recognize_txt(list(crops))
        extras = cast("Sequence[Extra]", read.word_results)
        return [Seen(text, score, *extra) for text, score, extra in zip(read.txts, read.scores, extras, strict=True)]

    def found(self, pixels: Pixels, find_side: int) -> list[Quad]:
        """Return where text stands in a picture, looked at no larger than `find_side`."""
        small = _fitted(pixels, find_side)
        scale = pixels.shape[1] / small.shape[1]
        found = self._models._load_det_model()(small)
        if found.boxes is None:
            return []
        boxes = cast("list[Any]", found.boxes[:MOST_LINES] * scale)
        return [cast(Quad, tuple((float(x), float(y)) for x, y in box)) for box in boxes]

    def _looked_at_again(self, pixels: Pixels, quads: Sequence[Quad], find_side: int) -> list[Quad]:
        """Return the lines in the part of the picture where the first look saw some; further out when one is cut off there."""
        height, width = pixels.shape[:2]
        left, top, right, bottom = _part(quads, width, height)
        for _ in range(2):
            again = self.found(np.ascontiguousarray(pixels[top:bottom, left:right]), find_side)
            moved = [_level(cast(Quad, tuple((x + left, y + top) for x, y in quad))) for quad in again]
            found = _bounds(moved) if moved else (width, height, 0, 0)
            more = max(right - left, bottom - top) // 2
            sides = (left and found[0] < left + _CUT, top and found[1] < top + _CUT,
                     right < width and found[2] > right - _CUT, bottom < height and found[3] > bottom - _CUT)
            if not any(sides):
                break
            left, top = max(left - more * bool(sides[0]), 0), max(top - more * bool(sides[1]), 0)
            right, bottom = min(right + more * sides[2], width), min(bottom + more * sides[3], height)
        return moved

    def _is_upside_down(self, pixels: Pixels, quads: Sequence[Quad]) -> bool:
        """Ask the longest strips which way up they are: all strips of a paper stand the same way.

        Where they do not agree for sure, they are read both ways, and what reads better decides.
        """
        longest = sorted(quads, key=lambda quad: -math.dist(*quad[:2]))[:5]
        if not longest:
            return False
        strips = [cropped(pixels, quad) for quad in longest]
        _, answers = self._models.cls_and_rotate([strip.copy() for strip in strips])
        turned = [label == "180" for label, score in answers.cls_res if score >= _TURN_SURE]
        if len(turned) * 2 > len(strips) and len(set(turned)) == 1:
            return turned[0]
        upright = sum(seen.score * len(seen.text) for seen in self.recognised(strips))
        return sum(seen.score * len(seen.text) for seen in self.recognised([_half(strip) for strip in strips])) > upright


def _fitted(pixels: Pixels, side: int) -> Pixels:
    scale = side / max(pixels.shape[:2])
    return pixels if scale >= 1 else cast(Pixels, cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _lies_on_its_side(quads: Sequence[Quad]) -> bool:
    """Say whether most text runs from top to bottom: the picture was taken on its side. Long lines say more."""
    along = across = 0.0
    for quad in quads:
        one, other = math.dist(quad[0], quad[1]), math.dist(quad[0], quad[3])
        if max(one, other) < 1.5 * min(one, other):
            continue  # a single character stands any way
        (x0, y0), (x1, y1) = (quad[0], quad[1]) if one > other else (quad[0], quad[3])
        if abs(y1 - y0) > abs(x1 - x0):
            across += max(one, other)
        else:
            along += max(one, other)
    return across > along


def _level(quad: Quad) -> Quad:
    """Return the corners beginning top left: the finder begins elsewhere when a long line leans far."""
    (x0, y0), (x1, y1), *_ = quad
    turns = 0
    while not (x1 - x0 > abs(y1 - y0) or turns == 3):
        quad = cast(Quad, (*quad[1:], quad[0]))
        (x0, y0), (x1, y1), *_ = quad
        turns += 1
    return quad


def _is_edge(quad: Quad, quads: Sequence[Quad]) -> bool:
    """Say whether this is no line of text: it stands upright among lines that lie, and is much higher than they are."""
    width, height = math.dist(quad[0], quad[1]), math.dist(quad[0], quad[3])
    usual = sorted(math.dist(other[0], other[3]) for other in quads)[len(quads) // 2]
    return height > 1.5 * width and height > 2.2 * usual


def _bounds(quads: Sequence[Quad]) -> tuple[float, float, float, float]:
    points = [point for quad in quads for point in quad]
    return (min(x for x, _ in points), min(y for _, y in points), max(x for x, _ in points), max(y for _, y in points))


def _part(quads: Sequence[Quad], width: int, height: int) -> tuple[int, int, int, int]:
    """Return the part of a picture where its text is, with a margin: left, top, right, bottom."""
    if not quads:
        return 0, 0, width, height
    left, top, right, bottom = _bounds(quads)
    margin = _MARGIN * max(right - left, bottom - top)
    return (max(int(left - margin), 0), max(int(top - margin), 0), min(int(right + margin) + 1, width),
            min(int(bottom + margin) + 1, height))


def _nearer(pixels: Pixels, quads: Sequence[Quad]) -> tuple[Pixels, list[Quad], bool]:
    """Return the picture as large as its text is worth reading, its lines, and whether they fill little of it."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = _part(quads, width, height)
    part = max(right - left, bottom - top)
    fitted = _fitted(pixels, min(round(max(width, height) * KEEP_SIDE / part), _MOST_SIDE))
    scale = fitted.shape[1] / width
    scaled = [cast(Quad, tuple((x * scale, y * scale) for x, y in quad)) for quad in quads]
    return fitted, scaled, bool(quads) and part < _FILLED * max(width, height)


def _quarter_turned(quad: Quad, width: int) -> Quad:
    """Return the corners after the picture, so wide, was turned left by a quarter."""
    return cast(Quad, tuple((y, width - 1 - x) for x, y in quad))


def _half(strip: Pixels) -> Pixels:
    return np.ascontiguousarray(np.rot90(strip, 2))


def _half_turned(quad: Quad, width: int, height: int) -> Quad:
    a, b, c, d = ((width - 1 - x, height - 1 - y) for x, y in quad)
    return (c, d, a, b)


def cropped(pixels: Pixels, quad: Quad, *, wider: float = 0.0) -> Pixels:
    """Return the strip inside four corners, straightened; `wider` adds that share of its height on every side."""
    corners = np.array(quad, np.float32)
    width = max(math.dist(quad[0], quad[1]), math.dist(quad[3], quad[2]), 4.0)
    height = max(math.dist(quad[0], quad[3]), math.dist(quad[1], quad[2]), 4.0)
    pad = wider * height
    target = np.array([[pad, pad], [pad + width, pad], [pad + width, pad + height], [pad, pad + height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    size = (round(width + 2 * pad), round(height + 2 * pad))
    strip = cv2.warpPerspective(pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)
    return cast(Pixels, strip)
