"""Cells of a sheet: pieces of text cut at known labels, and what stands beside, under or behind a label (R4.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from weidai.vision.rules.lines import Line, Placed, Row, placed, rows
from weidai.vision.rules.words import is_mark, is_stray, simplified

_FAR = 4.5  # heights a value may stand under its heading
_WRAPPED = 1.5  # heights between the lines of one value; the next field stands further down


@dataclass(frozen=True, slots=True)
class Cell:
    """A label or a value: its text, its place in the frame of the paper, the pieces it was read from."""

    text: str
    left: float
    right: float
    middle: float
    height: float
    pieces: tuple[Placed, ...]
    is_label: bool = False

    @property
    def centre(self) -> float:
        """Half-way between left and right."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper's cells, row by row from top to bottom; `is_marked` when a mark stood on it."""

    rows: tuple[tuple[Cell, ...], ...]
    plain: tuple[Row, ...]
    is_marked: bool

    def cells(self) -> Iterable[Cell]:
        """All cells, in reading order."""
        return (cell for row in self.rows for cell in row)


def sheet(lines: Sequence[Line], labels: Iterable[str]) -> Sheet:
    """Return the cells of the lines; the labels are those of the kind of paper."""
    marked = any(is_mark(line.tidy) for line in lines)
    plain = rows(piece for piece in placed(lines) if piece.text and not is_stray(piece.text))
    known = frozenset(labels)
    opening = re.compile("|".join(sorted(map(re.escape, known), key=len, reverse=True)))
    return Sheet(tuple(tuple(_cells(row, known, opening)) for row in plain), plain, marked)


def _cells(row: Row, known: frozenset[str], opening: re.Pattern[str]) -> list[Cell]:
    found: list[Cell] = []
    place = 0
    while place < len(row.pieces):
        spread = _spread(row.pieces[place:place + 6], known)
        if spread:
            pieces = row.pieces[place:place + spread]
            found.append(_cell(simplified("".join(piece.text for piece in pieces)).strip(":"), pieces, is_label=True))
            place += spread
            continue
        begun = _begun(row.pieces[place:place + 2], known)
        if begun:
            found.append(_cell(begun, row.pieces[place:place + 1], is_label=True))
            rest = row.pieces[place + 1]
            left_out = len(begun) - len(row.pieces[place].text)
            found.append(_part(rest, left_out, len(rest.text), False))
            place += 2
            continue
        found += _cut(row.pieces[place], opening)
        place += 1
    return found


def _begun(pieces: Sequence[Placed], known: frozenset[str]) -> str:
    """Return the label whose first characters stand apart and whose last ones were read with the value; else nothing."""
    if len(pieces) < 2 or len(pieces[0].text) > 3:
        return ""
    first, joined = simplified(pieces[0].text), simplified(pieces[0].text + pieces[1].text)
    fitting = [label for label in known
               if label.startswith(first) and len(first) < len(label) < len(joined) and joined.startswith(label)]
    return max(fitting, key=len, default="")


def _spread(pieces: Sequence[Placed], known: frozenset[str]) -> int:
    """Return how many pieces spell a label whose characters stand apart, 0 when none."""
    for count in range(len(pieces), 1, -1):
        some = pieces[:count]
        if all(len(piece.text) <= 3 for piece in some) and simplified("".join(p.text for p in some)).strip(":") in known:
            return count
    return 0


def _cut(piece: Placed, opening: re.Pattern[str]) -> list[Cell]:
    """Return a piece cut before and after the labels in it: at its beginning, or followed by a colon."""
    text = simplified(piece.text)
    parts: list[tuple[int, int, bool]] = []
    at = 0
    while at < len(text):
        match = opening.match(text, at)
        if match:
            parts.append((at, match.end(), True))
            at = match.end() + (len(text[match.end():]) - len(text[match.end():].lstrip(":.·")))
            continue
        later = [found.start() for found in opening.finditer(text, at) if text[found.end():found.end() + 1] == ":"]
        ends = min(later, default=len(text))
        parts.append((at, ends, False))
        at = ends
    return [_part(piece, *part) for part in parts]


def _part(piece: Placed, begins: int, ends: int, is_label: bool) -> Cell:
    widths = [1.0 if ord(sign) < 0x300 else 1.9 for sign in piece.text]
    unit = (piece.right - piece.left) / max(sum(widths), 1)
    left, right = piece.left + unit * sum(widths[:begins]), piece.left + unit * sum(widths[:ends])
    text = piece.text[begins:ends]
    return Cell(simplified(text) if is_label else text, left, right, piece.middle, piece.height, (piece,), is_label)


def _cell(text: str, pieces: Sequence[Placed], *, is_label: bool) -> Cell:
    return Cell(text, pieces[0].left, pieces[-1].right, sum(piece.middle for piece in pieces) / len(pieces),
                max(piece.height for piece in pieces), tuple(pieces), is_label)


def value_of(paper: Sheet, labels: Sequence[str], accept: Callable[[str], bool]) -> Cell | None:
    """Return the value of the first of some labels that has an acceptable one: beside it, else under it."""
    for label in labels:
        for number, row in enumerate(paper.rows):
            for place, cell in enumerate(row):
                if not (cell.is_label and cell.text == label):
                    continue
                beside = row[place + 1] if place + 1 < len(row) else None
                if beside is not None and not beside.is_label and accept(beside.text):
                    return beside
                under = None if beside is not None and not beside.is_label and _is_lone(row) else _under(paper, number, cell)
                if under is not None and accept(under.text):
                    return under
    return None


def _is_lone(row: Sequence[Cell]) -> bool:
    """Say whether a row is one label with its value, not a row of headings."""
    return sum(cell.is_label for cell in row) == 1 and len(row) == 2


def _under(paper: Sheet, number: int, head: Cell) -> Cell | None:
    """Return the cell under a heading: of the next row that has one there."""
    for row in paper.rows[number + 1:]:
        here = [cell for cell in row if min(cell.right, head.right) > max(cell.left, head.left)]
        if not here:
            continue
        best = min(here, key=lambda cell: abs(cell.centre - head.centre))
        near = abs(best.middle - head.middle) < _FAR * head.height
        return best if near and not best.is_label else None
    return None


def wrapped(paper: Sheet, value: Cell) -> tuple[Cell, ...]:
    """Return a value with the lines it goes on in: under it, begun at the same place, with no label before them."""
    found = [value]
    behind = not value.text.startswith(value.pieces[0].text)  # a label before it in the same piece may be spread wide
    most = (6 if behind else 1.3) * value.height
    for row in paper.rows:
        for place, cell in enumerate(row):
            last = found[-1]
            if (not cell.is_label and -1.3 * value.height < cell.left - value.left < most
                    and 0.4 * value.height < cell.middle - last.middle < _WRAPPED * max(value.height, cell.height)
                    and not (place and row[place - 1].is_label)):
                found.append(cell)
    return tuple(found)
