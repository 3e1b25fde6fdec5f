"""Penalty on overdue principal: after grace days, simple, under a cap on everything charged (R7.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from weidai.lending.conventions.day_count import Span
from weidai.lending.conventions.exact import ZERO, Rounding, RoundingMode
from weidai.lending.conventions.rates import rate_factor
from weidai.lending.conventions.rows import Row
from weidai.lending.conventions.terms import InterestRule, PenaltyRule

_CAP_YEAR_DAYS = 365
_WHOLE_FEN_BELOW = Rounding(RoundingMode.FLOOR)


@dataclass(frozen=True, slots=True)
class Headroom:
    """What the cap is measured against: Σ daily principal (fen × days) and what else was charged, in fen."""

    principal_days: Fraction
    charged_fen: Fraction

    def left_fen(self, annual_cap: Fraction) -> Fraction:
        """Return the most penalty that may have been charged, a whole number of fen."""
        return max(_WHOLE_FEN_BELOW(annual_cap * self.principal_days / _CAP_YEAR_DAYS - self.charged_fen), ZERO)


def penalty_fen(row: Row, *, rule: PenaltyRule, on: date) -> Fraction:
    """Return the row's penalty through `on`, before the cap: unpaid principal × rate × days after the grace days."""
    since = row.due_on + timedelta(days=rule.grace_days)
    total, unpaid = ZERO, row.principal_fen
    for border in [*sorted({piece.on for piece in row.pieces}), on]:
        until = min(border, on)
        if until > since and unpaid > 0:
            span = Span(since, until, row.period)
            factor = rate_factor(rule.rate, span, rule=InterestRule(day_count=rule.day_count), term_days=row.period.days)
            total += unpaid * factor
            since = until
        if border < on:
            unpaid -= sum((piece.principal_fen for piece in row.pieces if piece.on == border), ZERO)
    return rule.rounding(total)


def cap_penalties(rows: Iterable[Row], *, rule: PenaltyRule, headroom: Headroom) -> None:
    """Cut the rows' penalties to what the cap leaves, the oldest row first; what was paid stays."""
    if rule.annual_cap is None:
        return
    left = headroom.left_fen(rule.annual_cap)
    for row in rows:
        row.penalty_fen = max(min(row.penalty_fen, left), row.other_paid_fen - row.fee_fen, ZERO)
        left -= row.penalty_fen
