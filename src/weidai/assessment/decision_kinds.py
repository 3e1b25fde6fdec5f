"""Assessments as decisions that can be made again: under the version they were made with, or under another (R2.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from weidai.assessment import rules
from weidai.assessment.inputs import inputs_from_json
from weidai.assessment.models import Assessment
from weidai.assessment.policy import of_pack
from weidai.kernel.text import Text
from weidai.policy.pack import Pack
from weidai.policy.registry import Effect, PastDecision
from weidai.policy.rules import LegalLimits

_AT_ONCE = 500


class AssessmentKind:
    """Score and grade of one customer; read from the room's own table, which holds inputs and outcome already."""

    code = "assessment"
    name = Text("资质评估", "Assessment")

    def count(self, since: datetime, until: datetime) -> int:
        """Return how many were made from `since` up to, not including, `until`."""
        return Assessment.objects.filter(assessed_at__gte=since, assessed_at__lt=until).count()

    def iterate(self, since: datetime, until: datetime) -> Iterator[PastDecision]:
        """Return them in the order in which they were made, read in slices."""
        rows = Assessment.objects.filter(assessed_at__gte=since, assessed_at__lt=until).order_by("assessed_at", "id")
        for row in rows.iterator(chunk_size=_AT_ONCE):
            yield PastDecision(row.customer_id, row.id, row.assessed_on, row.assessed_at, row.pack_version, row.inputs,
                               outcome_stored(row))

    def decide(self, inputs: Mapping[str, Any], on: date, pack: Pack, law: LegalLimits) -> dict[str, Any]:  # noqa: ARG002
        """Score stored inputs under a pack, on the day the inputs were for."""
        used = inputs_from_json(dict(inputs))
        found = rules.assess(used.facts, of_pack(pack, law), on=used.on)
        return {
            "score": found.score, "grade": found.base_grade, "standing_notches": found.standing_notches,
            "effective_grade": found.grade,
            "indicators": [
                {"code": row.code, "points": row.points, "maximum_points": row.maximum_points, "is_met": row.is_met,
                 "value": None if row.value is None else str(row.value), "reason_code": row.reason_code}
                for row in found.indicators],
            "bonuses": [{"code": bonus.code, "points": bonus.points} for bonus in found.bonuses]}

    def effect(self, outcome: Mapping[str, Any]) -> Effect:
        """A grade; whether anything is granted is decided later."""
        return Effect(grade=outcome["effective_grade"])


def outcome_stored(row: Assessment) -> dict[str, Any]:
    """Return what an assessment's row says came out."""
    return {"score": row.score, "grade": row.grade, "standing_notches": row.standing_notches,
            "effective_grade": row.effective_grade, "indicators": row.indicators, "bonuses": row.bonuses}


ASSESSMENT = AssessmentKind()
