"""Lines of recognised text, where they lie, and the rows they form on a picture that is not quite straight. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]  # top left, top right, bottom right, bottom left, in pixels of the picture

_FULL_WIDTH = {ord("A") + n + 0xFEE0: ord("A") + n for n in range(26)} | {
    ord("0") + n + 0xFEE0: ord("0") + n for n in range(10)}
_SIGNS = {"\uff1a": ":", "\uff08": "(", "\uff09": ")", "\uff0c": ",", "\u3002": ".", "\uff0d": "-", "\uff0f": "/",
          "\uffe5": "¥", "\u2014": "-", "\u2013": "-", "~": "-", "\uff5e": "-", " ": "", "\u3000": "", "\u00b7": "·"}
_TIDY = _FULL_WIDTH | {ord(sign): plain for sign, plain in _SIGNS.items()}


class Seen(NamedTuple):
    """What was seen in a strip: mean confidence and that of the least sure character (0 to 1), other likely readings."""

    text: str
    score: float
    least: float = 1.0
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of text as recognised: its mean confidence (0 to 1), its corners, its least sure character, other readings."""

    text: str
    score: float
    quad: Quad
    least: float = 1.0
    others: tuple[str, ...] = ()

    @property
    def sure(self) -> float:
        """How sure it is: one guessed character among many sure ones is a guess."""
        return min(self.score, (1 + self.least) / 2)

    @property
    def seen(self) -> Seen:
        """What was seen, without where."""
        return Seen(self.text, self.score, self.least, self.others)

    @property
    def tidy(self) -> str:
        """The text without blanks, full-width signs narrowed."""
        return self.text.translate(_TIDY)


@dataclass(frozen=True, slots=True)
class Placed:
    """A line in the frame of the paper: turned so that rows run level. Heights and places in pixels."""

    line: Line
    index: int
    left: float
    right: float
    middle: float
    height: float

    @property
    def text(self) -> str:
        """The tidy text."""
        return self.line.tidy


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces at the same height, from left to right."""

    pieces: tuple[Placed, ...]

    @property
    def text(self) -> str:
        """The row's text, read through."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def middle(self) -> float:
        """Mean height of the row in the frame of the paper."""
        return sum(piece.middle for piece in self.pieces) / len(self.pieces)


def placed(lines: Sequence[Line]) -> tuple[Placed, ...]:
    """Return the lines in the frame of the paper: parallel lines seen at a slant meet in one point, and are made level."""
    slope, change, centre = _pencil(lines)
    cos, sin = math.cos(-math.atan(slope)), math.sin(-math.atan(slope))
    found = []
    for index, line in enumerate(lines):
        across = [x * cos - y * sin for x, y in line.quad]
        height = (math.dist(line.quad[0], line.quad[3]) + math.dist(line.quad[1], line.quad[2])) / 2
        x, y = _middle(line)
        level = (y - slope * (x - centre)) / max(1 + change * (x - centre), 0.2)
        found.append(Placed(line, index, min(across), max(across), level, height))
    return tuple(found)


def _middle(line: Line) -> Point:
    return sum(x for x, _ in line.quad) / 4, sum(y for _, y in line.quad) / 4


def _pencil(lines: Sequence[Line]) -> tuple[float, float, float]:
    """Return slope and its change from row to row: a row at height y on the centre line climbs slope + change * y.

    Fitted over lines clearly wider than high, by width; without enough of them all rows climb alike.
    """
    seen = []
    for line in lines:
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line.quad
        width, height = math.dist((x0, y0), (x1, y1)), math.dist((x0, y0), (x3, y3))
        if width > 2.5 * height and abs(x1 - x0) > abs(y1 - y0):
            seen.append((((y1 - y0) / (x1 - x0) + (y2 - y3) / max(x2 - x3, 1.0)) / 2, *_middle(line), width))
    if not seen:
        return 0.0, 0.0, 0.0
    centre = sum(x for _, x, _, _ in seen) / len(seen)
    middle = _weighted_median([(slope, width) for slope, _, _, width in seen])
    kept = [(slope, y - slope * (x - centre), width) for slope, x, y, width in seen if abs(slope - middle) < 0.12]
    total = sum(width for _, _, width in kept)
    mean_slope = sum(slope * width for slope, _, width in kept) / total
    mean_y = sum(y * width for _, y, width in kept) / total
    spread = sum(width * (y - mean_y) ** 2 for _, y, width in kept)
    if len(kept) < 4 or spread < total * 60**2:
        return middle, 0.0, centre
    change = sum(width * (y - mean_y) * (slope - mean_slope) for slope, y, width in kept) / spread
    return mean_slope - change * mean_y, change, centre


def _weighted_median(values: Sequence[tuple[float, float]]) -> float:
    half, passed = sum(weight for _, weight in values) / 2, 0.0
    for value, weight in sorted(values):
        passed += weight
        if passed >= half:
            return value
    return 0.0


def rows(pieces: Iterable[Placed], *, slack: float = 0.55) -> tuple[Row, ...]:
    """Group pieces into rows from top to bottom: same row when middles differ by less than `slack` heights."""
    grouped: list[list[Placed]] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        for group in reversed(grouped[-3:]):
            nearest = min(group, key=lambda other: abs(other.left - piece.left))
            if abs(nearest.middle - piece.middle) < slack * min(piece.height, nearest.height):
                group.append(piece)
                break
        else:
            grouped.append([piece])
    found = [Row(tuple(sorted(group, key=lambda piece: piece.left))) for group in grouped]
    return tuple(sorted(found, key=lambda row: row.middle))


def with_text(lines: Sequence[Line], index: int, seen: Seen) -> tuple[Line, ...]:
    """Return the lines with one of them read differently."""
    line = Line(seen.text, seen.score, lines[index].quad, seen.least, seen.others)
    return (*lines[:index], line, *lines[index + 1:])


def hull(pieces: Sequence[Placed]) -> Quad | None:
    """Return the corners around the pieces, in pixels of the picture: leaning as their row does, upright over several."""
    if not pieces:
        return None
    first, last = min(pieces, key=lambda piece: piece.left), max(pieces, key=lambda piece: piece.right)
    if max(piece.middle for piece in pieces) - min(piece.middle for piece in pieces) < first.height:
        return (first.line.quad[0], last.line.quad[1], last.line.quad[2], first.line.quad[3])
    points = [point for piece in pieces for point in piece.line.quad]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    return ((left, top), (right, top), (right, bottom), (left, bottom))
