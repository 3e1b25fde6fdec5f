"""Photograph specimens, read them, and compare with what was drawn: shared by the tests and `make bench-ocr`."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.specimens import camera, cards, papers
from tests.specimens.fonts import Face, can_draw
from tests.specimens.people import Person, person
from weidai.kernel.errors import Invalid
from weidai.kernel.id_card import id_card_number
from weidai.vision.rules.fields import Kind, PaperRead

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


def card_read(reader: Any, seed: int, face: Face, tier: int) -> CardResult:
    """Draw, photograph and read both sides of the card of a seed."""
    who = drawable(seed, face)
    sides, seconds = [], []
    for kind, draw in ((Kind.ID_FRONT, cards.front), (Kind.ID_BACK, cards.back)):
        photo = camera.photograph(draw(who, face, seed=seed), tier=tier, seed=seed * 2 + (kind == Kind.ID_BACK))
        begun = time.process_time()
        sides.append(reader.read(photo, kind, on=ON))
        seconds.append(time.process_time() - begun)
    got, true = _eight(*sides), _truth(who)
    wrong = tuple((code, true[code], got[code][0], got[code][1]) for code in EIGHT if got[code][0] != true[code])
    number = got["id_number"][0]
    return CardResult(
        tier, seed, face.name, frozenset(code for code in EIGHT if got[code][0] == true[code]),
        number != who.number and _is_valid(number), (seconds[0], seconds[1]), wrong)


def drawable(seed: int, face: Face) -> Person:
    """Return the person of a seed, or of the next one in the same thousand steps whose every character the font has."""
    for step in range(50):
        who = person(seed + step * 1_000_003)
        if can_draw(face, who.name + who.address + who.authority + who.ethnicity):
            return who
    raise AssertionError(f"{face.name} can draw nobody near seed {seed}")


def _eight(front: PaperRead, back: PaperRead) -> dict[str, tuple[str, float]]:
    found = {field.code: (field.value, field.confidence) for paper in (front, back) for field in paper.reading.fields}
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


DRAWN: Mapping[Kind, Callable[[int, Face], papers.Paper]] = {
    Kind.DEBIT_CARD: papers.debit_card, Kind.BUSINESS_LICENCE: papers.business_licence, Kind.PAYSLIP: papers.payslip,
    Kind.TAX_CERTIFICATE: papers.tax_certificate, Kind.BANK_STATEMENT: papers.bank_statement,
}


@dataclass(frozen=True, slots=True)
class PaperResult:
    """One other paper: exact fields by name, rows exact and seen, rows wrong although the balance runs."""

    kind: Kind
    tier: int
    seconds: float
    fields: dict[str, bool]
    rows: int
    rows_exact: int
    rows_wrong_but_running: int
    wrong: tuple[tuple[str, str, str], ...]


def paper_read(reader: Any, kind: Kind, seed: int, face: Face, tier: int) -> PaperResult:
    """Draw, photograph and read one other paper."""
    drawn = _paper(kind, seed, face)
    photo = camera.photograph(drawn.picture, tier=tier, seed=seed)
    begun = time.process_time()
    read = reader.read(photo, kind, on=ON).reading
    seconds = time.process_time() - begun
    rows = [(row.booked_on, row.summary, row.amount_fen, row.balance_fen) for row in read.rows]
    exact = sum(row in rows for row in drawn.rows)
    lying = sum(row.adds_up is True and found not in drawn.rows and found[2:] not in [true[2:] for true in drawn.rows]
                for row, found in zip(read.rows, rows, strict=True))
    fields = {code: read.value(code) == value for code, value in drawn.fields.items()}
    wrong = tuple((code, value, read.value(code)) for code, value in drawn.fields.items() if not fields[code])
    wrong += tuple(("row", str(row), "") for row in drawn.rows if row not in rows)
    return PaperResult(kind, tier, seconds, fields, len(drawn.rows), exact, lying, wrong)


def _paper(kind: Kind, seed: int, face: Face) -> papers.Paper:
    for step in range(50):
        drawn = DRAWN[kind](seed + step * 1_000_003, face)
        if can_draw(face, "".join(drawn.fields.values())):
            return drawn
    raise AssertionError(f"{face.name} can draw no {kind} near seed {seed}")


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
