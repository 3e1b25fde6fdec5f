"""How a PDF is read: page by page, by its text layer where it has one, and never without looking at what is drawn (R4.1).

A text layer says exactly what stands on a page, or whatever its maker liked: so every piece a field or row rests on is
recognised in the drawing too. Where the two differ, what is drawn counts, unsurely, and the paper carries a failed check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from weidai.vision.rules.agreement import Looked, agreement
from weidai.vision.rules.fields import Kind, PaperRead, Quality, Reading
from weidai.vision.rules.lines import Line, Quad
from weidai.vision.rules.parsing import parser
from weidai.vision.rules.sheets import (
    AGAINST,
    NEARLY,
    WIDTH,
    Leaf,
    LongSheet,
    as_shown,
    lines_that_count,
    long_sheet,
    table_bounds,
)
from weidai.vision.rules.words import is_mark

LEAST_SIGNS = 20  # of a text layer worth reading: less is a stamp of the program that made the file
_ROUNDS = 4  # a piece read otherwise may bring another into a field, which is then looked at too
_LEAST_WORTHLESS, _WORTHLESS = 6, 0.5  # share of pieces drawn otherwise from which a text layer is dropped
_SCANNED = 0.6  # share of the text on a page that its text layer does not know
_ENGINE = "PDFium · {}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One page as it is drawn, with its text layer; `leaning` counts signs that do not lie level."""

    picture: bytes
    width: int
    height: int
    lines: tuple[Line, ...]
    leaning: int


class Looker(Protocol):
    """Opens pages and recognises text on them."""

    engine: str

    async def page(self, number: int) -> Drawn:
        """Return a page, counted from 0."""

    async def whole(self, picture: bytes, kind: Kind, on: date) -> Leaf:
        """Read a page as a picture."""

    async def beside(self, picture: bytes, known: Sequence[Quad]) -> tuple[int, tuple[Line, ...]]:
        """Return how many pieces of text a page shows, and those that stand beside the known ones."""

    async def strips(self, picture: bytes, quads: Sequence[Quad], *, closely: bool) -> list[list[Looked]]:
        """Recognise what is drawn at some places; `closely` in several treatments."""


@dataclass(slots=True)
class _Paper:
    """A PDF on its way."""

    look: Looker
    kind: Kind
    on: date
    leaves: list[Leaf] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)
    looked_at: set[tuple[int, int]] = field(default_factory=set)  # page and place
    otherwise: set[tuple[int, int]] = field(default_factory=set)
    overlaid: set[tuple[int, int]] = field(default_factory=set)  # something else seems to be drawn in their places
    had_text: bool = False

    def read(self) -> tuple[LongSheet, Reading]:
        """Read all pages as one sheet; of a statement the table goes on from page to page."""
        parse, last = parser(self.kind, on=self.on), len(self.leaves) - 1
        bounds = [table_bounds(leaf, parse, is_first=page == 0, is_last=page == last)
                  for page, leaf in enumerate(self.leaves)] if self.kind is Kind.BANK_STATEMENT and last else []
        sheet = long_sheet(self.leaves, bounds)
        reading = parse(sheet.lines)
        marked = any(is_mark(line.tidy) for leaf in self.leaves for line in leaf.lines)
        return sheet, replace(reading, is_marked=marked or reading.is_marked)

    def unseen(self, sheet: LongSheet, reading: Reading) -> dict[int, list[int]]:
        """Return the pieces of text layers that count and were not looked at yet: places by page."""
        found: dict[int, list[int]] = {}
        count = {sheet.origins[index] for index in lines_that_count(reading, sheet.lines)}
        for page, place in sorted(count | self.overlaid):
            if place < self.leaves[page].written and (page, place) not in self.looked_at:
                found.setdefault(page, []).append(place)
        return found


async def pdf_read(look: Looker, *, pages: int, kind: Kind, on: date) -> PaperRead:
    """Read a PDF of so many pages; `on` is today. Rows and fields stand in the frame of all pages, one under the other."""
    paper = _Paper(look, kind, on)
    for number in range(pages):
        await _page_add(paper, number)
    sheet, reading = paper.read()
    if paper.had_text and not (reading.rows or any(one.value for one in reading.fields)):
        for page, leaf in enumerate(paper.leaves):  # signs without meaning: fonts that do not say what they draw
            if leaf.is_text:
                paper.leaves[page] = await look.whole(paper.pictures[page], kind, on)
        sheet, reading = paper.read()
    for _ in range(_ROUNDS):
        unseen = paper.unseen(sheet, reading)
        if not unseen:
            break
        for page, places in unseen.items():
            await _look(paper, page, places)
        sheet, reading = paper.read()
    as_drawn = not paper.otherwise if paper.looked_at else None
    reading = as_shown(reading, sheet, as_drawn=as_drawn)
    return PaperRead(reading, _quality(paper.leaves, sheet), WIDTH, sheet.height, _ENGINE.format(look.engine), 0, sheet.frames)


