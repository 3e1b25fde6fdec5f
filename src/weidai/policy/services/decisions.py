"""Keeping a decision with all it was made from, and noting what the version in shadow would have decided (R8.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.policy import registry, selectors
from weidai.policy.models import KeptDecision, ShadowDecision
from weidai.policy.pack import Pack
from weidai.policy.registry import Json, PastDecision
from weidai.policy.rules.comparing import changes

log = structlog.get_logger(__name__)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Made:
    """A decision just made, for the shadow to be compared with."""

    customer_id: UUID
    subject_id: UUID
    inputs: Json
    outcome: Json


class KeptKind:
    """Base of the kinds whose decisions are kept in this room's table."""

    def __init__(self, code: str, name: Text) -> None:
        self.code, self.name = code, name

    def count(self, since: datetime, until: datetime) -> int:
        """Return how many were made from `since` up to, not including, `until`."""
        return KeptDecision.objects.filter(kind=self.code, decided_at__gte=since, decided_at__lt=until).count()

    def iterate(self, since: datetime, until: datetime) -> Iterator[PastDecision]:
        """Return them in the order in which they were made, read in slices."""
        rows = KeptDecision.objects.filter(kind=self.code, decided_at__gte=since, decided_at__lt=until)
        for row in rows.order_by("decided_at", "id").iterator(chunk_size=_AT_ONCE):
            yield PastDecision(row.customer_id, row.subject_id, row.decided_on, row.decided_at, row.pack_version,
                               row.inputs, row.outcome)


def decision_keep(kind: str, *, customer_id: UUID, subject_id: UUID, inputs: Json, outcome: Json) -> None:
    """Keep a decision made now under the pack in force, in the caller's transaction; again for the subject does nothing."""
    on = clock.today()
    row = KeptDecision(customer_id=customer_id, kind=kind, subject_id=subject_id, decided_on=on, decided_at=clock.now(),
                       pack_version=selectors.pack(on).version, inputs=dict(inputs), outcome=dict(outcome))
    KeptDecision.objects.bulk_create([row], ignore_conflicts=True)
    shadow_note(kind, [Made(customer_id, subject_id, inputs, outcome)])


def shadow_note(kind: str, made: Sequence[Made]) -> None:
    """Decide what was just decided once more under the version in shadow and keep both; nothing while there is none.

    What goes wrong in a shadow is kept as such and never touches the decision that counts.
    """
    shadow = selectors.shadow_pack()
    if shadow is None or not made:
        return
    on, moment = clock.today(), clock.now()
    live = selectors.pack(on).version
    rows = []
    for one in made:
        after = _shadow_outcome(kind, one, shadow)
        differs = changes(one.outcome, after)
        maker = registry.decision_kinds()[kind]
        rows.append(ShadowDecision(
            customer_id=one.customer_id, kind=kind, subject_id=one.subject_id, decided_at=moment, live_version=live,
            shadow_version=shadow.version, is_same=not differs, changes=differs,
            live_effect=asdict(maker.effect(one.outcome)),
            shadow_effect={} if "failed" in after else asdict(maker.effect(after))))
    ShadowDecision.objects.bulk_create(rows, batch_size=_AT_ONCE, ignore_conflicts=True)


def _shadow_outcome(kind: str, made: Made, shadow: Pack) -> Mapping[str, Any]:
    on = clock.today()
    try:
        return registry.decision_kinds()[kind].decide(made.inputs, on, shadow, selectors.law(on, shadow.licence_type))
    except Exception as error:  # whatever a version on trial does, the live decision stands
        log.exception("policy.shadow_failed", kind=kind, version=shadow.version)
        return {"failed": type(error).__name__}
