"""The points table of a policy, compiled once to whole numbers: an evaluator for one person with a reason per row, and
expressions for a population (`rules.vectorized`). Both read the same `Line`, and are equal by test (R2.1, R2.2).

A value is v parts of 1/D of its unit, a threshold tn/td, a partial share pn/pd. Points below the threshold are
half-up(maximum × pn/pd × (v/D) ÷ (tn/td)), which is (a·v + b) // 2b with whole a and b; above it (lower is better) they
are half-up(maximum × pn/pd × (tn/td) ÷ (v/D)) = (c + d·v) // (2d·v).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from weidai.assessment.measures import ABSENCES, RATIO_MAXIMUM, RATIO_SCALE, Absence, rounded_half_up
from weidai.assessment.policy import GRADES, SCORE_MAXIMUM, AssessmentPolicy, Grade, IndicatorPolicy
from weidai.kernel.text import Text
from weidai.policy.rules import Fault

Value = int | str  # whole parts of the measure's unit, or the absence's code
Scored = tuple[int, str]  # points, reason code
_LOWEST = len(GRADES) - 1
_LARGEST = 2**53  # engines that divide in floats are exact below


class Outcome(NamedTuple):
    """The outcome of one evaluation: score, grade by score, effective grade, and points and reason of each row."""

    score: int
    base_grade: Grade
    grade: Grade
    rows: tuple[Scored, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator at one maximum, in whole numbers."""

    code: str
    maximum: int
    direction: str
    met_factor: int  # met: v × met_factor is at least (at most) met_bound
    met_bound: int
    slope: int  # a, or c
    base: int  # b, or d
    by_count: tuple[int, ...]  # points at 0, 1, 2 … events; empty for a proportion
    by_absence: tuple[int, ...]  # points in the order of ABSENCES
    is_signed: bool = False  # values may be below 0


def line_of(indicator: IndicatorPolicy, policy: AssessmentPolicy, *, maximum: int) -> Line:
    """Return an indicator's arithmetic; raise Fault when its numbers are too large to be exact everywhere."""
    parts, threshold, share = indicator.taken_by.parts(policy), indicator.threshold, indicator.partial_share
    bound = threshold.numerator * parts
    if indicator.direction == "at_least":
        slope, base = 2 * maximum * share.numerator * threshold.denominator, share.denominator * bound
    else:
        slope, base = 2 * maximum * share.numerator * bound, share.denominator * threshold.denominator
    largest = slope * bound + 2 * base
    if indicator.direction == "at_most":
        largest = slope + 2 * base * (RATIO_MAXIMUM * RATIO_SCALE if indicator.unit == "ratio" else 1)
    if largest >= _LARGEST and not indicator.shares_by_count:
        raise Fault("indicators", Text("数值过大，无法精确计算。", "has numbers too large to stay exact."), rule="R2.1")
    thin = rounded_half_up(maximum * indicator.absent_share)
    return Line(
        code=indicator.code, maximum=maximum, direction=indicator.direction, met_factor=threshold.denominator,
        met_bound=bound, slope=slope, base=base,
        by_count=tuple(rounded_half_up(maximum * one) for one in indicator.shares_by_count),
        by_absence=tuple(thin if absence == "thin_file" else 0 for absence in ABSENCES),
        is_signed=indicator.taken_by.is_signed)


