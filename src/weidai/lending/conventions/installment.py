"""The regular installment: solved exactly on period factors, then rounded as the contract says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from weidai.lending.conventions.exact import ZERO, Rounding

_MOST_SPREADS = 3


@dataclass(frozen=True, slots=True)
class LevelProblem:
    """What an installment has to repay: the debt with interest on the next due date, and the factors after it."""

    debt_fen: Fraction
    later_factors: Sequence[Fraction]
    balloon_fen: Fraction = ZERO


def level_installment(problem: LevelProblem) -> Fraction:
    """Return the equal payment x with debt = x × Σ discounts + balloon × last discount, exactly; one row: all of it.

    The factors of one problem share few denominators, so the sums stay small; nothing is rounded.
    """
    discount, total = Fraction(1), Fraction(1)
    for factor in problem.later_factors:
        discount /= 1 + factor
        total += discount
    return (problem.debt_fen - problem.balloon_fen * discount) / total


def equal_factor_installment(principal_fen: Fraction, *, factor: Fraction, rows: int, balloon_fen: Fraction = ZERO) -> Fraction:
    """Return the level installment over rows that all have the same factor."""
    debt = principal_fen * (1 + factor)
    return level_installment(LevelProblem(debt, [factor] * (rows - 1), balloon_fen))


def last_installment(problem: LevelProblem, *, installment_fen: Fraction, interest_rounding: Rounding) -> Fraction:
    """Return what the last row would have to be when every row before it is `installment_fen`."""
    owed = interest_rounding(problem.debt_fen)
    for factor in problem.later_factors:
        principal = owed - installment_fen
        owed = principal + interest_rounding(principal * factor)
    return owed


def spread_residue(
    problem: LevelProblem, *, installment_fen: Fraction, rounding: Rounding, interest_rounding: Rounding
) -> Fraction:
    """Return the installment changed by residue ÷ rows, up to three times, while the last row comes closer to the others.

    The residue is what the last row differs by; it is only spread when it is more than half as many units as rows.
    """
    rows = len(problem.later_factors) + 1
    for _ in range(_MOST_SPREADS):
        last = last_installment(problem, installment_fen=installment_fen, interest_rounding=interest_rounding)
        residue = last - installment_fen
        if rows < 2 or abs(residue) <= rounding.unit * (rows // 2):
            break
        changed = rounding(installment_fen + residue / rows)
        left = last_installment(problem, installment_fen=changed, interest_rounding=interest_rounding) - changed
        if abs(left) >= abs(residue):
            break
        installment_fen = changed
    return installment_fen
