"""Pictures drawn by the server as SVG, for pages that run no chart program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

WIDTH, HEIGHT = 343, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 12, 12, 30, 26
SCORE_MAXIMUM = 1000


@dataclass(frozen=True, slots=True)
class Dot:
    """One assessment in the picture: place, score and day."""

    x: int
    y: int
    score: int
    on: date


@dataclass(frozen=True, slots=True)
class Trend:
    """The line of scores, ready for the template; coordinates in a box of WIDTH by HEIGHT."""

    line: str
    dots: tuple[Dot, ...]
    low: int
    high: int
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - _BOTTOM


def trend(points: Sequence[tuple[date, int]]) -> Trend | None:
    """Place scores over time, oldest first; None when there is nothing to compare yet."""
    if len(points) < 2:
        return None
    scores = [score for _, score in points]
    low, high = max(min(scores) - 50, 0), min(max(scores) + 50, SCORE_MAXIMUM)
    across, down = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    dots = tuple(
        Dot(_LEFT + across * place // (len(points) - 1), _TOP + down * (high - score) // max(high - low, 1), score, on)
        for place, (on, score) in enumerate(points))
    return Trend(" ".join(f"{dot.x},{dot.y}" for dot in dots), dots, low, high)


SPARK_WIDTH, SPARK_HEIGHT = 343, 64
_SPARK_SIDE, _SPARK_TOP, _SPARK_BOTTOM = 6, 8, 8


@dataclass(frozen=True, slots=True)
class Spark:
    """An indicator's year in a small box: pieces of line where values follow each other, dots, and the threshold's height."""

    lines: tuple[str, ...]
    dots: tuple[tuple[int, int], ...]
    threshold_y: int
    width: int = SPARK_WIDTH
    height: int = SPARK_HEIGHT


def spark(values: Sequence[Fraction | None], threshold: Fraction) -> Spark | None:
    """Place values over time against their threshold, oldest first; a month without a value is a gap. None below two."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    low, high = min([*known, threshold]), max([*known, threshold])
    spread, down = high - low or Fraction(1), SPARK_HEIGHT - _SPARK_TOP - _SPARK_BOTTOM
    across = SPARK_WIDTH - 2 * _SPARK_SIDE

    def height(value: Fraction) -> int:
        return _SPARK_TOP + round(down * (high - value) / spread)

    pieces: list[list[tuple[int, int]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((_SPARK_SIDE + across * place // (len(values) - 1), height(value)))
    lines = tuple(" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1)
    return Spark(lines, tuple(dot for piece in pieces for dot in piece), height(threshold))
