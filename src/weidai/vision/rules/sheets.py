"""The pages of a PDF as one long sheet: each levelled, equally wide, one under the other, so that rows go on overleaf. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from weidai.vision.rules.dates import amounts_in
from weidai.vision.rules.fields import Check, PageFrame, Quality, Reading
from weidai.vision.rules.lines import Line, Quad, placed

MOST_PAGES = 30
WIDTH = 1_600  # of every page on the long sheet
AS_DRAWN = "text_as_drawn"  # the check: the text layer says what the page shows
NEARLY = 0.85  # confidence of a piece that the recogniser saw nearly so
AGAINST = 0.5  # … and of one it saw otherwise


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page as it was read: size upright in pixels, pieces of text there, the first `written` of them its text layer's."""

    width: int
    height: int
    lines: tuple[Line, ...]
    written: int = 0
    turned: int = 0
    quality: Quality | None = None  # of a page that was read as a picture

    @property
    def is_text(self) -> bool:
        """Say whether its text layer was read."""
        return self.quality is None

    def levelled(self) -> tuple[Line, ...]:
        """Return its pieces as they would stand on a page that lies straight."""
        return self.lines if self.is_text else levelled(self.lines)


@dataclass(frozen=True, slots=True)
class LongSheet:
    """All pages' pieces in one frame: `lines` levelled for reading, `shown` where they stand, `origins` page and place."""

    lines: tuple[Line, ...]
    shown: tuple[Quad, ...]
    origins: tuple[tuple[int, int], ...]
    frames: tuple[PageFrame, ...]

    @property
    def height(self) -> int:
        """The height of all pages together."""
        return sum(frame.height for frame in self.frames)


Bounds = tuple[float, float]  # the first and last height of a page that counts, in its pixels
WHOLE: Bounds = (float("-inf"), float("inf"))


def table_bounds(leaf: Leaf, read: Callable[[Sequence[Line]], Reading], *, is_first: bool, is_last: bool) -> Bounds:
    """Return where the rows of one page of a statement stand: what is above and below them is said on every page again.

    The first page keeps its head, the last its foot; a page in which no rows were found is kept whole.
    """
    level = leaf.levelled()
    used = [level[index].quad for row in read(level).rows for index in row.lines]
    if not used:
        return WHOLE
    top, bottom = min(quad[0][1] for quad in used), max(quad[3][1] for quad in used)
    return (WHOLE[0] if is_first else top - 1, WHOLE[1] if is_last else bottom + 1)


def long_sheet(leaves: Sequence[Leaf], bounds: Sequence[Bounds] = ()) -> LongSheet:
    """Lay the pages one under the other, each within its bounds where some are given."""
    lines: list[Line] = []
    shown: list[Quad] = []
    origins: list[tuple[int, int]] = []
    frames = []
    top = 0
    for number, leaf in enumerate(leaves):
        scale = WIDTH / leaf.width
        first, last = bounds[number] if bounds else WHOLE
        for place, (line, straight) in enumerate(zip(leaf.lines, leaf.levelled(), strict=True)):
            if not first <= (straight.quad[0][1] + straight.quad[3][1]) / 2 <= last:
                continue
            lines.append(replace(straight, quad=_moved(straight.quad, scale, top)))
            shown.append(_moved(line.quad, scale, top))
            origins.append((number, place))
        frames.append(PageFrame(WIDTH, round(leaf.height * scale), leaf.turned, leaf.is_text))
        top += frames[-1].height
    return LongSheet(tuple(lines), tuple(shown), tuple(origins), tuple(frames))


def levelled(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines as they would stand on a page that lies straight."""
    if not lines:
        return ()
    put = placed(lines)
    middles = [sum(x for x, _ in line.quad) / 4 for line in lines]
    aside = sum(middle - (one.left + one.right) / 2 for middle, one in zip(middles, put, strict=True)) / len(lines)
    found = []
    for line, one in zip(lines, put, strict=True):
        left, right = one.left + aside, one.right + aside
        top, bottom = one.middle - one.height / 2, one.middle + one.height / 2
        found.append(replace(line, quad=((left, top), (right, top), (right, bottom), (left, bottom))))
    return tuple(found)


def _moved(quad: Quad, scale: float, top: float) -> Quad:
    return cast(Quad, tuple((x * scale, y * scale + top) for x, y in quad))


def lines_that_count(reading: Reading, lines: Sequence[Line]) -> list[int]:
    """Return which lines a reading rests on so that they must be what is drawn.

    Of a row that follows from the balance before it the balance is enough: the amount is the difference of two. Where
    money came in, which may be income, and where nothing can be compared, every piece of the row counts.
    """
    found = {index for field in reading.fields for index in field.lines}
    for row in reading.rows:
        whole = row.adds_up is not True or row.amount_fen is None or row.amount_fen > 0
        found |= {index for index in row.lines if whole or row.balance_fen in amounts_in(lines[index].tidy)}
    return sorted(found)


def as_shown(reading: Reading, sheet: LongSheet, *, as_drawn: bool | None) -> Reading:
    """Return the reading with its boxes where the pages show them, and whether the text layer says what is drawn."""
    fields = tuple(replace(field, quad=_around(field.lines, sheet)) for field in reading.fields)
    rows = tuple(replace(row, quad=_around(row.lines, sheet)) for row in reading.rows)
    return replace(reading, fields=fields, rows=rows, checks=(*reading.checks, Check(AS_DRAWN, as_drawn)))


def _around(indexes: Sequence[int], sheet: LongSheet) -> Quad | None:
    if not indexes:
        return None
    quads = [sheet.shown[index] for index in indexes]
    first, last = min(quads, key=lambda quad: quad[0][0]), max(quads, key=lambda quad: quad[1][0])
    if max(quad[0][1] for quad in quads) < min(quad[3][1] for quad in quads):  # all at one height
        return (first[0], last[1], last[2], first[3])
    points = [point for quad in quads for point in quad]
    (left, right), (top, bottom) = ((min(axis), max(axis)) for axis in zip(*points, strict=True))
    return ((left, top), (right, top), (right, bottom), (left, bottom))
