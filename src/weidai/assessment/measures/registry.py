"""What a measure is, and the list of them: every module in this folder, and installed packages that add their own."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import narwhals as nw

    from weidai.assessment.measures.columns import FactColumns
    from weidai.assessment.policy import AssessmentPolicy
    from weidai.assessment.rules.facts import ProfileFacts

Unit = Literal["fen", "count", "ratio", "score"]
Absence = Literal[
    "no_consent",
    "no_payment_consent",
    "history_too_short",
    "no_spending",
    "no_data",
    "no_report",
    "not_queried",
    "not_found",
    "stale",
    "thin_file",
]
ABSENCES: tuple[Absence, ...] = get_args(Absence)  # over a population an absence is its place here, from 1; 0 is none
ENTRY_POINTS = "weidai.assessment_measures"  # other packages name their modules under this group


@dataclass(frozen=True, slots=True)
class Reading:
    """One person's value in whole parts of the measure's unit (see `Measure.parts`), or why there is none."""

    value: int | None
    data_on: date | None
    absence: Absence | None = None


@dataclass(frozen=True, slots=True)
class VectorReading:
    """The same over a population: a nullable whole number, and the absence's place in ABSENCES (0: there is a value).

    `steps` are columns computed before, one after the other, and forgotten afterwards: what is used more than once.
    """

    value: nw.Expr
    absence: nw.Expr
    steps: tuple[dict[str, nw.Expr], ...] = ()


@dataclass(frozen=True, slots=True)
class MonthColumn:
    """A sum per person and month beside spend and count: payments at one kind of merchant, refunds netted (R2.7)."""

    name: str
    category: str
    of: Literal["amount_fen", "count"]


def whole(policy: AssessmentPolicy) -> int:  # noqa: ARG001 - same shape for every measure
    """Say that values are counted in whole units."""
    return 1


@dataclass(frozen=True, slots=True)
class Measure:
    """One way of looking at the facts: `read` for one person, `express` for all, equal by test."""

    code: str
    unit: Unit
    read: Callable[[ProfileFacts, AssessmentPolicy, date], Reading]
    express: Callable[[FactColumns, AssessmentPolicy], VectorReading]
    parts: Callable[[AssessmentPolicy], int] = whole  # values are in unit ÷ parts: 6 for a mean of six months
    month_columns: tuple[MonthColumn, ...] = ()
    is_signed: bool = False  # values may be below 0, when refunds exceed payments
    counts_events: bool = False  # the pack lists shares by count instead of a proportion


_MEASURES: dict[str, Measure] = {}


def measure_add(measure: Measure) -> Measure:
    """Put a measure into force; a second one of the same code is a bug."""
    if measure.code in _MEASURES:
        raise ValueError(f"two measures are called {measure.code}")
    _MEASURES[measure.code] = measure
    return measure


def measures() -> dict[str, Measure]:
    """Return every measure by code."""
    _load()
    return _MEASURES


def measure_get(code: str) -> Measure | None:
    """Return a measure, or None when nothing of that code is installed."""
    return measures().get(code)


def month_columns() -> tuple[MonthColumn, ...]:
    """Return every column that some measure wants summed by month, by name."""
    wanted = {column.name: column for measure in measures().values() for column in measure.month_columns}
    return tuple(wanted[name] for name in sorted(wanted))


@lru_cache(maxsize=1)
def _load() -> None:
    folder = import_module("weidai.assessment.measures")
    for module in sorted(found.name for found in pkgutil.iter_modules(folder.__path__)):
        import_module(f"{folder.__name__}.{module}")
    for entry in entry_points(group=ENTRY_POINTS):
        entry.load()