async def _page_add(paper: _Paper, number: int) -> None:
    """Add a page: with its text layer and what is drawn beside it, or, where that knows little of it, as a picture."""
    drawn = await paper.look.page(number)
    paper.pictures.append(drawn.picture)
    if sum(len(line.text) for line in drawn.lines) >= max(LEAST_SIGNS, drawn.leaning):
        shown, beside = await paper.look.beside(drawn.picture, [line.quad for line in drawn.lines])
        beside = tuple(line for line in beside if not _is_known(line, drawn.lines))
        if len(beside) <= _SCANNED * shown:
            paper.had_text = True
            paper.overlaid |= {(number, place) for place, line in enumerate(drawn.lines)
                               if any(_lie_over(line, one) for one in beside)}
            paper.leaves.append(Leaf(drawn.width, drawn.height, (*drawn.lines, *beside), len(drawn.lines)))
            return
    paper.leaves.append(await paper.look.whole(drawn.picture, paper.kind, paper.on))


async def _look(paper: _Paper, page: int, places: Sequence[int]) -> None:
    """Hold pieces of a text layer against what is drawn in their places."""
    leaf, picture = paper.leaves[page], paper.pictures[page]
    quads = [leaf.lines[place].quad for place in places]
    looks = await paper.look.strips(picture, quads, closely=False)
    found = [agreement(leaf.lines[place].tidy, _tidy(look)) for place, look in zip(places, looks, strict=True)]
    again = [at for at, one in enumerate(found) if one != "same"]
    if again:
        closer = await paper.look.strips(picture, [quads[at] for at in again], closely=True)
        for at, look in zip(again, closer, strict=True):
            looks[at] = [*looks[at], *look]
            found[at] = agreement(leaf.lines[places[at]].tidy, _tidy(looks[at]))
    lines = list(leaf.lines)
    for place, one, look in zip(places, found, looks, strict=True):
        paper.looked_at.add((page, place))
        if one == "near":
            lines[place] = replace(lines[place], score=NEARLY)
        elif one == "other":
            paper.otherwise.add((page, place))
            text, score = max(look, key=lambda seen: seen[1])
            lines[place] = replace(lines[place], text=text, score=min(score, AGAINST))
    paper.leaves[page] = replace(leaf, lines=tuple(lines))
    others = sum(one == "other" for one in found)
    if others >= _LEAST_WORTHLESS and others > _WORTHLESS * len(found):
        paper.leaves[page] = await paper.look.whole(picture, paper.kind, paper.on)


def _lie_over(one: Line, other: Line) -> bool:
    """Say whether two level pieces share more than a touch of their places."""
    (left, top), _, (right, bottom), _ = one.quad
    (far_left, far_top), _, (far_right, far_bottom), _ = other.quad
    across, down = min(right, far_right) - max(left, far_left), min(bottom, far_bottom) - max(top, far_top)
    return across > 0 and down > 0.25 * min(bottom - top, far_bottom - far_top)


def _is_known(line: Line, known: Sequence[Line]) -> bool:
    """Say whether a piece found beside the text layer is one of its own, put a little aside by its font."""
    (left, top), _, (right, bottom), _ = line.quad
    return any(one.quad[0][0] < right and one.quad[1][0] > left and abs(one.quad[0][1] - top) < bottom - top
               and agreement(one.tidy, [(line.tidy, line.score)]) == "same" for one in known)


def _tidy(look: Sequence[Looked]) -> list[Looked]:
    flat: Quad = ((0, 0), (0, 0), (0, 0), (0, 0))
    return [(Line(text, score, flat).tidy, score) for text, score in look]


def _quality(leaves: Sequence[Leaf], sheet: LongSheet) -> Quality:
    """Return what is wrong with the pages that were read as pictures; a text layer is always sharp."""
    measured = [leaf.quality for leaf in leaves if leaf.quality is not None]
    faults = tuple(dict.fromkeys(fault for one in measured for fault in one.faults))
    return Quality(WIDTH, sheet.height, min((one.sharpness for one in measured), default=0.0),
                   max((one.glare for one in measured), default=0.0), faults)