def line_evaluator(line: Line) -> Callable[[Value], Scored]:
    """Return the function from a value to points and reason; reasons are codes of `scoring`."""
    absent: dict[Value, Scored] = {absence: (points, absence)
                                   for absence, points in zip(ABSENCES, line.by_absence, strict=True)}
    factor, bound, slope, base, full = line.met_factor, line.met_bound, line.slope, line.base, (line.maximum, "met")
    doubled = 2 * base
    if line.by_count:
        last = len(line.by_count)
        by_count = tuple((points, ("met" if points == line.maximum else "met_in_part") if place * factor <= bound
                          else "too_many") for place, points in enumerate(line.by_count))

        def counted(value: Value) -> Scored:
            if value.__class__ is not int:
                return absent[value]
            if value < last:
                return by_count[value]
            return (0, "met_in_part") if value * factor <= bound else (0, "too_many")

        return counted
    if line.direction == "at_least":

        def at_least(value: Value) -> Scored:
            if value.__class__ is not int:
                return absent[value]
            if value * factor >= bound:
                return full
            return ((slope * value + base) // doubled, "below") if value > 0 else (0, "below")

        return at_least

    def at_most(value: Value) -> Scored:
        if value.__class__ is not int:
            return absent[value]
        if value * factor <= bound:
            return full
        return (slope + base * value) // (doubled * value), "above"

    return at_most


def points_spread(policy: AssessmentPolicy, without: frozenset[str]) -> dict[str, int]:
    """Return each indicator's maximum when some are without consent: theirs are spread in proportion (R2.1).

    Whole points by largest remainder; equal remainders go to the indicator listed first. The sum never changes.
    """
    maxima = {row.code: 0 if row.code in without else row.maximum_points for row in policy.enabled}
    kept = sum(maxima.values())
    free = sum(row.maximum_points for row in policy.enabled) - kept
    shares = {code: Fraction(free * points, kept) for code, points in maxima.items()}
    result = {code: points + int(shares[code]) for code, points in maxima.items()}
    left = free - sum(int(share) for share in shares.values())
    for code in sorted(shares, key=lambda code: int(shares[code]) - shares[code])[:left]:
        result[code] += 1
    return result


class CompiledPolicy:
    """A policy ready to evaluate. `lines_without` holds the lines for every set of indicators without consent."""

    def __init__(self, policy: AssessmentPolicy) -> None:
        self.policy = policy
        self.codes = tuple(row.code for row in policy.enabled)
        self.consent_places = tuple(place for place, row in enumerate(policy.enabled) if row.needs_consent)
        subsets = [frozenset(chosen) for size in range(len(self.consent_places) + 1)
                   for chosen in combinations(self.consent_places, size)]
        self.lines_without: dict[frozenset[int], tuple[Line, ...]] = {}
        for missing in subsets:
            maxima = points_spread(policy, frozenset(self.codes[place] for place in missing))
            self.lines_without[missing] = tuple(
                line_of(row, policy, maximum=maxima[row.code]) for row in policy.enabled)
        self._all = tuple(line_evaluator(line) for line in self.lines_without[frozenset()])
        self._without = {missing: tuple(line_evaluator(line) for line in lines)
                         for missing, lines in self.lines_without.items()}
        self._outcomes = tuple(tuple(self._outcome(score, notches) for score in range(SCORE_MAXIMUM + 1))
                               for notches in range(len(GRADES)))

    def _outcome(self, score: int, notches: int) -> tuple[int, Grade, Grade]:
        base = next(place for place, row in enumerate(self.policy.grades) if score >= row.minimum_score)
        return score, GRADES[base], GRADES[min(base + notches, len(GRADES) - 1)]

    def missing(self, values: Sequence[Value]) -> frozenset[int]:
        """Return the places of indicators left out for want of their own consent."""
        return frozenset(place for place in self.consent_places if values[place] == "no_consent")

    def evaluate(
        self, values: Sequence[Value], *, has_type_i_card: bool = False, is_fast_track: bool = False, notches: int = 0,
    ) -> Outcome:
        """Score the values of the enabled indicators, in their order (R2.2). Never raises for a known value or absence."""
        chosen = self._all
        for place in self.consent_places:
            if values[place] == "no_consent":
                chosen = self._without[self.missing(values)]
                break
        rows = [one(value) for one, value in zip(chosen, values, strict=True)]
        total = 0
        for points, _ in rows:
            total += points
        if has_type_i_card:
            total += self.policy.type_i_card_points
        if is_fast_track:
            total += self.policy.fast_track.bonus_points
        lowered = 0 if notches < 0 else notches if notches < _LOWEST else _LOWEST
        return Outcome(*self._outcomes[lowered][total if total < SCORE_MAXIMUM else SCORE_MAXIMUM], tuple(rows))


@lru_cache(maxsize=64)
def compiled(policy: AssessmentPolicy) -> CompiledPolicy:
    """Return the compiled form of a policy, made once."""
    return CompiledPolicy(policy)


def value_of(value: int | None, absence: Absence | None) -> Value:
    """Return a reading as the evaluator takes it."""
    return value if value is not None else absence or "no_data"
