"""Assessment section of the policy pack: indicators, bonuses, grades, fast track (R2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from weidai.assessment.measures import Measure, Unit, measure_get
from weidai.kernel.text import Text
from weidai.policy import selectors
from weidai.policy.rules import Fault, LegalLimits

Grade = Literal["A", "B", "C", "D", "E"]
GRADES: tuple[Grade, ...] = ("A", "B", "C", "D", "E")
SCORE_MAXIMUM = 1000


@dataclass(frozen=True, slots=True)
class IndicatorPolicy:
    """One indicator: what is measured, against what, for how many points (R2.1, R2.7)."""

    code: str
    name: Text
    source: Text
    measure: str  # the code of a measure that is installed
    is_enabled: bool
    maximum_points: int
    direction: Literal["at_least", "at_most"]
    advice: Text
    threshold_fen: int | None = None
    threshold_count: int | None = None
    threshold_ratio: Fraction | None = None
    threshold_score: int | None = None
    partial_share: Fraction = Fraction(0)  # of the maximum, times the ratio of value and threshold
    shares_by_count: tuple[Fraction, ...] = ()  # share of the maximum at 0, 1, 2 … events; more: nothing
    absent_share: Fraction = Fraction(0)  # of the maximum, for a report without a score (thin file)
    needs_consent: bool = False  # without it the points are spread over the others

    def __post_init__(self) -> None:
        given = {
            "fen": self.threshold_fen,
            "count": self.threshold_count,
            "ratio": self.threshold_ratio,
            "score": self.threshold_score,
        }
        measure = measure_get(self.measure)
        if measure is None:
            raise Fault(
                "measure",
                Text("没有名为 {code} 的度量。", "no measure is called {code}.").format(code=self.measure),
                rule="R2.7",
            )
        unit = measure.unit
        if [name for name, value in given.items() if value is not None] != [unit]:
            raise Fault(
                "measure",
                Text("只能有一个阈值，且单位须为 {unit}。", "needs exactly one threshold, in {unit}.").format(unit=unit),
                rule="R2.1",
            )
        for name, share in (("partial_share", self.partial_share), ("absent_share", self.absent_share)):
            if share >= 1:
                raise Fault(name, Text("必须小于 1。", "must be below 1."), rule="R2.1")
        if list(self.shares_by_count) != sorted(self.shares_by_count, reverse=True) or any(
            share > 1 for share in self.shares_by_count
        ):
            raise Fault(
                "shares_by_count", Text("必须由 1 起逐步不增。", "must not rise and must not pass 1."), rule="R2.1"
            )
        if measure.counts_events and not self.shares_by_count:
            raise Fault(
                "shares_by_count", Text("逾期次数指标须列出各次分值。", "is needed to count events."), rule="R2.1"
            )
        if self.threshold == 0 and not self.shares_by_count:
            raise Fault("measure", Text("阈值不能为 0。", "the threshold cannot be 0."), rule="R2.1")

    @property
    def taken_by(self) -> Measure:
        """The measure that finds the value."""
        measure = measure_get(self.measure)
        assert measure is not None  # checked when the pack was read
        return measure

    @property
    def unit(self) -> Unit:
        """Unit of value and threshold."""
        return self.taken_by.unit

    @property
    def threshold(self) -> Fraction:
        """The threshold in the measure's unit."""
        value = {
            "fen": self.threshold_fen,
            "count": self.threshold_count,
            "ratio": self.threshold_ratio,
            "score": self.threshold_score,
        }[self.unit]
        return Fraction(value if value is not None else 0)


@dataclass(frozen=True, slots=True)
class GradePolicy:
    """A grade begins at this score."""

    code: Grade
    minimum_score: int


@dataclass(frozen=True, slots=True)
class FastTrackPolicy:
    """Busy months in a row bring the next assessment forward (R2.4)."""

    months: int
    payments_per_day: int
    bonus_points: int


@dataclass(frozen=True, slots=True)
class AssessmentPolicy:
    """Everything of R2 that a lender could change."""

    window_months: int
    balance_days: int
    contact_days: int
    bureau_maximum_age_days: int
    type_i_card_points: int
    run_day_of_month: int
    fast_track: FastTrackPolicy
    grades: tuple[GradePolicy, ...]
    indicators: tuple[IndicatorPolicy, ...]

    def __post_init__(self) -> None:
        if tuple(grade.code for grade in self.grades) != GRADES:
            raise Fault("grades", Text("必须依次列出 A 至 E。", "must list A to E in order."), rule="R2.2")
        scores = [grade.minimum_score for grade in self.grades]
        if any(lower >= higher for higher, lower in pairwise(scores)) or scores[-1] != 0:
            raise Fault(
                "grades",
                Text(
                    "分数线须逐级降低，且 E 为 0，否则有等级无法到达。",
                    "must fall from A to E = 0, or a grade cannot be reached.",
                ),
                rule="R2.2",
            )
        if scores[0] > SCORE_MAXIMUM:
            raise Fault(
                "grades[0].minimum_score", Text("超过满分，无人可达。", "is above the highest score."), rule="R2.2"
            )
        if len({indicator.code for indicator in self.indicators}) != len(self.indicators):
            raise Fault("indicators", Text("指标代码重复。", "repeats a code."), rule="R2.1")
        if sum(indicator.maximum_points for indicator in self.enabled) != SCORE_MAXIMUM:
            raise Fault(
                "indicators",
                Text("启用指标的满分之和必须为 1000。", "enabled maxima must add up to 1000."),
                rule="R2.2",
            )
        if not any(not indicator.needs_consent and indicator.maximum_points for indicator in self.enabled):
            raise Fault(
                "indicators",
                Text("至少一个指标不依赖单独同意。", "at least one must not depend on consent."),
                rule="R2.1",
            )
        if self.window_months < 2 or not 1 <= self.run_day_of_month <= 28:
            raise Fault(
                "window_months",
                Text("窗口至少两个月，运行日在 1 至 28 之间。", "needs two months or more, and a run day from 1 to 28."),
                rule="R2.1",
            )

    @property
    def enabled(self) -> tuple[IndicatorPolicy, ...]:
        """Indicators that count, in the order shown."""
        return tuple(indicator for indicator in self.indicators if indicator.is_enabled)


@lru_cache(maxsize=32)
def of_pack(pack: selectors.Pack, law: LegalLimits) -> AssessmentPolicy:  # noqa: ARG001 - same shape in every room
    """Return the assessment section of a pack, or raise PolicyRefused."""
    return pack.parse("assessment", AssessmentPolicy)


def of_version(version: str) -> AssessmentPolicy:
    """Return the assessment policy of a version, whether or not it is in force; PolicyNotFound for an unknown one."""
    pack = selectors.pack_by_version(version)
    return of_pack(pack, selectors.law(pack.head.effective_from, pack.licence_type))


def current(on: date) -> AssessmentPolicy:
    """Return the assessment policy in force on a day."""
    pack = selectors.pack(on)
    return of_pack(pack, selectors.law(on, pack.licence_type))
