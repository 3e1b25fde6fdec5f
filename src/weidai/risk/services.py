"""The only writer of risk lists and decisions (R8.2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.platform import clock, statements
from weidai.platform.crypto import digest_text_for_writing, digest_texts
from weidai.platform.ids import uuid7
from weidai.platform.transactions import joined
from weidai.policy import selectors as policy_packs
from weidai.policy.services import Made, shadow_note
from weidai.risk import rules
from weidai.risk.decision_kinds import decision_inputs
from weidai.risk.errors import RiskListEntryNotFound, RiskSignalUnknown
from weidai.risk.models import Decision, ListEntry
from weidai.risk.policy import Effect, EventKind, current
from weidai.risk.selectors import DecisionRow, decision_row

MAX_PAST_EVENTS = 500  # more events than any window allows; the newest count


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """What the calling room knows about an event.

    `identifiers` are plain values by kind (id_number, mobile, card_number), compared with lists by digest and never
    stored; `signals` are warning codes named in the pack.
    """

    amount_fen: int = 0
    identifiers: Mapping[str, str] = field(default_factory=dict)
    signals: frozenset[str] = frozenset()


@joined
def decide(customer_id: UUID, *, event: EventKind, subject_id: UUID, facts: RiskFacts) -> DecisionRow:
    """Decide on one event and keep decision, reasons and facts; the same event and subject again gets the same answer.

    Returns the outcome allow, challenge or block; what a challenge means is for the calling room.
    """
    moment, on = clock.now(), clock.today()
    policy = current(on)
    digests = _digests(customer_id, facts.identifiers)
    known = _known(customer_id, event, subject_id, digests=digests,
                   after=moment - timedelta(hours=policy.longest_hours(event)), until=moment)
    if known.kept_id is not None:
        return decision_row(Decision.objects.get(customer_id=customer_id, id=known.kept_id))
    found = rules.verdict(
        event, at=moment, amount_fen=facts.amount_fen, list_hits=known.hits, signals=facts.signals, policy=policy,
        past=known.past)
    decision = DecisionRow(
        id=uuid7(), customer_id=customer_id, event=event, subject_id=subject_id, outcome=found.outcome,
        reasons=tuple(reason.code for reason in found.reasons),
        facts={"amount_fen": facts.amount_fen, "signals": sorted(facts.signals), "past_count": len(known.past),
               "list_hits": [[kind, effect] for kind, effect in known.hits]},
        pack_version=policy_packs.pack(on).version, decided_at=moment)
    if not _keep(decision):  # a twin was faster: its answer holds
        return decision_row(Decision.objects.get(customer_id=customer_id, event=event, subject_id=subject_id))
    event_record("risk.decision.made", customer_id=customer_id, subject_type=f"risk.{event}", subject_id=subject_id,
                 facts={"outcome": decision.outcome, "reasons": list(decision.reasons),
                        "pack_version": decision.pack_version})
    if policy_packs.shadow_pack() is not None:
        shadow_note("risk", [Made(customer_id, subject_id, decision_inputs(decision, known.past),
                                  {"outcome": decision.outcome, "reasons": list(decision.reasons)})])
    return decision


@dataclass(slots=True)
class _Known:
    """What is known before a decision: the one made before about the same, earlier events, hits on standing lists."""

    kept_id: UUID | None = None
    past: list[rules.PastEvent] = field(default_factory=list)
    hits: list[tuple[str, Effect]] = field(default_factory=list)


def _known(
    customer_id: UUID, event: str, subject_id: UUID, *, digests: Mapping[str, str], after: datetime, until: datetime,
) -> _Known:
    """Read it with one statement."""
    found = statements.rows(
        """(SELECT id, decided_at, coalesce((facts->>'amount_fen')::bigint, 0), NULL::text, NULL::text, NULL::text
              FROM risk_decision WHERE customer_id = %(customer)s AND event = %(event)s AND decided_at > %(after)s
               AND decided_at <= %(until)s ORDER BY decided_at DESC LIMIT %(most)s)
           UNION ALL
           SELECT id, NULL, NULL, NULL, NULL, NULL FROM risk_decision
            WHERE customer_id = %(customer)s AND event = %(event)s AND subject_id = %(subject)s
           UNION ALL
           SELECT NULL, NULL, NULL, digest, kind, effect FROM risk_listentry
            WHERE digest = ANY(%(digests)s) AND removed_at IS NULL""",
        {"customer": customer_id, "event": event, "subject": subject_id, "after": after, "until": until,
         "most": MAX_PAST_EVENTS, "digests": list(digests)})
    known = _Known()
    for decision_id, at, amount_fen, digest, kind, effect in found:
        if at is not None:
            known.past.append(rules.PastEvent(at, amount_fen))
        elif decision_id is not None:
            known.kept_id = decision_id
        elif digests[digest] == kind:
            known.hits.append((kind, cast(Effect, effect)))
    known.hits.sort()
    return known


def _keep(decision: DecisionRow) -> bool:
    """Write a decision with one statement; False when one about the same event and subject was written before."""
    return statements.count(
        """INSERT INTO risk_decision (id, customer_id, event, subject_id, outcome, reasons, facts, pack_version,
             decided_at) VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s)
           ON CONFLICT (customer_id, event, subject_id) DO NOTHING""",
        [decision.id, decision.customer_id, decision.event, decision.subject_id, decision.outcome,
         json.dumps(decision.reasons), json.dumps(decision.facts), decision.pack_version, decision.decided_at]) == 1


@transaction.atomic
def list_add(*, kind: str, value: str, effect: Effect, reason: str, staff_id: str) -> UUID:
    """Put a value on a list, found by its digest only; a standing entry of the same value is returned."""
    if kind not in ListEntry.Kind.values or effect not in ListEntry.Effect.values:
        raise RiskSignalUnknown
    standing = ListEntry.objects.filter(kind=kind, digest__in=value_digests(kind, value), removed_at=None).first()
    if standing is not None:
        return standing.id
    entry, is_new = ListEntry.objects.get_or_create(
        kind=kind, digest=newest_digest(kind, value), removed_at=None,
        defaults={"id": uuid7(), "value": _normal(value), "effect": effect, "reason": reason, "added_at": clock.now(),
                  "added_by": staff_id})
    if is_new:
        event_record("risk.list_entry.added", subject_type="risk.list_entry", subject_id=entry.id,
                     facts={"kind": kind, "effect": effect, "reason": reason})
    return entry.id


@transaction.atomic
def list_remove(*, entry_id: UUID, reason: str) -> None:
    """Take a value off its list; the row stays as history, without the value."""
    if not ListEntry.objects.filter(id=entry_id, removed_at=None).update(removed_at=clock.now(), value=None, digest=""):
        raise RiskListEntryNotFound
    event_record("risk.list_entry.removed", subject_type="risk.list_entry", subject_id=entry_id,
                 facts={"reason": reason})


def value_digests(kind: str, value: str) -> tuple[str, ...]:
    """Return the keyed digests by which a value may stand on a list, the newest key's last."""
    return digest_texts(_normal(value), _purpose(kind))


def newest_digest(kind: str, value: str) -> str:
    """Return the digest a kept value stands under from now on; keys do not change until commit."""
    return digest_text_for_writing(_normal(value), _purpose(kind))


def _normal(value: str) -> str:
    return value.strip().upper()


def _purpose(kind: str) -> str:
    return f"risk.list.{kind}"


def _digests(customer_id: UUID, identifiers: Mapping[str, str]) -> dict[str, str]:
    """Return what may stand on a list, by digest: the identifiers given and the customer."""
    wanted = {kind: value for kind, value in identifiers.items() if value} | {"customer": str(customer_id)}
    return {digest: kind for kind, value in wanted.items() for digest in value_digests(kind, value)}
