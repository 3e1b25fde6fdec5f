"""Small SVG plots drawn by hand: lines, bars and points on two axes, readable in light and dark (R2.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

_WIDTH, _HEIGHT = 460, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 14, 30, 46
_MOST_POINTS = 300


@dataclass(frozen=True, slots=True)
class Series:
    """One line, set of bars or points; `tone` names a class of the style sheet (a, b, c, grey)."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    tone: str = "a"
    mark: str = "line"  # line, bars, points or steps
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axes:
    """Bounds and titles; `names` are told in place of numbers on the x axis."""

    x_title: str
    y_title: str
    x: tuple[float, float]
    y: tuple[float, float]
    names: Sequence[str] = ()
    x_percent: bool = False
    y_percent: bool = False


def plot(series: Sequence[Series], axes: Axes, *, title: str) -> str:
    """Return one plot as SVG text with a title for screen readers."""
    parts = [
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        *_grid(axes),
    ]
    parts += [_drawn(one, axes) for one in series]
    parts += _legend([one for one in series if one.name])
    return "".join([*parts, "</svg>"])


def bounds(values: Sequence[float], *, floor: float | None = None, margin: float = 0.06) -> tuple[float, float]:
    """Return axis bounds around values; `floor` fixes the lower one."""
    present = [one for one in values if one is not None and np.isfinite(one)]
    low, high = (min(present), max(present)) if present else (0.0, 1.0)
    room = (high - low) * margin or abs(high) * margin or 1.0
    return (low - room if floor is None else floor, high + room)


def _grid(axes: Axes) -> list[str]:
    parts = [
        f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{_WIDTH - _LEFT - _RIGHT}" height="{_HEIGHT - _TOP - _BOTTOM}"/>'
    ]
    for value in _ticks(*axes.y):
        y = _y(value, axes)
        parts.append(
            f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_label(value, axes.y_percent)}</text>'
        )
    shown = _name_ticks(axes) if axes.names else [(value, _label(value, axes.x_percent)) for value in _ticks(*axes.x)]
    for value, label in shown:
        parts.append(f'<text x="{_x(value, axes):.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{escape(label)}</text>')
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    parts.append(
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(axes.x_title)}</text>'
        f'<text transform="translate(13 {middle}) rotate(-90)" text-anchor="middle">{escape(axes.y_title)}</text>'
    )
    return parts


def _name_ticks(axes: Axes) -> list[tuple[float, str]]:
    every = max(1, -(-len(axes.names) // 7))
    return [(float(place), name) for place, name in enumerate(axes.names) if place % every == 0]


def _drawn(one: Series, axes: Axes) -> str:
    points = [(_x(x, axes), _y(y, axes)) for x, y in _thinned(one) if y is not None and np.isfinite(y)]
    if one.mark == "bars":
        wide = max(2.0, 0.36 * (_WIDTH - _LEFT - _RIGHT) / max(len(points), 1))
        shift = {"a": -wide / 2, "b": wide / 2}.get(one.tone, 0.0)
        base = _HEIGHT - _BOTTOM
        return "".join(
            f'<rect class="bar {one.tone}" x="{x + shift - wide / 2:.1f}" y="{min(y, base):.1f}" width="{wide:.1f}" '
            f'height="{abs(base - y):.1f}"/>'
            for x, y in points
        )
    if one.mark == "points":
        return "".join(f'<circle class="dot {one.tone}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dash = ' stroke-dasharray="4 4"' if one.dashed else ""
    return f'<polyline class="line {one.tone}" points="{path}"{dash}/>'


def _thinned(one: Series) -> list[tuple[float, float]]:
    pairs = list(zip(one.x, one.y, strict=True))
    if len(pairs) <= _MOST_POINTS:
        return pairs
    kept = np.unique(np.linspace(0, len(pairs) - 1, _MOST_POINTS).astype(int))
    return [pairs[place] for place in kept]


def _legend(series: Sequence[Series]) -> list[str]:
    """Return the names in one line above the frame, where nothing is drawn."""
    parts, x = [], float(_LEFT)
    for one in series:
        parts.append(f'<rect class="bar {one.tone}" x="{x:.0f}" y="10" width="12" height="8"/>')
        parts.append(f'<text class="legend" x="{x + 17:.0f}" y="18">{escape(one.name)}</text>')
        x += 33 + sum(12.5 if character > "\u2e80" else 6.6 for character in one.name)
    return parts


def _ticks(low: float, high: float) -> list[float]:
    step = 10 ** np.floor(np.log10(max(high - low, 1e-12) / 4))
    step *= next(factor for factor in (1, 2, 2.5, 5, 10) if (high - low) / (step * factor) <= 6)
    first = np.ceil(low / step - 1e-9) * step
    return [float(round(value, 10)) for value in np.arange(first, high + step * 1e-6, step)]


def _label(value: float, is_percent: bool) -> str:
    value = value or 0.0  # no minus before nothing
    return f"{value * 100:.4g}%" if is_percent else f"{value:.5g}"


def _x(value: float, axes: Axes) -> float:
    return _LEFT + (value - axes.x[0]) / ((axes.x[1] - axes.x[0]) or 1) * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float, axes: Axes) -> float:
    return _HEIGHT - _BOTTOM - (value - axes.y[0]) / ((axes.y[1] - axes.y[0]) or 1) * (_HEIGHT - _TOP - _BOTTOM)
