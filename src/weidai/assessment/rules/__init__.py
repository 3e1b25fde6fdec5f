"""Pure rules of assessment: from a customer's facts to points, score, grade and reasons (R2.1 to R2.4, R2.7)."""

from weidai.assessment.rules.facts import BureauReport, MonthlyPayments, ProfileFacts, ReportAbsence
from weidai.assessment.rules.scoring import (
    Assessment,
    Bonus,
    IndicatorResult,
    assess,
    grade_at,
    grade_lowered,
    is_fast_track,
    points_spread,
)

__all__ = [
    "Assessment",
    "Bonus",
    "BureauReport",
    "IndicatorResult",
    "MonthlyPayments",
    "ProfileFacts",
    "ReportAbsence",
    "assess",
    "grade_at",
    "grade_lowered",
    "is_fast_track",
    "points_spread",
]
