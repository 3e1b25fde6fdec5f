"""The recogniser: from a picture's pixels to lines of text, one thread, nothing fetched (R1.4).

Needs the `vision` group (rapidocr, onnxruntime, OpenCV); only the models inside the rapidocr wheel are used. Lives in
the reading process, see `worker`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from weidai.vision.rules.lines import Line, Quad

Pixels = NDArray[np.uint8]

VERSION = "rapidocr 3.10 PP-OCRv6 small"
FIND_SIDE, KEEP_SIDE = 736, 1600  # longest side for finding text, and for recognising it
MOST_LINES = 200
_TURN_SURE = 0.9


class Engine:
    """One loaded set of models; about 0.6 GB once it has worked. Not for several threads."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        self._models = RapidOCR(params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "critical", "Det.limit_side_len": 32, "Cls.cls_thresh": _TURN_SURE,
        })

    def lines(self, pixels: Pixels) -> tuple[Pixels, tuple[Line, ...], int]:
        """Return the picture as it was read (upright, at most KEEP_SIDE), its lines, and the degrees it was turned left."""
        turned = 0
        pixels = _fitted(pixels, KEEP_SIDE)
        quads = self._quads(pixels)
        if quads and _stands_upright(quads):
            pixels, turned = np.ascontiguousarray(np.rot90(pixels)), 90
            quads = self._quads(pixels)
        crops = [cropped(pixels, quad) for quad in quads]
        if self._is_upside_down(quads, crops):
            pixels, turned = np.ascontiguousarray(np.rot90(pixels, 2)), turned + 180
            height, width = pixels.shape[:2]
            quads = [_half_turned(quad, width, height) for quad in quads]
            crops = [np.ascontiguousarray(np.rot90(crop, 2)) for crop in crops]
        read = self.recognised(crops)
        found = [Line(text, score, quad) for (text, score), quad in zip(read, quads, strict=True) if text.strip()]
        return pixels, tuple(found), turned

    def recognised(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """Return text and mean confidence of each strip of text."""
        if not crops:
            return []
        read = self._models.recognize_txt(list(crops))
        return [(str(text), float(score)) for text, score in zip(read.txts, read.scores, strict=True)]

    def _quads(self, pixels: Pixels) -> list[Quad]:
        small = _fitted(pixels, FIND_SIDE)
        scale = pixels.shape[1] / small.shape[1]
        found = self._models._load_det_model()(small)
        if found.boxes is None:
            return []
        boxes = cast("list[Any]", found.boxes[:MOST_LINES] * scale)
        return [cast(Quad, tuple((float(x), float(y)) for x, y in box)) for box in boxes]

    def _is_upside_down(self, quads: Sequence[Quad], crops: Sequence[Pixels]) -> bool:
        """Ask the longest strips which way up they are: all strips of a paper stand the same way."""
        longest = sorted(range(len(crops)), key=lambda place: -math.dist(*quads[place][:2]))[:5]
        if not longest:
            return False
        _, answers = self._models.cls_and_rotate([crops[place].copy() for place in longest])
        turned = sum(label == "180" and score >= _TURN_SURE for label, score in answers.cls_res)
        return turned * 2 > len(longest)


def _fitted(pixels: Pixels, side: int) -> Pixels:
    scale = side / max(pixels.shape[:2])
    return pixels if scale >= 1 else cast(Pixels, cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _stands_upright(quads: Sequence[Quad]) -> bool:
    """Say whether most text runs from top to bottom: the picture was taken on its side."""
    tall = sum(math.dist(quad[0], quad[3]) > 1.5 * math.dist(quad[0], quad[1]) for quad in quads)
    return tall * 2 > len(quads)


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
    return cast(Pixels, np.rot90(strip) if size[1] >= 1.5 * size[0] else strip)
