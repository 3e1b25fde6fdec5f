"""Pure rules of limits: the formula, segments, bands, holds, exposure (R5.1 to R5.6)."""

from weidai.limits.rules.exposure import Income, debt_to_income, income_counted, is_over_indebted
from weidai.limits.rules.formula import (
    LimitDecision,
    LimitFacts,
    LimitTerm,
    business_line_limit,
    limit_total,
    line_limit,
    segment_of,
)
from weidai.limits.rules.line import (
    HOLD_KINDS,
    HoldKind,
    HoldWords,
    approved_for_target,
    available,
    band_of,
    can_draw,
    next_review_on,
)

__all__ = [
    "HOLD_KINDS",
    "HoldKind",
    "HoldWords",
    "Income",
    "LimitDecision",
    "LimitFacts",
    "LimitTerm",
    "approved_for_target",
    "available",
    "band_of",
    "business_line_limit",
    "can_draw",
    "debt_to_income",
    "income_counted",
    "is_over_indebted",
    "limit_total",
    "line_limit",
    "next_review_on",
    "segment_of",
]
