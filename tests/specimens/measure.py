"""Photograph specimens, read them, and compare with what was drawn: shared by the tests and `make bench-ocr`."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.specimens.fonts import Face
from tests.specimens.people import Person
from tests.specimens.styles import FIRST, Style
from weidai.kernel.errors import Invalid
from weidai.kernel.id_card import id_card_number
from weidai.vision.rules.fields import SURE, Kind, PaperRead, Reading

ON = date(2026, 11, 23)
EIGHT = ("name", "sex", "ethnicity", "birth_on", "address", "id_number", "authority", "validity")


@dataclass(frozen=True, slots=True)
class CardResult:
    """One card of two sides: which fields were exact, the seconds of processor time of each side, and what was wrong."""

    tier: int
    seed: int
    font: str
    exact: frozenset[str]
    wrong_but_valid: bool
    seconds: tuple[float, float]
    wrong: tuple[tuple[str, str, str, float], ...]  # field, drawn, read, confidence

    @property
    def silent(self) -> int:
        """Count fields that are wrong and look sure: nothing tells the customer to look at them again."""
        return sum(bool(read.strip("/")) and sure >= SURE for _, _, read, sure in self.wrong)


def card_read(reader: Any, seed: int, face: Face, tier: int, *, style: Style = FIRST) -> CardResult:
    """Draw, photograph and read both sides of the card of a seed."""
    who = style.person(seed, face)
    sides, seconds = [], []
    for kind, draw in ((Kind.ID_FRONT, style.front), (Kind.ID_BACK, style.back)):
        photo = style.photograph(draw(who, face, seed=seed), tier=tier, seed=seed * 2 + (kind == Kind.ID_BACK))
        begun = time.process_time()
        sides.append(reader.read(photo, kind, on=ON))
        seconds.append(time.process_time() - begun)
    got, true = _eight(*sides), _truth(who)
    wrong = tuple((code, true[code], *got[code]) for code in EIGHT if got[code][0] != true[code])
    number = got["id_number"][0]
    return CardResult(
        tier, seed, face.name, frozenset(code for code in EIGHT if got[code][0] == true[code]),
        number != who.number and _is_valid(number), (seconds[0], seconds[1]), wrong)


def _eight(front: PaperRead, back: PaperRead) -> dict[str, tuple[str, float]]:
    """Return value and confidence of each field; a failed check counts as no confidence."""
    found = {field.code: (field.value, 0.5 if field.is_doubtful else field.confidence)
             for paper in (front, back) for field in paper.reading.fields}
    begins, ends = found.pop("valid_from"), found.pop("valid_to")
    return found | {"validity": (f"{begins[0]}/{ends[0]}", min(begins[1], ends[1]))}


def _truth(who: Person) -> dict[str, str]:
    ends = who.valid_to.isoformat() if who.valid_to else "长期"
    return {
        "name": who.name, "sex": who.sex, "ethnicity": who.ethnicity, "birth_on": who.birth_on.isoformat(),
        "address": who.address, "id_number": who.number, "authority": who.authority,
        "validity": f"{who.valid_from.isoformat()}/{ends}",
    }


def _is_valid(number: str) -> bool:
    try:
        id_card_number(number, on=ON)
    except Invalid:
        return False
    return True


@dataclass(frozen=True, slots=True)
class PaperResult:
    """One other paper: exact fields by name, rows exact and seen, rows wrong although the balance runs.

    `silent` counts fields and rows that are wrong with nothing that says so: no low confidence, no failed check.
    """

    kind: Kind
    tier: int
    seed: int
    font: str
    seconds: float
    fields: dict[str, bool]
    rows: int
    rows_exact: int
    rows_wrong_but_running: int
    silent: int
    wrong: tuple[tuple[str, str, str, float], ...]  # field, drawn, read, confidence


def paper_read(reader: Any, kind: Kind, seed: int, face: Face, tier: int, *, style: Style = FIRST) -> PaperResult:
    """Draw, photograph and read one other paper."""
    drawn = style.papers[kind](seed, face)
    photo = style.photograph(drawn.picture, tier=tier, seed=seed)
    begun = time.process_time()
    read = reader.read(photo, kind, on=ON).reading
    seconds = time.process_time() - begun
    rows = [(row.booked_on, row.summary, row.amount_fen, row.balance_fen) for row in read.rows]
    exact = sum(row in rows for row in drawn.rows)
    lying = sum(row.adds_up is True and found not in drawn.rows and found[2:] not in [true[2:] for true in drawn.rows]
                for row, found in zip(read.rows, rows, strict=True))
    wrong = tuple((code, value, read.value(code), _sure(read, code)) for code, value in drawn.fields.items()
                  if read.value(code) != value)
    silent = sum(bool(value) and sure >= SURE for _, _, value, sure in wrong) + sum(
        found not in drawn.rows and row.adds_up is not False and row.confidence >= SURE and None not in found
        for row, found in zip(read.rows, rows, strict=True))
    wrong += tuple(("row", str(row), "", 0.0) for row in drawn.rows if row not in rows)
    wrong += tuple(("row", "", f"{found} {row.adds_up}", row.confidence) for row, found in zip(read.rows, rows, strict=True)
                   if found not in drawn.rows)
    fields = {code: read.value(code) == value for code, value in drawn.fields.items()}
    return PaperResult(kind, tier, seed, face.name, seconds, fields, len(drawn.rows), exact, lying, silent, wrong)


def _sure(read: Reading, code: str) -> float:
    """Return how sure a field looks, 0.5 when it or the whole paper carries a failed check."""
    field = read.field(code)
    if field is None:
        return 0.0
    against = field.is_doubtful or (code.endswith("_fen") and any(check.passed is False for check in read.checks))
    return min(field.confidence, 0.5) if against else field.confidence


@contextmanager
def network_cut() -> Iterator[list[object]]:
    """Let every attempt to reach another machine fail; yields the addresses that were tried."""
    tried: list[object] = []
    connect, lookup = socket.socket.connect, socket.getaddrinfo

    def refuse(_self: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("the network is cut")

    def refuse_lookup(host: object, *_rest: object, **_named: object) -> list[Any]:
        tried.append(host)
        raise OSError("the network is cut")

    socket.socket.connect, socket.getaddrinfo = refuse, refuse_lookup  # type: ignore[method-assign,assignment]
    try:
        yield tried
    finally:
        socket.socket.connect, socket.getaddrinfo = connect, lookup  # type: ignore[method-assign]
