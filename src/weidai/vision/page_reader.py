"""What the recogniser answers about pages of a PDF: a whole page, what stands beside known pieces, strips (R4.1).

Runs in the reading process beside `reader`, with the same models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, cast

import cv2

from weidai.vision import quality
from weidai.vision.engine import FIND_SIDE, FIND_SIDE_CLOSELY, VERSION, Pixels, cropped
from weidai.vision.reader import Reader
from weidai.vision.rules.fields import Kind
from weidai.vision.rules.lines import Line, Quad
from weidai.vision.rules.parsing import parser
from weidai.vision.rules.wire import lines_plain

MOST_STRIPS = 600  # of one page
_COVERED = 0.4  # share of a piece of text that known ones take up
_LEAST_SCORE = 0.6  # of a piece found beside them: frames and stamps read as text are not sure


class PageReader:
    """Answers about pages with the models of a reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._engine = reader, reader.engine

    def answered(self, asked: Mapping[str, Any], picture: bytes) -> dict[str, Any]:
        """Answer `whole`, `beside` or `strips` as plain values."""
        pixels = quality.decoded(picture)
        if asked["do"] == "whole":
            return self._whole(pixels, Kind(asked["kind"]), date.fromisoformat(asked["on"]))
        quads = [cast(Quad, tuple((x, y) for x, y in quad)) for quad in asked["quads"]]
        if asked["do"] == "beside":
            return self._beside(pixels, quads)
        return self._strips(pixels, quads[:MOST_STRIPS], closely=bool(asked["closely"]))

    def _whole(self, pixels: Pixels, kind: Kind, on: date) -> dict[str, Any]:
        """Read a page as a picture and return its lines, doubtful ones looked at again."""
        measured = quality.measured(pixels)
        upright, lines, turned = self._engine.lines(pixels, find_side=FIND_SIDE_CLOSELY)
        settled = self._reader.settled(upright, lines, parser(kind, on=on))
        return {"engine": VERSION, "width": upright.shape[1], "height": upright.shape[0], "turned": turned,
                "quality": asdict(measured), "lines": lines_plain(settled)}

    def _beside(self, pixels: Pixels, known: Sequence[Quad]) -> dict[str, Any]:
        found = self._engine.found(pixels, FIND_SIDE)
        boxes = [_box(quad) for quad in known]
        more = [quad for quad in found if _covered(_box(quad), boxes) < _COVERED]
        read = self._engine.recognised([cropped(pixels, quad) for quad in more])
        lines = [Line(seen.text, seen.score, quad, seen.least, seen.others) for seen, quad in zip(read, more, strict=True)
                 if seen.text.strip() and seen.score >= _LEAST_SCORE]
        return {"engine": VERSION, "shown": len(found), "lines": lines_plain(lines)}

    def _strips(self, pixels: Pixels, quads: Sequence[Quad], *, closely: bool) -> dict[str, Any]:
        cuts = [_treated(pixels, quad) if closely else [cropped(pixels, quad, wider=0.05)] for quad in quads]
        read = iter(self._engine.recognised([strip for strips in cuts for strip in strips]))
        looks = [[next(read)[:2] for _ in strips] for strips in cuts]
        return {"engine": VERSION, "looks": looks}


def _treated(pixels: Pixels, quad: Quad) -> list[Pixels]:
    """Return a strip cut wider, doubled and sharpened, and without its red: seals are printed over what counts."""
    wide = cropped(pixels, quad, wider=0.2)
    tall = cast(Pixels, cv2.resize(wide, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
    sharp = cast(Pixels, cv2.addWeighted(tall, 1.8, cv2.GaussianBlur(tall, (0, 0), 3), -0.8, 0))
    return [wide, sharp, cast(Pixels, cv2.cvtColor(tall[:, :, 2], cv2.COLOR_GRAY2BGR))]


def _box(quad: Quad) -> tuple[float, float, float, float]:
    across, down = zip(*quad, strict=True)
    return min(across), min(down), max(across), max(down)


def _covered(box: tuple[float, ...], others: Sequence[tuple[float, ...]]) -> float:
    """Return which share of a box some others take up; they do not overlap each other much."""
    left, top, right, bottom = box
    shared = sum(max(min(right, other[2]) - max(left, other[0]), 0.0) * max(min(bottom, other[3]) - max(top, other[1]), 0.0)
                 for other in others)
    return shared / max((right - left) * (bottom - top), 1.0)
