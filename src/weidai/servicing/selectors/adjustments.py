"""Proposals about money that wait for a second person, for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weidai.kernel.text import Text
from weidai.servicing.errors import AdjustmentNotFound
from weidai.servicing.models import Adjustment

KIND_TEXTS = {
    "suspense": Text("暂收款认领", "Money without a name given to a customer"),
    "payout": Text("补记放款", "Payout booked after all"),
}


@dataclass(frozen=True, slots=True)
class AdjustmentRow:
    """One open proposal; `proposed_by` is a staff id."""

    id: UUID
    kind: str
    kind_text: Text
    subject_id: UUID
    owner_id: UUID
    loan_id: UUID | None
    amount_fen: int
    reason: str
    proposed_by: str
    proposed_at: datetime


def adjustments_open(*, limit: int = 200) -> list[AdjustmentRow]:
    """Return open proposals, oldest first."""
    rows = Adjustment.objects.filter(state=Adjustment.State.PROPOSED).order_by("proposed_at")[:limit]
    return [_row(row) for row in rows]


def adjustment_get(adjustment_id: UUID) -> AdjustmentRow:
    """Return an open proposal; raises AdjustmentNotFound."""
    row = Adjustment.objects.filter(id=adjustment_id, state=Adjustment.State.PROPOSED).first()
    if row is None:
        raise AdjustmentNotFound
    return _row(row)


def proposed_subjects(kind: str) -> set[UUID]:
    """Return the subjects of a kind for which a proposal is open."""
    return set(Adjustment.objects.filter(kind=kind, state=Adjustment.State.PROPOSED).values_list("subject_id", flat=True))


def _row(row: Adjustment) -> AdjustmentRow:
    return AdjustmentRow(row.id, row.kind, KIND_TEXTS[row.kind], row.subject_id, row.owner_id, row.loan_id,
                         row.amount_fen, row.reason, row.proposed_by, row.proposed_at)
