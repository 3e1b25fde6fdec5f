"""Pure rules of assessment: from a customer's facts to points, score, grade and reasons (R2.1 to R2.4, R2.7)."""

from weidai.assessment.rules.announced import RuleChange, rule_changes
from weidai.assessment.rules.changes import Change, changes
from weidai.assessment.rules.compiled import CompiledPolicy, Outcome, compiled, points_spread
from weidai.assessment.rules.facts import BureauReport, MonthlyPayments, ProfileFacts, ReportAbsence
from weidai.assessment.rules.scoring import (
    Assessment,
    Bonus,
    IndicatorResult,
    assess,
    grade_at,
    grade_lowered,
    is_fast_track,
    readings,
    values_of,
)

__all__ = [
    "Assessment",
    "Bonus",
    "BureauReport",
    "Change",
    "CompiledPolicy",
    "IndicatorResult",
    "MonthlyPayments",
    "Outcome",
    "ProfileFacts",
    "ReportAbsence",
    "RuleChange",
    "assess",
    "changes",
    "compiled",
    "grade_at",
    "grade_lowered",
    "is_fast_track",
    "points_spread",
    "readings",
    "rule_changes",
    "values_of",
]
