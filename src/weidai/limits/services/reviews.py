"""Scheduled and event-driven review of a line (R5.1, R5.3): decreases set a target, increases wait for acceptance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.kernel.text import Text
from weidai.limits import rules, selectors
from weidai.limits.errors import CreditLineClosed, LimitExceeded, LimitOfferNotFound
from weidai.limits.models import CreditLine, LimitChange
from weidai.limits.policy import LimitsPolicy, current
from weidai.limits.selectors import LimitChangeRow, LineRow, change_row, line_row
from weidai.limits.services.movements import line_locked
from weidai.messaging.services import notice_send
from weidai.platform import clock
from weidai.policy import selectors as policy_packs

_Kind = LimitChange.Kind
REVIEW_REASONS = {
    "scheduled_review": Text("定期复核", "scheduled review"),
    "assessment": Text("信用评估变化", "a changed assessment"),
    "delinquency": Text("还款情况变化", "a changed repayment record"),
    "debt_ratio": Text("负债比率变化", "a changed debt ratio"),
}


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """What the formula says now, from whoever ran it (origination, which knows every fact); fen."""

    amount_fen: int
    reason: str
    terms: Sequence[dict[str, Any]] = field(default_factory=tuple)
    cause_id: UUID | None = None


@transaction.atomic
def line_review(customer_id: UUID, *, line_id: UUID, result: ReviewResult) -> LimitChangeRow:
    """Apply a review: less sets the target at once, more becomes an offer; the next review date moves in every case.

    The same cause again returns the change it made.
    """
    line = line_locked(customer_id, line_id)
    if line.status == CreditLine.Status.CLOSED:
        raise CreditLineClosed
    if result.cause_id is not None:
        made = LimitChange.objects.filter(customer_id=customer_id, line=line, cause_id=result.cause_id).exclude(
            kind__in=[_Kind.GRANTED, _Kind.RATCHETED, _Kind.EXCEEDED]).first()
        if made is not None:
            return change_row(made)
    on, policy = clock.today(), current(clock.today())
    before_fen = line.approved_fen
    change = _change(line, result, policy)
    unanswered = LimitChange.objects.filter(customer_id=customer_id, line=line, kind=_Kind.INCREASE_OFFERED)
    unanswered.filter(answered_at=None).update(answered_at=clock.now())  # a newer review replaces the offer
    change.save(force_insert=True)
    line.next_review_on = rules.next_review_on(line.approved_fen, policy, reviewed_on=on)
    line.save(update_fields=["approved_fen", "target_fen", "next_review_on"])
    event_record(f"limits.credit_line.{_EVENTS[change.kind]}", customer_id=customer_id,
                 subject_type="limits.credit_line", subject_id=line.id,
                 facts={"before_fen": before_fen, "after_fen": change.after_fen, "target_fen": change.target_fen,
                        "reason": result.reason, "pack_version": change.pack_version})
    _tell(change)
    return change_row(change)


@transaction.atomic
def increase_accept(customer_id: UUID, *, change_id: UUID) -> LineRow:
    """Take an offered increase (R5.3); taking it twice raises the limit once."""
    offer = _offer(customer_id, change_id)
    line = line_locked(customer_id, offer.line_id)
    offer.refresh_from_db()
    taken = LimitChange.objects.filter(customer_id=customer_id, line=line, kind=_Kind.INCREASED, cause_id=change_id)
    if taken.exists():
        return line_row(line)
    moment = clock.now()
    if offer.answered_at is not None or offer.offer_until is None or offer.offer_until <= moment:
        raise LimitOfferNotFound
    before_fen = line.approved_fen
    others_fen = selectors.approved_total_fen(customer_id) - before_fen
    cap_fen = current(clock.today()).person_cap_fen
    if others_fen + offer.after_fen > cap_fen:
        raise LimitExceeded(available_fen=max(cap_fen - others_fen, 0), wanted_fen=offer.after_fen)
    line.approved_fen = line.target_fen = max(offer.after_fen, before_fen)
    line.save(update_fields=["approved_fen", "target_fen"])
    LimitChange.objects.filter(customer_id=customer_id, id=change_id).update(answered_at=moment)
    LimitChange.objects.create(
        customer_id=customer_id, line=line, kind=_Kind.INCREASED, before_fen=before_fen, after_fen=line.approved_fen,
        target_fen=line.target_fen, reason=offer.reason, terms=offer.terms, pack_version=offer.pack_version,
        cause_id=change_id, changed_at=moment)
    event_record("limits.credit_line.increased", customer_id=customer_id, subject_type="limits.credit_line",
                 subject_id=line.id, facts={"before_fen": before_fen, "after_fen": line.approved_fen})
    notice_send(customer_id, template="limits.changed", values={
        "before_fen": before_fen, "after_fen": line.approved_fen, "reason": _words(offer.reason)})
    return selectors.line_get(customer_id, line.id)


@transaction.atomic
def increase_decline(customer_id: UUID, *, change_id: UUID) -> None:
    """Say no to an offered increase; nothing changes."""
    offer = _offer(customer_id, change_id)
    answered = LimitChange.objects.filter(customer_id=customer_id, id=change_id, answered_at=None).update(
        answered_at=clock.now())
    if answered:
        event_record("limits.increase_offer.declined", customer_id=customer_id, subject_type="limits.credit_line",
                     subject_id=offer.line_id, facts={"offered_fen": offer.after_fen})


def _change(line: CreditLine, result: ReviewResult, policy: LimitsPolicy) -> LimitChange:
    """Return the change a review leads to and set the line's amounts for a decrease."""
    before_fen, moment = line.approved_fen, clock.now()
    after_fen, until = before_fen, None
    if result.amount_fen > max(line.target_fen, before_fen):
        kind, after_fen = _Kind.INCREASE_OFFERED, result.amount_fen
        until = moment + timedelta(days=policy.offer_valid_days)
    elif result.amount_fen < line.target_fen:
        kind, line.target_fen = _Kind.DECREASED, result.amount_fen
        line.approved_fen = after_fen = rules.approved_for_target(
            target_fen=line.target_fen, used_fen=line.used_fen, reserved_fen=line.reserved_fen)
    else:
        kind = _Kind.UNCHANGED
    return LimitChange(
        customer_id=line.customer_id, line=line, kind=kind, before_fen=before_fen, after_fen=after_fen,
        target_fen=line.target_fen, reason=result.reason, terms=list(result.terms),
        pack_version=policy_packs.pack(clock.today()).version, cause_id=result.cause_id, changed_at=moment,
        offer_until=until)


def _tell(change: LimitChange) -> None:
    if change.kind == _Kind.INCREASE_OFFERED:
        notice_send(change.customer_id, template="limits.increase_offered",
                    values={"before_fen": change.before_fen, "after_fen": change.after_fen})
    elif change.kind == _Kind.DECREASED and change.after_fen != change.before_fen:
        notice_send(change.customer_id, template="limits.changed", values={
            "before_fen": change.before_fen, "after_fen": change.after_fen, "reason": _words(change.reason)})


def _offer(customer_id: UUID, change_id: UUID) -> LimitChange:
    offer = LimitChange.objects.filter(customer_id=customer_id, id=change_id, kind=_Kind.INCREASE_OFFERED).first()
    if offer is None:
        raise LimitOfferNotFound
    return offer


def _words(reason: str) -> Text:
    return REVIEW_REASONS.get(reason, Text("复核", "review"))


_EVENTS: dict[str, str] = {
    _Kind.INCREASE_OFFERED: "increase_offered", _Kind.DECREASED: "decreased", _Kind.UNCHANGED: "reviewed"}
