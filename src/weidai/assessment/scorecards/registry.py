"""The registry of models: registered by one person, put to work by another, every step on record (R2.6, R8.6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Max

from weidai.assessment.models import ModelScore, ScoringModel
from weidai.assessment.scorecards.artefact_files import CARD, REPORT, artefact_hash, artefact_read, canonical
from weidai.assessment.scorecards.errors import (
    ArtefactUnreadable,
    ModelAlreadyRegistered,
    ModelInputsNotLive,
    ModelNotEnoughScores,
    ModelNotFound,
    ModelSecondPersonNeeded,
    ModelStateConflict,
)
from weidai.assessment.scorecards.live import live_columns
from weidai.assessment.scorecards.serving import BOOSTING, ServedModel
from weidai.audit.services import event_record
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.policy import selectors as policy_packs

State = ScoringModel.State
LEAST_SHADOW_SCORES = 30
STATE_TEXTS = {
    State.CANDIDATE: Text("候选", "candidate"), State.SHADOW: Text("影子", "shadow"),
    State.CHAMPION: Text("冠军", "champion"), State.RETIRED: Text("停用", "retired")}
KIND_TEXTS = {"scorecard": Text("评分卡", "scorecard"), "boosting": Text("提升树", "boosted trees")}
_FROM = {State.SHADOW: (State.CANDIDATE,), State.CHAMPION: (State.SHADOW,),
         State.RETIRED: (State.CANDIDATE, State.SHADOW, State.CHAMPION)}


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One registered model as listed; `micros_p50` is the median time of its last 1,000 live scores."""

    id: UUID
    name: str
    version: int
    kind: str
    kind_text: Text
    state: str
    state_text: Text
    artefact_hash: str
    data_hash: str
    pack_version: str
    registered_by: str
    registered_at: datetime
    promoted_by: str
    promoted_at: datetime | None
    note: str
    auc: float
    auc_low: float
    auc_high: float
    ks: float
    protocol: str
    score_count: int
    micros_p50: int | None


def model_register(folder: Path, *, registered_by: UUID) -> UUID:
    """Keep a trained model as the next version of its name, as a candidate; the same artefact twice is refused."""
    content, trees = artefact_read(folder)
    digest = artefact_hash(content, trees)
    try:
        report, card = (folder / REPORT).read_text(encoding="utf-8"), (folder / CARD).read_text(encoding="utf-8")
    except OSError as error:
        raise ArtefactUnreadable(path=folder, detail=str(error)[:200]) from error
    if digest not in card:
        raise ArtefactUnreadable(path=folder, detail="文件互不相符 / its files do not fit together")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('assessment.scoring_model'))")
        if known := ScoringModel.objects.filter(artefact_hash=digest).first():
            raise ModelAlreadyRegistered(name=known.name, version=known.version)
        version = (ScoringModel.objects.filter(name=content["name"]).aggregate(last=Max("version"))["last"] or 0) + 1
        model = ScoringModel.objects.create(
            name=content["name"], version=version, kind=content["kind"], artefact_hash=digest,
            data_hash=content["results"]["data_hash"], pack_version=policy_packs.pack(clock.today()).version,
            content=canonical(content), trees=trees, report=report, card=card, registered_by=registered_by,
            registered_at=clock.now())
        _record("assessment.model.registered", model, {"registered_by": str(registered_by)})
    return model.id


def model_promote(model_id: UUID, *, to: str, promoted_by: UUID, note: str) -> None:
    """Let a model score beside live decisions (shadow), or make the shadow champion; never by who registered it.

    The champion before goes back to the shadow. Asking again for the state it has changes nothing.
    """
    with transaction.atomic():
        model = _locked(model_id)
        if model.state == to:
            return
        if to not in (State.SHADOW, State.CHAMPION) or model.state not in _FROM[State(to)]:
            raise ModelStateConflict(state=model.state)
        if model.registered_by == promoted_by:
            raise ModelSecondPersonNeeded
        _require_live(model)
        if to == State.CHAMPION:
            count = ModelScore.objects.filter(model=model).count()
            if count < LEAST_SHADOW_SCORES:
                raise ModelNotEnoughScores(count=count, minimum=LEAST_SHADOW_SCORES)
            ScoringModel.objects.filter(state=State.CHAMPION).update(state=State.SHADOW)
        model.state, model.promoted_by, model.promoted_at, model.note = to, promoted_by, clock.now(), note
        model.save(update_fields=["state", "promoted_by", "promoted_at", "note"])
        _record("assessment.model.promoted", model, {"to": to, "promoted_by": str(promoted_by)})


