"""The same rules over a population: Narwhals expressions, run unchanged by DuckDB, Polars or Spark (R2.1 to R2.5).

A frame goes through three steps: `values` (measures of the fact columns), `points` (one line per indicator), `scores`.
Each adds columns and drops none. Names: `{indicator}__value`, `__absence`, `__points`, `__reason`, then `is_fast_track`,
`score`, `base_grade`, `grade`. Equal to `rules.assess` for every row, by test.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from functools import reduce
from itertools import zip_longest
from typing import TypeVar

import narwhals as nw
from narwhals.typing import IntoDType

from weidai.assessment.measures import ABSENCES
from weidai.assessment.measures.columns import COUNT, FactColumns
from weidai.assessment.policy import SCORE_MAXIMUM, AssessmentPolicy
from weidai.assessment.rules.compiled import CompiledPolicy, Line, compiled
from weidai.kernel.days import month_start, months_later

Frame = TypeVar("Frame", nw.LazyFrame, nw.DataFrame)  # type: ignore[type-arg]


def values(frame: Frame, policy: AssessmentPolicy, *, on: date, wide: IntoDType) -> Frame:
    """Add each enabled indicator's value and absence, and whether the fast track is earned on a day."""
    facts = FactColumns(wide)
    readings = {row.code: row.taken_by.express(facts, policy) for row in policy.enabled}
    for step in zip_longest(*(reading.steps for reading in readings.values()), fillvalue={}):
        columns = {name: column for each in step for name, column in each.items()}
        frame = frame.with_columns(**columns)
    found = {f"{code}__value": reading.value for code, reading in readings.items()}
    found |= {f"{code}__absence": reading.absence for code, reading in readings.items()}
    frame = frame.with_columns(**found, is_fast_track=_fast_track(facts, policy, on))
    return frame.drop(*{name for reading in readings.values() for step in reading.steps for name in step})


def points(frame: Frame, policy: AssessmentPolicy, *, with_reasons: bool = False) -> Frame:
    """Add each indicator's points, and on demand its reason code, from value and absence."""
    rules = compiled(policy)
    found = [_points(rules, place).alias(f"{code}__points") for place, code in enumerate(rules.codes)]
    if with_reasons:
        lines = rules.lines_without[frozenset()]
        found += [_reason(line).alias(f"{line.code}__reason") for line in lines]
    return frame.with_columns(*found)


def scores(frame: Frame, policy: AssessmentPolicy) -> Frame:
    """Add score, grade by score and effective grade, from points, bonuses and standing (R2.2, R7.6)."""
    total = reduce(lambda left, right: left + right, [nw.col(f"{row.code}__points") for row in policy.enabled])
    card = nw.col("has_type_i_default_card").cast(nw.Int64) * policy.type_i_card_points
    fast = nw.col("is_fast_track").cast(nw.Int64) * policy.fast_track.bonus_points
    whole = total + card + fast
    frame = frame.with_columns(
        score=nw.when(whole > SCORE_MAXIMUM).then(nw.lit(SCORE_MAXIMUM)).otherwise(whole))
    codes, lowest = [row.code for row in policy.grades], len(policy.grades) - 1
    score, notches = nw.col("score"), nw.col("standing_notches")
    bounds = [score >= row.minimum_score for row in policy.grades[:-1]]

    def lowered(by: int) -> nw.Expr:
        shifted = [codes[min(place + by, lowest)] for place in range(lowest)]
        return _cases(list(zip(bounds, shifted, strict=True)), codes[-1])

    grade: nw.Expr = nw.lit(codes[-1])
    for by in range(lowest - 1, 0, -1):
        grade = nw.when(notches == by).then(lowered(by)).otherwise(grade)
    frame = frame.with_columns(base_grade=lowered(0))
    return frame.with_columns(grade=nw.when(notches > 0).then(grade).otherwise(nw.col("base_grade")))


def assess_all(
    frame: Frame, policy: AssessmentPolicy, *, on: date, wide: IntoDType,
    with_reasons: bool = False,
) -> Frame:
    """Score a population whose columns are those of `measures.columns` (R2.1 to R2.4)."""
    return scores(points(values(frame, policy, on=on, wide=wide), policy, with_reasons=with_reasons), policy)


