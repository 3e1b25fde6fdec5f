"""Pictures drawn by the server as SVG, for pages that run no chart program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

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
