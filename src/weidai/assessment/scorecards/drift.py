"""Drift by month: how far live scores and inputs lie from what a model learned from, as PSI (R2.6)."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import log
from uuid import UUID

from weidai.assessment.models import ModelDrift, ModelScore, ScoringModel
from weidai.assessment.scorecards.live import AtWork
from weidai.kernel.days import months_later
from weidai.platform import clock

WATCH, SHIFTED = 0.1, 0.25
_MOST_ROWS = 2_000_000
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One month of one model; `inputs` the columns, the most shifted first."""

    month: date
    rows: int
    score_psi: float
    mean_points: float
    inputs: tuple[tuple[str, float], ...]
    computed_at: datetime

    @property
    def tone(self) -> str:
        """How to colour it: ok below 0.1, warning below 0.25, danger above."""
        return tone_of(self.score_psi)


def tone_of(psi: float) -> str:
    """Return the tone of a PSI."""
    return "ok" if psi < WATCH else "warning" if psi < SHIFTED else "danger"


def drift_update(on: date, at_work: Sequence[AtWork]) -> int:
    """Compute the month of `on` for the models at work; return how many months were written."""
    return sum(drift_compute(model.id, month=on.replace(day=1)) for model in at_work)


def drift_compute(model_id: UUID, *, month: date) -> int:
    """Compute one month of one model from its live scores and keep it; 0 when it scored nobody."""
    stored = ScoringModel.objects.get(id=model_id)
    content = json.loads(bytes(stored.content))
    reference = content["reference"][stored.kind]
    names = [one["column"]["name"] for one in content["inputs"]]
    expected = [[good + bad for good, bad in zip(one["good"], one["bad"], strict=True)] for one in content["inputs"]]
    seen = [[0] * len(counts) for counts in expected]
    scores, total, points_sum = [0] * (len(reference["edges"]) + 1), 0, 0
    rows = ModelScore.objects.filter(model_id=model_id, scored_on__gte=month, scored_on__lt=months_later(month, 1))
    for points, bins in rows.values_list("points", "bins")[:_MOST_ROWS].iterator(chunk_size=_CHUNK):
        total, points_sum = total + 1, points_sum + points
        scores[bisect_left(reference["edges"], points)] += 1
        for place, position in enumerate(bins):
            seen[place][position] += 1
    if not total:
        return 0
    inputs = {name: round(psi(one, other), 6) for name, one, other in zip(names, expected, seen, strict=True)}
    ModelDrift.objects.update_or_create(model_id=model_id, month=month, defaults={
        "rows": total, "score_psi": round(psi(reference["shares"], scores), 6), "mean_points": points_sum / total,
        "inputs": inputs, "computed_at": clock.now()})
    return 1


def psi(expected: Sequence[float], seen: Sequence[float]) -> float:
    """Population stability index of two counts over the same bins; an empty bin counts as half a row in 10,000."""
    total, other = sum(expected) or 1, sum(seen) or 1
    pairs = [(max(one / total, 5e-5), max(two / other, 5e-5)) for one, two in zip(expected, seen, strict=True)]
    return sum((two - one) * log(two / one) for one, two in pairs)


def drift_rows(model_id: UUID, *, limit: int = 24) -> list[DriftRow]:
    """Return the newest months of a model, oldest first."""
    found = ModelDrift.objects.filter(model_id=model_id).order_by("-month")[:limit]
    return [DriftRow(one.month, one.rows, one.score_psi, one.mean_points,
                     tuple(sorted(one.inputs.items(), key=lambda pair: -pair[1])), one.computed_at) for one in reversed(found)]
