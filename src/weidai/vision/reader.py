"""Bytes in, fields out: one picture of one paper, read, doubted where needed and read again (R1.4, R4.1).

Runs in the reading process; the rest of weidai asks through `services.paper_read`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import cast

import cv2

from weidai.vision import quality
from weidai.vision.engine import FIND_SIDE_CLOSELY, VERSION, Engine, Pixels, cropped
from weidai.vision.rules.fields import SURE, Kind, PaperRead, Reading
from weidai.vision.rules.lines import Line, Seen, with_text
from weidai.vision.rules.parsing import parser

MOST_DOUBTED = 12  # lines read again of one picture …
_MOST_DOUBTED_ROWS = 24  # … of a statement
DOUBT_BELOW = 0.96
_SUMS = (Kind.PAYSLIP, Kind.TAX_CERTIFICATE, Kind.BANK_STATEMENT)  # papers whose amounts confirm each other to the last digit
_INSTEAD = 0.85  # how sure a reading is at most that was chosen because it fits
_MUST = {Kind.ID_FRONT: ("id_number", "name", "address"), Kind.ID_BACK: ("authority", "valid_to"),
         Kind.DEBIT_CARD: ("card_number",)}  # of a card; without one of them it is looked at more closely


class Reader:
    """Reads papers one after the other."""

    def __init__(self) -> None:
        self.engine = Engine()

    def read(self, picture: bytes, kind: Kind, *, on: date) -> PaperRead:
        """Return what stands on the paper; refuses what is no picture. A bad picture gives empty fields and faults."""
        pixels = quality.decoded(picture)
        measured = quality.measured(pixels)
        upright, lines, turned = self.engine.lines(pixels)
        parse = parser(kind, on=on)
        reading = parse(self.settled(upright, lines, parse))
        if kind in _MUST and lines and not all(reading.value(code) for code in _MUST[kind]):
            closer, more, turned_too = self.engine.lines(pixels, find_side=FIND_SIDE_CLOSELY)
            again = parse(self.settled(closer, more, parse))
            if _worth(again) > _worth(reading):
                upright, reading, turned = closer, again, turned_too
        return PaperRead(reading, measured, upright.shape[1], upright.shape[0], VERSION, turned)

    def settled(self, pixels: Pixels, lines: tuple[Line, ...], parse: Callable[[Sequence[Line]], Reading]) -> tuple[Line, ...]:
        """Return the lines, doubtful ones read again from differently treated strips: what checks best, then is seen most."""
        reading = parse(lines)
        if reading.kind in _SUMS:
            lines = _instead(lines, parse)
            reading = parse(lines)
        for index in _doubtful(reading, lines):
            again = self.engine.recognised(_strips(pixels, lines[index]))
            options = [lines[index].seen, *again]
            seen = Counter(option.text for option in options)
            best = max(options, key=lambda option, at=index, counts=seen: (  # type: ignore[misc]
                _worth(parse(with_text(lines, at, option))), counts[option.text], option.score))
            if best.text != lines[index].text or best.score > lines[index].score:
                lines = with_text(lines, index, best)
        return lines


def _doubtful(reading: Reading, lines: Sequence[Line]) -> list[int]:
    """Return the lines worth another look, the least sure first."""
    found = {index for field in reading.fields for index in field.lines
             if field.is_doubtful or lines[index].score < DOUBT_BELOW}
    found |= {index for row in reading.rows for index in row.lines
              if row.adds_up is False or lines[index].sure < SURE}
    if any(check.passed is False for check in reading.checks):
        found |= {index for field in reading.fields for index in field.lines}
    most = _MOST_DOUBTED_ROWS if reading.kind is Kind.BANK_STATEMENT else MOST_DOUBTED
    return sorted(found, key=lambda index: lines[index].score)[:most]


def _instead(lines: tuple[Line, ...], parse: Callable[[Sequence[Line]], Reading]) -> tuple[Line, ...]:
    """Take a guessed character for its next best where the sums then hold: nothing is looked at again."""
    worth = _worth(parse(lines))
    for index, line in enumerate(lines):
        for text in line.others:
            other = with_text(lines, index, Seen(text, min(line.score, _INSTEAD), 2 * _INSTEAD - 1))
            if (found := _worth(parse(other))) > worth:
                lines, worth = other, found
                break
    return lines


def _strips(pixels: Pixels, line: Line) -> list[Pixels]:
    """Return the line cut wider, sharpened and smoothed."""
    wide = cropped(pixels, line.quad, wider=0.12)
    tall = cv2.resize(wide, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    soft = cv2.bilateralFilter(tall, 7, 45, 5)
    sharp = cv2.addWeighted(soft, 1.8, cv2.GaussianBlur(soft, (0, 0), 3), -0.8, 0)
    return [wide, cast(Pixels, soft), cast(Pixels, sharp)]


def _worth(reading: Reading) -> int:
    """Return how much of a reading holds: checks passed less checks failed, and fields that say something."""
    checks = [*reading.checks, *(check for field in reading.fields for check in field.checks)]
    told = sum((check.passed is True) - 2 * (check.passed is False) for check in checks)
    return told + sum(bool(field.value) for field in reading.fields) + sum(
        (row.adds_up is True) - (row.adds_up is False) for row in reading.rows)