def model_retire(model_id: UUID, *, retired_by: UUID, note: str) -> None:
    """Take a model out of work; anybody who may promote may stop one, the author too. Again changes nothing."""
    with transaction.atomic():
        model = _locked(model_id)
        if model.state == State.RETIRED:
            return
        model.state, model.note = State.RETIRED, note
        model.save(update_fields=["state", "note"])
        _record("assessment.model.retired", model, {"retired_by": str(retired_by)})


def model_find(which: str) -> UUID:
    """Return the id of a model told as NAME, NAME:VERSION, the beginning of its hash, or its id."""
    name, _, version = which.rpartition(":")
    rows = ScoringModel.objects.order_by("-version")
    if name and version.isdigit():
        found = rows.filter(name=name, version=int(version)).first()
    else:
        found = rows.filter(name=which).first()
    if found is None and len(which) >= 8:
        found = rows.filter(artefact_hash__startswith=which).first()
    if found is None and _is_uuid(which):
        found = rows.filter(id=which).first()
    if found is None:
        raise ModelNotFound
    return found.id


def model_list() -> list[ModelRow]:
    """Return every model, those at work first, then the newest."""
    counts = dict(ModelScore.objects.values_list("model_id").annotate(count=Count("id")).values_list("model_id", "count"))
    rank = {State.CHAMPION: 0, State.SHADOW: 1, State.CANDIDATE: 2, State.RETIRED: 3}
    found = ScoringModel.objects.defer("trees", "report", "card").order_by("-id")[:200]
    rows = [_row(one, counts.get(one.id, 0)) for one in found]
    return sorted(rows, key=lambda row: rank[State(row.state)])


def model_get(model_id: UUID) -> ModelRow:
    """Return one model."""
    return _row(_stored(model_id), ModelScore.objects.filter(model_id=model_id).count())


def model_content(model_id: UUID) -> dict[str, Any]:
    """Return a model's content: columns, bins, points, figures."""
    return json.loads(bytes(_stored(model_id).content))


def model_report(model_id: UUID) -> str:
    """Return the validation report as it was registered."""
    return _stored(model_id).report


def model_scores(model_id: UUID, *, limit: int = 20) -> Iterator[ModelScore]:
    """Yield the newest live scores of a model."""
    yield from ModelScore.objects.filter(model_id=model_id).order_by("-id")[:limit]


def _require_live(model: ScoringModel) -> None:
    """A model at work must find its inputs in a live assessment, and its runtime on this machine."""
    content = json.loads(bytes(model.content))
    served = ServedModel(content, bytes(model.trees) if model.kind == BOOSTING else None)
    if unknown := sorted(set(served.columns) - live_columns()):
        raise ModelInputsNotLive(columns=", ".join(unknown))


def _row(model: ScoringModel, score_count: int) -> ModelRow:
    results = json.loads(bytes(model.content))["results"]
    figures = results["models"][model.kind]
    return ModelRow(
        id=model.id, name=model.name, version=model.version, kind=model.kind, kind_text=KIND_TEXTS[model.kind],
        state=model.state, state_text=STATE_TEXTS[State(model.state)], artefact_hash=model.artefact_hash,
        data_hash=model.data_hash, pack_version=model.pack_version, registered_by=str(model.registered_by),
        registered_at=model.registered_at, promoted_by=str(model.promoted_by or ""), promoted_at=model.promoted_at,
        note=model.note, auc=figures["auc"], auc_low=figures["auc_interval"][0], auc_high=figures["auc_interval"][1],
        ks=figures["ks"], protocol=results["protocol"]["name"], score_count=score_count,
        micros_p50=_micros_p50(model.id) if score_count else None)


def _micros_p50(model_id: UUID) -> int:
    last = sorted(ModelScore.objects.filter(model_id=model_id).order_by("-id").values_list("micros", flat=True)[:1000])
    return last[len(last) // 2]


def _stored(model_id: UUID) -> ScoringModel:
    found = ScoringModel.objects.filter(id=model_id).first()
    if found is None:
        raise ModelNotFound
    return found


def _locked(model_id: UUID) -> ScoringModel:
    found = ScoringModel.objects.select_for_update().filter(id=model_id).first()
    if found is None:
        raise ModelNotFound
    return found


def _record(name: str, model: ScoringModel, facts: dict[str, str]) -> None:
    event_record(name, subject_type="assessment.scoring_model", subject_id=model.id,
                 facts={"model": model.name, "version": model.version, "artefact_hash": model.artefact_hash, **facts})


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
