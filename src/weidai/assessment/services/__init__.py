"""The only writer of credit reports and assessments (R2.2, R2.3, R4.2)."""

from weidai.assessment.services.announcing import rules_announce
from weidai.assessment.services.monthly import assessments_run_due, assessments_run_fast_track, assessments_run_monthly
from weidai.assessment.services.run import assessment_replay, assessment_run

__all__ = [
    "assessment_replay", "assessment_run", "assessments_run_due", "assessments_run_fast_track",
    "assessments_run_monthly", "rules_announce",
]
