"""The only writer of risk lists and decisions (R8.2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db import connection, transaction

from weidai.audit.services import event_record
from weidai.platform import clock
from weidai.platform.crypto import digest_text
from weidai.platform.transactions import joined
from weidai.policy import selectors as policy_packs
from weidai.risk import rules
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
    kept = _kept(customer_id, event, subject_id)
    if kept is not None:
        return decision_row(kept)
    moment, on = clock.now(), clock.today()
    policy = current(on)
    past = _past(customer_id, event, after=moment - timedelta(hours=policy.longest_hours(event)), until=moment)
    hits = _list_hits(customer_id, facts.identifiers)
    found = rules.verdict(
        event, at=moment, amount_fen=facts.amount_fen, list_hits=hits, signals=facts.signals, policy=policy,
        past=past)
    stored_facts = {"amount_fen": facts.amount_fen, "signals": sorted(facts.signals), "past_count": len(past),
                    "list_hits": [kind for kind, _ in hits]}
    decision = Decision(
        customer_id=customer_id, event=event, subject_id=subject_id, outcome=found.outcome,
        reasons=[reason.code for reason in found.reasons], facts=stored_facts,
        pack_version=policy_packs.pack(on).version, decided_at=moment)
    if not _keep(decision):  # a twin was faster: its answer holds
        twin = _kept(customer_id, event, subject_id)
        assert twin is not None, "the twin's decision is committed"
        return decision_row(twin)
    event_record("risk.decision.made", customer_id=customer_id, subject_type=f"risk.{event}", subject_id=subject_id,
                 facts={"outcome": decision.outcome, "reasons": decision.reasons, "pack_version": decision.pack_version})
    return decision_row(decision)


def _kept(customer_id: UUID, event: str, subject_id: UUID) -> Decision | None:
    with connection.cursor() as cursor:  # nearly always nothing: the ORM is asked only when there is something
        cursor.execute("SELECT id FROM risk_decision WHERE customer_id = %s AND event = %s AND subject_id = %s",
                       [customer_id, event, subject_id])
        row = cursor.fetchone()
    return Decision.objects.get(customer_id=customer_id, id=row[0]) if row else None


def _past(customer_id: UUID, event: str, *, after: datetime, until: datetime) -> list[rules.PastEvent]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT decided_at, coalesce((facts->>'amount_fen')::bigint, 0) FROM risk_decision
                WHERE customer_id = %s AND event = %s AND decided_at > %s AND decided_at <= %s
                ORDER BY decided_at DESC LIMIT %s""", [customer_id, event, after, until, MAX_PAST_EVENTS])
        return [rules.PastEvent(*row) for row in cursor.fetchall()]


def _keep(decision: Decision) -> bool:
    """Write a decision with one statement; False when one about the same event and subject was written before."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO risk_decision (id, customer_id, event, subject_id, outcome, reasons, facts, pack_version,
                 decided_at) VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s)
               ON CONFLICT (customer_id, event, subject_id) DO NOTHING""",
            [decision.id, decision.customer_id, decision.event, decision.subject_id, decision.outcome,
             json.dumps(decision.reasons), json.dumps(decision.facts), decision.pack_version, decision.decided_at])
        return cursor.rowcount == 1


@transaction.atomic
def list_add(*, kind: str, value: str, effect: Effect, reason: str, staff_id: str) -> UUID:
    """Put a value on a list, kept as a digest only; a standing entry of the same value is returned."""
    if kind not in ListEntry.Kind.values or effect not in ListEntry.Effect.values:
        raise RiskSignalUnknown
    entry, is_new = ListEntry.objects.get_or_create(
        kind=kind, digest=value_digest(kind, value), removed_at=None,
        defaults={"effect": effect, "reason": reason, "added_at": clock.now(), "added_by": staff_id})
    if is_new:
        event_record("risk.list_entry.added", subject_type="risk.list_entry", subject_id=entry.id,
                     facts={"kind": kind, "effect": effect, "reason": reason})
    return entry.id


@transaction.atomic
def list_remove(*, entry_id: UUID, reason: str) -> None:
    """Take a value off its list; the row stays as history."""
    if not ListEntry.objects.filter(id=entry_id, removed_at=None).update(removed_at=clock.now()):
        raise RiskListEntryNotFound
    event_record("risk.list_entry.removed", subject_type="risk.list_entry", subject_id=entry_id,
                 facts={"reason": reason})


def value_digest(kind: str, value: str) -> str:
    """Return the keyed digest by which a value stands on a list."""
    return digest_text(value.strip().upper(), f"risk.list.{kind}")


def _list_hits(customer_id: UUID, identifiers: Mapping[str, str]) -> list[tuple[str, Effect]]:
    wanted = {value_digest(kind, value): kind for kind, value in identifiers.items() if value}
    wanted[value_digest(ListEntry.Kind.CUSTOMER, str(customer_id))] = ListEntry.Kind.CUSTOMER
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest, kind, effect FROM risk_listentry WHERE digest = ANY(%s) AND removed_at IS NULL",
                       [list(wanted)])
        standing = cursor.fetchall()
    return sorted((kind, cast(Effect, effect)) for digest, kind, effect in standing if wanted[digest] == kind)


