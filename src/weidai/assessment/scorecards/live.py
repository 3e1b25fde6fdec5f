"""Scoring live assessments with the champion and shadow models (R2.6): beside the points table, never in its place.

What a model may learn from here holds no contacts, no names and no places: amounts, counts and the bureau's figures.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter_ns
from uuid import UUID

from weidai.assessment.inputs import AssessmentInputs, inputs_from_json
from weidai.assessment.models import Assessment, ModelScore, ScoringModel
from weidai.assessment.scorecards.errors import TrainingGroupMissing
from weidai.assessment.scorecards.serving import BOOSTING, ServedModel, Value

WORKING = (ScoringModel.State.CHAMPION, ScoringModel.State.SHADOW)
_YUAN = 100


def features_of(inputs: AssessmentInputs) -> dict[str, Value]:
    """Return what a live model may look at; amounts in yuan, None where the source gave nothing."""
    facts, credit = inputs.facts, inputs.credit
    half = facts.window(6, on=inputs.on)
    quarter = facts.window(3, on=inputs.on)
    spends = [month.spend_fen / _YUAN for month in half] if half else []
    mean = sum(spends) / len(spends) if spends else None
    spread = (sum((one - mean) ** 2 for one in spends) / len(spends)) ** 0.5 if mean is not None else None
    return {
        "monthly_spend_6m": mean, "spend_variation_6m": spread / mean if mean and spread is not None else None,
        "monthly_payments_3m": sum(month.payment_count for month in quarter) / 3 if quarter else None,
        "history_months": len(facts.months) or None, "daily_balance_90d": _yuan(facts.mean_daily_balance_fen),
        "overdue_events": facts.overdue_events, "bureau_score": facts.bureau.score if facts.bureau else None,
        "has_type_i_card": int(facts.has_type_i_default_card), "standing_notches": facts.standing_notches,
        "payment_volume_12m": _yuan(credit.payment_volume_12m_fen), "other_card_limits": _yuan(credit.other_card_limits_fen),
        "wealth_products": _yuan(credit.wealth_products_fen), "bureau_debt": _yuan(credit.bureau_debt_fen),
        "is_employed": int(credit.is_employed_in_report), "own_debt": _yuan(credit.own_debt_fen)}


def live_columns() -> frozenset[str]:
    """Return the names a live record has."""
    return frozenset(features_of(inputs_from_json(_EMPTY)))


_EMPTY = {
    "on": "2026-01-01",
    "facts": {"months": [], "payments_on": None, "contacts_on": None, "balance_on": None, "bureau": None}, "credit": {}}


@dataclass(frozen=True, slots=True)
class AtWork:
    """A model that scores beside live assessments."""

    id: UUID
    artefact_hash: str
    state: str


def models_at_work() -> list[AtWork]:
    """Return champion and shadows, with one statement."""
    found = ScoringModel.objects.filter(state__in=WORKING)
    return [AtWork(*row) for row in found.values_list("id", "artefact_hash", "state")]


def scores_record(assessments: Sequence[Assessment], at_work: Sequence[AtWork]) -> int:
    """Score stored assessments with the models at work, in the caller's transaction; return the rows written.

    Without a model at work nothing is done. A server without the runtime of the trees leaves those out.
    """
    rows = []
    for model in at_work:
        served = _served(model.id, model.artefact_hash)
        if served is not None:
            rows += [_scored(served, one, model.id, model.state) for one in assessments]
    if not rows:
        return 0
    ModelScore.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _scored(served: ServedModel, assessment: Assessment, model_id: UUID, state: str) -> ModelScore:
    record = features_of(inputs_from_json(assessment.inputs))
    begun = perf_counter_ns()
    scored = served.score(record)
    return ModelScore(
        customer_id=assessment.customer_id, assessment_id=assessment.id, model_id=model_id, role=state,
        scored_on=assessment.assessed_on, points=scored.points, probability=scored.probability,
        reasons=[[one.column, one.points] for one in scored.reasons], bins=list(scored.bins),
        micros=(perf_counter_ns() - begun) // 1000)


@lru_cache(maxsize=8)
def _loaded(model_id: UUID, artefact: str) -> ServedModel:
    stored = ScoringModel.objects.get(id=model_id, artefact_hash=artefact)
    return ServedModel(json.loads(bytes(stored.content)), bytes(stored.trees) if stored.kind == BOOSTING else None)


def _served(model_id: UUID, artefact: str) -> ServedModel | None:
    try:
        return _loaded(model_id, artefact)
    except TrainingGroupMissing:
        return None


def _yuan(fen: int | None) -> float | None:
    return None if fen is None else fen / _YUAN
