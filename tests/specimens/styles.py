"""The styles specimens are drawn in: each has people, cards, papers, fonts and a camera of its own (R1.4, R4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from tests.specimens import camera, cards, fonts, papers, people
from tests.specimens.fonts import Face
from tests.specimens.people import Person
from tests.specimens.second import camera as second_camera
from tests.specimens.second import cards as second_cards
from tests.specimens.second import company, income, statement
from tests.specimens.second import fonts as second_fonts
from tests.specimens.second import people as second_people
from weidai.vision.rules.fields import Kind

Drawn = Callable[[int, Face], papers.Paper]


class Side(Protocol):
    """Draws one side of a person's card."""

    def __call__(self, who: Person, face: Face, /, *, seed: int) -> Image.Image:
        """Return the side."""


class Shot(Protocol):
    """Photographs a paper in a tier."""

    def __call__(self, picture: Image.Image, /, *, tier: int, seed: int) -> bytes:
        """Return a JPEG."""


@dataclass(frozen=True, slots=True)
class Style:
    """One generator; the fonts it was looked at with while building readers, and those kept for measuring."""

    name: str
    build: Sequence[Face]
    held_out: Sequence[Face]
    person: Callable[[int, Face], Person]
    front: Side
    back: Side
    photograph: Shot
    papers: Mapping[Kind, Drawn]


def _person(seed: int, face: Face) -> Person:
    """Return the person of a seed, or of the next one in the same thousand steps whose every character the font has."""
    for step in range(50):
        who = people.person(seed + step * 1_000_003)
        if fonts.can_draw(face, who.name + who.address + who.authority + who.ethnicity):
            return who
    raise AssertionError(f"{face.name} can draw nobody near seed {seed}")


def _drawable(draw: Drawn, can_draw: Callable[[Face, str], bool]) -> Drawn:
    def drawn(seed: int, face: Face) -> papers.Paper:
        for step in range(50):
            paper = draw(seed + step * 1_000_080, face)  # a multiple of every number of layouts
            if can_draw(face, "".join(paper.fields.values()) + "".join(row[1] for row in paper.rows)):
                return paper
        raise AssertionError(f"{face.name} can draw nothing near seed {seed}")

    return drawn


FIRST = Style(
    "first", fonts.BUILD, fonts.HELD_OUT, _person, cards.front, cards.back, camera.photograph,
    {kind: _drawable(draw, fonts.can_draw) for kind, draw in (
        (Kind.DEBIT_CARD, papers.debit_card), (Kind.BUSINESS_LICENCE, papers.business_licence), (Kind.PAYSLIP, papers.payslip),
        (Kind.TAX_CERTIFICATE, papers.tax_certificate), (Kind.BANK_STATEMENT, papers.bank_statement))})
SECOND = Style(
    "second", second_fonts.BUILD, second_fonts.HELD_OUT, second_people.person, second_cards.front, second_cards.back,
    second_camera.photograph,
    {kind: _drawable(draw, second_fonts.draws) for kind, draw in (
        (Kind.DEBIT_CARD, company.debit_card), (Kind.BUSINESS_LICENCE, company.business_licence), (Kind.PAYSLIP, income.payslip),
        (Kind.TAX_CERTIFICATE, income.tax_certificate), (Kind.BANK_STATEMENT, statement.bank_statement))})
STYLES = {style.name: style for style in (FIRST, SECOND)}
