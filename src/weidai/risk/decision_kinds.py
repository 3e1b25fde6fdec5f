"""Risk decisions that can be made again: the event, what was known of it and the earlier events it was counted with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast

from weidai.kernel.days import shanghai_date
from weidai.kernel.text import Text
from weidai.policy.pack import Pack
from weidai.policy.registry import Effect, PastDecision
from weidai.policy.rules import LegalLimits
from weidai.risk import rules
from weidai.risk.models import Decision
from weidai.risk.policy import Effect as RiskEffect
from weidai.risk.policy import of_pack

_AT_ONCE = 500
_LOOK_BACK = timedelta(days=31)  # no window of a pack is longer; earlier events are not read
_MOST_EVENTS = 500  # as the live decision reads


class RiskKind:
    """Allow, challenge or block; read from the room's own table."""

    code = "risk"
    name = Text("交易风控", "Transaction risk")

    def count(self, since: datetime, until: datetime) -> int:
        """Return how many were made from `since` up to, not including, `until`."""
        return Decision.objects.filter(decided_at__gte=since, decided_at__lt=until).count()

    def iterate(self, since: datetime, until: datetime) -> Iterator[PastDecision]:
        """Return them in the order in which they were made, each with the earlier events of the same customer."""
        rows = Decision.objects.filter(decided_at__gte=since, decided_at__lt=until).order_by("decided_at", "id")
        for row in rows.iterator(chunk_size=_AT_ONCE):
            yield PastDecision(row.customer_id, row.subject_id, shanghai_date(row.decided_at), row.decided_at, row.pack_version,
                               _inputs(row), {"outcome": row.outcome, "reasons": list(row.reasons)})

    def decide(self, inputs: Mapping[str, Any], on: date, pack: Pack, law: LegalLimits) -> dict[str, Any]:  # noqa: ARG002
        """Decide a stored event under a pack."""
        at, policy = datetime.fromisoformat(inputs["at"]), of_pack(pack, law)
        longest = timedelta(hours=policy.longest_hours(inputs["event"]))
        past = [rules.PastEvent(datetime.fromisoformat(when), fen) for when, fen in inputs["past"]]
        found = rules.verdict(
            inputs["event"], at=at, amount_fen=inputs["amount_fen"], policy=policy, signals=inputs["signals"],
            past=[one for one in past if one.at > at - longest],
            list_hits=[(kind, cast(RiskEffect, effect)) for kind, effect in inputs["list_hits"]])
        return {"outcome": found.outcome, "reasons": [reason.code for reason in found.reasons]}

    def effect(self, outcome: Mapping[str, Any]) -> Effect:
        """Whether the event went on, possibly after a challenge."""
        return Effect(is_approved=outcome["outcome"] != "block")


def decision_inputs(row: Any, past: Iterable[rules.PastEvent]) -> dict[str, Any]:
    """Return what a decision was made from in the form it is decided from again; `row` is a decision or its shown row."""
    return {"event": row.event, "at": row.decided_at.isoformat(), "amount_fen": row.facts["amount_fen"],
            "signals": row.facts["signals"], "list_hits": [_hit(row, kind) for kind in row.facts["list_hits"]],
            "past": [[one.at.isoformat(), one.amount_fen] for one in past]}


def _inputs(row: Decision) -> dict[str, Any]:
    earlier = Decision.objects.filter(
        customer_id=row.customer_id, event=row.event, decided_at__gt=row.decided_at - _LOOK_BACK,
        decided_at__lte=row.decided_at, id__lt=row.id).order_by("-decided_at")[:_MOST_EVENTS]
    return decision_inputs(row, (rules.PastEvent(one.decided_at, one.facts["amount_fen"]) for one in earlier))


def _hit(row: Any, kind: str | list[str]) -> list[str]:
    """Return kind and effect of a list hit; rows of before the effect was kept show it in what was decided."""
    return kind if isinstance(kind, list) else [kind, "block" if row.outcome == "block" else "challenge"]


RISK = RiskKind()