def _fast_track(facts: FactColumns, policy: AssessmentPolicy, on: date) -> nw.Expr:
    months = policy.fast_track.months
    result = facts.fact("history_months") >= months
    for back, count in enumerate(facts.window(COUNT, months), start=1):
        month = months_later(month_start(on), -back)
        result = result & (count >= policy.fast_track.payments_per_day * monthrange(month.year, month.month)[1])
    return result


def _points(rules: CompiledPolicy, place: int) -> nw.Expr:
    """Points of one indicator; where a consent can be missing, its numbers depend on which (R2.1: neutral)."""
    everything = frozenset[int]()
    result = _line_points(rules.lines_without[everything][place])
    for missing, lines in sorted(rules.lines_without.items(), key=lambda item: len(item[0])):
        if missing and lines[place] != rules.lines_without[everything][place]:
            is_so = reduce(lambda left, right: left & right, [
                nw.col(f"{rules.codes[other]}__absence") == ABSENCES.index("no_consent") + 1 for other in sorted(missing)])
            result = nw.when(is_so).then(_line_points(lines[place])).otherwise(result)
    return result


def _line_points(line: Line) -> nw.Expr:
    value, absence = nw.col(f"{line.code}__value"), nw.col(f"{line.code}__absence")
    absent = _cases([(absence == number, given) for number, given in enumerate(line.by_absence, start=1) if given], 0)
    if line.by_count:
        present = _cases([(value == events, given) for events, given in enumerate(line.by_count)], 0)
    elif line.direction == "at_least":
        part = _floored(value * line.slope + line.base, nw.lit(2 * line.base))
        is_met = (value if line.met_factor == 1 else value * line.met_factor) >= line.met_bound
        if line.is_signed:
            part = nw.when(value > 0).then(part).otherwise(nw.lit(0))
        present = nw.when(is_met).then(nw.lit(line.maximum)).otherwise(part)
    else:
        is_met = (value if line.met_factor == 1 else value * line.met_factor) <= line.met_bound
        divisor = nw.when(value > 0).then(value).otherwise(nw.lit(1)) * (2 * line.base)
        present = nw.when(is_met).then(nw.lit(line.maximum)).otherwise(
            _floored(value * line.base + line.slope, divisor))
    return nw.when(value.is_null()).then(absent).otherwise(present)


def _floored(numerator: nw.Expr, denominator: nw.Expr) -> nw.Expr:
    """Whole-number division of whole numbers from 0 to 2⁵³ (`compiled.line_of` checks it), where a float's floor is exact.

    a ÷ b of such numbers, when not whole, is at least 1/b below the next whole number; that is more than half a unit in
    the last place of the quotient, so rounding to a float cannot reach it.
    """
    return (numerator / denominator).floor().cast(nw.Int64)


def _reason(line: Line) -> nw.Expr:
    value, absence = nw.col(f"{line.code}__value"), nw.col(f"{line.code}__absence")
    absent = _cases([(absence == place, code) for place, code in enumerate(ABSENCES, start=1)], "no_data")
    if line.by_count:
        met = _cases([(value == place, "met" if points == line.maximum else "met_in_part")
                      for place, points in enumerate(line.by_count)], "met_in_part")
        present = nw.when(value * line.met_factor <= line.met_bound).then(met).otherwise(nw.lit("too_many"))
    elif line.direction == "at_least":
        present = _cases([(value * line.met_factor >= line.met_bound, "met")], "below")
    else:
        present = _cases([(value * line.met_factor <= line.met_bound, "met")], "above")
    return nw.when(value.is_null()).then(absent).otherwise(present)


def _cases(pairs: Sequence[tuple[nw.Expr, int | str]], otherwise: int | str) -> nw.Expr:
    result = nw.lit(otherwise)
    for condition, then in reversed(pairs):
        result = nw.when(condition).then(nw.lit(then)).otherwise(result)
    return result
