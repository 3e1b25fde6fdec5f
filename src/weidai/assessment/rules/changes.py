"""What would change it: the smallest change of one indicator that earns more, found by running the policy itself (R2.3).

Nothing here knows a threshold or a formula. Each value that could be is put in the place of the one that is, everything
else stays, and the compiled policy says what score and grade that gives. Points never fall when a value gets better, so the
smallest change is found by halving.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from weidai.assessment.policy import GRADES, AssessmentPolicy, Grade
from weidai.assessment.rules.compiled import Outcome, Value, compiled
from weidai.assessment.rules.facts import ProfileFacts
from weidai.assessment.rules.scoring import is_fast_track, readings, values_of

Aim = Literal["points", "grade", "full"]
_AIMS: tuple[Aim, ...] = ("points", "grade", "full")
_FAR = 1000  # where a value that is not there yet, and should be low, may start from


@dataclass(frozen=True, slots=True)
class Change:
    """One indicator's smallest better value with an effect; what the whole assessment would then be."""

    aim: Aim  # one point or more; the next grade; everything this indicator can give
    value: Fraction  # in the indicator's unit
    score: int
    grade: Grade
    gain_points: int


def changes(facts: ProfileFacts, policy: AssessmentPolicy, *, on: date) -> dict[str, tuple[Change, ...]]:
    """Return for each enabled indicator the changes that would raise the score, the smallest first; none when nothing would.

    Past events are not undone by anything, so an indicator that counts them has no change to offer. What is left out for
    want of its own consent is neutral, and nobody is talked into it. The aim `grade` is
    there only when this one indicator can reach the next grade by itself.
    """
    rules, values = compiled(policy), values_of(readings(facts, policy, on=on))
    has_fast = is_fast_track(facts, policy, on=on)

    def with_value(place: int) -> Callable[[Value], Outcome]:
        return lambda value: rules.evaluate(
            (*values[:place], value, *values[place + 1:]), has_type_i_card=facts.has_type_i_default_card,
            is_fast_track=has_fast, notches=facts.standing_notches)

    result: dict[str, tuple[Change, ...]] = {}
    for place, row in enumerate(policy.enabled):
        parts = row.taken_by.parts(policy)
        met = row.threshold * parts
        if row.shares_by_count or values[place] == "no_consent":
            result[row.code] = ()
        else:
            result[row.code] = _of_one(values[place], met, parts, rises=row.direction == "at_least", run=with_value(place))
    return result


def _of_one(
    now: Value, met: Fraction, parts: int, *, rises: bool, run: Callable[[Value], Outcome],
) -> tuple[Change, ...]:
    """Search between what is and the threshold; a value that is not there yet may become any."""
    present = run(now)
    best = -(-met.numerator // met.denominator) if rises else met.numerator // met.denominator
    worst = now if isinstance(now, int) else 0 if rises else best * _FAR
    if rises:
        worst = max(worst, 0)
    full = run(best)
    if full.score <= present.score or (worst >= best if rises else worst <= best):
        return ()
    found: dict[Aim, int] = {"full": best, "points": _first(worst, best, lambda value: run(value).score > present.score)}
    if _rank(full.grade) < _rank(present.grade):
        found["grade"] = _first(worst, best, lambda value: _rank(run(value).grade) < _rank(present.grade))
    steps: list[Change] = []
    for aim in _AIMS:
        value = found.get(aim)
        if value is not None and value not in [step.value * parts for step in steps]:
            then = run(value)
            steps.append(Change(aim, Fraction(value, parts), then.score, then.grade, then.score - present.score))
    return tuple(steps)


def _first(worst: int, best: int, is_enough: Callable[[int], bool]) -> int:
    """Return the value nearest to `worst` on the way to `best` that is enough; `best` is."""
    low, high = 0, abs(best - worst)
    step = 1 if best > worst else -1
    while low < high:
        middle = (low + high) // 2
        if is_enough(worst + step * middle):
            high = middle
        else:
            low = middle + 1
    return worst + step * high


def _rank(grade: Grade) -> int:
    return GRADES.index(grade)
