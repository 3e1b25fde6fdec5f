"""Granting, activating and closing credit lines (R5.1, R5.2, R6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.limits import rules, selectors
from weidai.limits.errors import CreditLineClosed, CreditLineExists, LimitMovementConflict, LimitNotGranted
from weidai.limits.models import CreditLine, LimitChange
from weidai.limits.policy import current
from weidai.limits.selectors import LineRow
from weidai.limits.services.movements import line_locked
from weidai.platform import clock
from weidai.policy import selectors as policy_packs
from weidai.products import policy as products_policy


@transaction.atomic
def line_grant(
    customer_id: UUID, *, product: str, amount_fen: int, grade: str, daily_rate_e8: int,
    terms: Sequence[dict[str, Any]], application_id: UUID,
) -> LineRow:
    """Open a line the customer accepted; the same application again returns the same line (R4.4, R5.2)."""
    granted = selectors.line_for_application(customer_id, application_id)
    if granted is not None:
        return granted
    if selectors.line_for_product(customer_id, product) is not None:
        raise CreditLineExists
    on, moment = clock.today(), clock.now()
    offered = products_policy.current(on).product(product)
    if not offered.minimum_line_fen <= amount_fen <= offered.maximum_line_fen:
        raise LimitNotGranted(amount=amount_fen // 100)
    version = policy_packs.pack(on).version
    line = CreditLine.objects.create(
        customer_id=customer_id, product=product, approved_fen=amount_fen, target_fen=amount_fen, grade=grade,
        daily_rate_e8=daily_rate_e8, application_id=application_id, pack_version=version, granted_at=moment,
        next_review_on=rules.next_review_on(amount_fen, current(on), reviewed_on=on))
    LimitChange.objects.create(
        customer_id=customer_id, line=line, kind=LimitChange.Kind.GRANTED, before_fen=0, after_fen=amount_fen,
        target_fen=amount_fen, reason="application", terms=list(terms), pack_version=version, cause_id=application_id,
        changed_at=moment)
    event_record("limits.credit_line.granted", customer_id=customer_id, subject_type="limits.credit_line",
                 subject_id=line.id, facts={"product": product, "amount_fen": amount_fen, "grade": grade,
                                            "daily_rate_e8": daily_rate_e8, "application_id": str(application_id),
                                            "pack_version": version})
    return selectors.line_row(line, available_fen=amount_fen)


@transaction.atomic
def line_activate(customer_id: UUID, *, line_id: UUID) -> LineRow:
    """Let a granted line be drawn, once its activation is finished (R6.1); again changes nothing."""
    line = line_locked(customer_id, line_id)
    if line.status == CreditLine.Status.CLOSED:
        raise CreditLineClosed
    if line.status == CreditLine.Status.GRANTED:
        line.status, line.activated_at = CreditLine.Status.ACTIVATED, clock.now()
        CreditLine.objects.filter(customer_id=customer_id, id=line_id).update(
            status=line.status, activated_at=line.activated_at)
        event_record("limits.credit_line.activated", customer_id=customer_id, subject_type="limits.credit_line",
                     subject_id=line.id, facts={"product": line.product})
    return selectors.line_row(line)


@transaction.atomic
def line_close(customer_id: UUID, *, line_id: UUID, reason: str) -> LineRow:
    """Close a line on which nothing is used or reserved; again changes nothing."""
    line = line_locked(customer_id, line_id)
    if line.status == CreditLine.Status.CLOSED:
        return selectors.line_row(line)
    if line.used_fen or line.reserved_fen:
        raise LimitMovementConflict
    moment, before_fen = clock.now(), line.approved_fen
    line.status, line.closed_at, line.approved_fen, line.target_fen = CreditLine.Status.CLOSED, moment, 0, 0
    CreditLine.objects.filter(customer_id=customer_id, id=line_id).update(
        status=line.status, closed_at=moment, approved_fen=0, target_fen=0)
    LimitChange.objects.create(
        customer_id=customer_id, line=line, kind=LimitChange.Kind.CLOSED, before_fen=before_fen, after_fen=0,
        target_fen=0, reason=reason, pack_version=line.pack_version, changed_at=moment)
    event_record("limits.credit_line.closed", customer_id=customer_id, subject_type="limits.credit_line",
                 subject_id=line.id, facts={"reason": reason, "before_fen": before_fen})
    return selectors.line_row(line, available_fen=0)
