"""A reading as plain JSON values and back: between processes, and sealed in the database. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from weidai.vision.rules.fields import Check, Field, Kind, PageFrame, PaperRead, Quality, Reading, StatementRow
from weidai.vision.rules.lines import Line, Quad


def to_plain(paper: PaperRead) -> dict[str, Any]:
    """Return plain values that `from_plain` turns back into the same."""
    return asdict(paper)


def from_plain(plain: Mapping[str, Any]) -> PaperRead:
    """Return what `to_plain` was given; a missing key is a bug, not a refusal."""
    reading, quality = plain["reading"], plain["quality"]
    return PaperRead(
        Reading(
            Kind(reading["kind"]), tuple(_field(field) for field in reading["fields"]), _checks(reading["checks"]),
            tuple(_row(row) for row in reading["rows"]), reading["is_marked"],
        ),
        quality_of(quality), plain["width"], plain["height"], plain["engine"],
        plain["turned"], tuple(PageFrame(**page) for page in plain.get("pages", ())),
    )


def quality_of(plain: Mapping[str, Any]) -> Quality:
    """Return a quality from its plain values."""
    return Quality(**{**plain, "faults": tuple(plain["faults"])})


def lines_plain(lines: Sequence[Line]) -> list[list[Any]]:
    """Return lines of text as plain values for `lines_of`."""
    return [[line.text, line.score, line.quad, line.least, line.others] for line in lines]


def lines_of(plain: Sequence[Sequence[Any]]) -> tuple[Line, ...]:
    """Return what `lines_plain` was given."""
    return tuple(Line(text, score, cast(Quad, tuple((point[0], point[1]) for point in quad)), least, tuple(others))
                 for text, score, quad, least, others in plain)


def _field(plain: Mapping[str, Any]) -> Field:
    return Field(plain["code"], plain["value"], plain["confidence"], _quad(plain["quad"]), _checks(plain["checks"]),
                 tuple(plain["lines"]))


def _row(plain: Mapping[str, Any]) -> StatementRow:
    return StatementRow(**{**plain, "quad": _quad(plain["quad"]), "lines": tuple(plain["lines"])})


def _checks(plain: Sequence[Mapping[str, Any]]) -> tuple[Check, ...]:
    return tuple(Check(check["code"], check["passed"]) for check in plain)


def _quad(plain: Sequence[Sequence[float]] | None) -> Quad | None:
    return None if plain is None else cast(Quad, tuple((point[0], point[1]) for point in plain))
