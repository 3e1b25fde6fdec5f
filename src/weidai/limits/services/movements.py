"""Money between available, reserved and used: each cause moves it once (R5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.limits import rules, selectors
from weidai.limits.errors import (
    CreditLineClosed,
    CreditLineFrozen,
    CreditLineNotActivated,
    CreditLineNotFound,
    LimitAmountInvalid,
    LimitExceeded,
    LimitMovementConflict,
)
from weidai.limits.models import CreditLine, LimitChange, LimitMovement
from weidai.limits.selectors import LineRow
from weidai.platform import clock, statements
from weidai.platform.ids import uuid7
from weidai.platform.transactions import joined

_Kind = LimitMovement.Kind


def line_locked(customer_id: UUID, line_id: UUID) -> CreditLine:
    """Return the line locked until the caller's transaction ends; for this room's services only."""
    line = statements.row_lock(CreditLine, customer_id, line_id)
    if line is None:
        raise CreditLineNotFound
    return line


def line_lock(customer_id: UUID, *, line_id: UUID) -> LineRow:
    """Lock a line in the caller's transaction (first in the lock order) and return it as it stands now."""
    return selectors.line_row(line_locked(customer_id, line_id))


@joined
def limit_reserve(customer_id: UUID, *, line_id: UUID, amount_fen: int, cause_id: UUID) -> LineRow:
    """Set `amount_fen` aside for a drawdown; refuses on any hold, lack of activation or lack of limit (R5.5, R6.2).

    The same cause and amount again changes nothing.
    """
    line = line_locked(customer_id, line_id)
    booked_fen, kinds = _booked_and_held(line, cause_id)
    if _is_same(booked_fen, amount_fen):
        return selectors.line_get(customer_id, line_id)
    if line.status == CreditLine.Status.CLOSED:
        raise CreditLineClosed
    if line.status != CreditLine.Status.ACTIVATED:
        raise CreditLineNotActivated
    if kinds:
        raise CreditLineFrozen(kinds=kinds)
    if amount_fen > line.available_fen:
        raise LimitExceeded(available_fen=line.available_fen, wanted_fen=amount_fen)
    line.reserved_fen += amount_fen
    return _book(line, _Kind.RESERVE, amount_fen, cause_id)


@joined
def limit_use(customer_id: UUID, *, line_id: UUID, amount_fen: int, cause_id: UUID) -> LineRow:
    """Turn what `cause_id` reserved into used, when the money has arrived; holds do not stop it (R6.3)."""
    line = line_locked(customer_id, line_id)
    sums = _moved(line, cause_id)
    if _is_same(sums.get(_Kind.USE), amount_fen):
        return selectors.line_get(customer_id, line_id)
    _require_reserved(sums, amount_fen)
    line.reserved_fen -= amount_fen
    line.used_fen += amount_fen
    return _book(line, _Kind.USE, amount_fen, cause_id)


@joined
def limit_release(customer_id: UUID, *, line_id: UUID, amount_fen: int, cause_id: UUID) -> LineRow:
    """Give back what `cause_id` reserved, when the payout failed or was withdrawn."""
    line = line_locked(customer_id, line_id)
    sums = _moved(line, cause_id)
    if _is_same(sums.get(_Kind.RELEASE), amount_fen):
        return selectors.line_get(customer_id, line_id)
    _require_reserved(sums, amount_fen)
    line.reserved_fen -= amount_fen
    return _book(line, _Kind.RELEASE, amount_fen, cause_id)


@transaction.atomic
def limit_restore(customer_id: UUID, *, line_id: UUID, amount_fen: int, cause_id: UUID) -> LineRow:
    """Give back repaid principal, once per line and cause: sum the loans of a repayment, or use one cause for each.

    When a decrease waits, the approved limit ratchets down instead (R5.3).
    """
    line = line_locked(customer_id, line_id)
    if _is_booked(line, _Kind.RESTORE, amount_fen, cause_id):
        return selectors.line_get(customer_id, line_id)
    if amount_fen > line.used_fen:
        raise LimitMovementConflict
    line.used_fen -= amount_fen
    return _book(line, _Kind.RESTORE, amount_fen, cause_id)


@transaction.atomic
def limit_reuse(customer_id: UUID, *, line_id: UUID, amount_fen: int, cause_id: UUID) -> LineRow:
    """Use limit again because a repayment was reversed, once per line and cause; holds and lack of limit do not stop it.

    The debt exists whatever the limit says. When what was freed has been drawn anew, the approved limit rises to what is
    used and reserved; its target stays, so that it ratchets down again as debt is repaid (R5.3).
    """
    line = line_locked(customer_id, line_id)
    if _is_booked(line, _Kind.REUSE, amount_fen, cause_id):
        return selectors.line_get(customer_id, line_id)
    if line.status == CreditLine.Status.CLOSED:
        raise CreditLineClosed
    line.used_fen += amount_fen
    return _book(line, _Kind.REUSE, amount_fen, cause_id)


def _is_booked(line: CreditLine, kind: str, amount_fen: int, cause_id: UUID) -> bool:
    """Say whether this movement was made before; the same cause with another amount is refused."""
    same = LimitMovement.objects.filter(customer_id=line.customer_id, line=line, kind=kind, cause_id=cause_id)
    return _is_same(same.order_by().values_list("amount_fen", flat=True).first(), amount_fen)


def _is_same(booked_fen: int | None, amount_fen: int) -> bool:
    if type(amount_fen) is not int or amount_fen <= 0:
        raise LimitAmountInvalid
    if booked_fen is not None and booked_fen != amount_fen:
        raise LimitMovementConflict
    return booked_fen is not None


def _booked_and_held(line: CreditLine, cause_id: UUID) -> tuple[int | None, list[str]]:
    """Return what this cause reserved before, and the kinds of the standing holds, with one statement."""
    found = statements.row(
        """SELECT (SELECT amount_fen FROM limits_limitmovement
                    WHERE customer_id = %(customer)s AND line_id = %(line)s AND kind = 'reserve' AND cause_id = %(cause)s),
                  ARRAY(SELECT DISTINCT kind FROM limits_hold
                         WHERE customer_id = %(customer)s AND released_at IS NULL ORDER BY kind)""",
        {"customer": line.customer_id, "line": line.id, "cause": cause_id})
    assert found is not None, "a row of two values, whatever they are"
    return found[0], found[1]


def _moved(line: CreditLine, cause_id: UUID) -> dict[str, int]:
    """Return what a cause moved on a line, in fen by kind; each kind once (`limit_movement_once`)."""
    return dict(statements.rows(
        "SELECT kind, amount_fen FROM limits_limitmovement WHERE customer_id = %s AND line_id = %s AND cause_id = %s",
        [line.customer_id, line.id, cause_id]))


def _require_reserved(sums: Mapping[str, int], amount_fen: int) -> None:
    left = sums.get(_Kind.RESERVE, 0) - sums.get(_Kind.USE, 0) - sums.get(_Kind.RELEASE, 0)
    if amount_fen > left:
        raise LimitMovementConflict


def _book(line: CreditLine, kind: str, amount_fen: int, cause_id: UUID) -> LineRow:
    """Write the moved amounts, the movement, what the approved limit becomes, and the event."""
    moment = clock.now()
    before_fen = line.approved_fen
    if kind == _Kind.REUSE:
        line.approved_fen = max(before_fen, line.used_fen + line.reserved_fen)
    else:
        line.approved_fen = min(before_fen, rules.approved_for_target(
            target_fen=line.target_fen, used_fen=line.used_fen, reserved_fen=line.reserved_fen))
    statements.count(  # the amounts and the movement that explains them, in one statement
        """WITH moved AS (UPDATE limits_creditline SET used_fen = %s, reserved_fen = %s, approved_fen = %s
             WHERE customer_id = %s AND id = %s)
           INSERT INTO limits_limitmovement (id, customer_id, line_id, kind, amount_fen, cause_id, moved_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        [line.used_fen, line.reserved_fen, line.approved_fen, line.customer_id, line.id, uuid7(), line.customer_id,
         line.id, str(kind), amount_fen, cause_id, moment])
    if line.approved_fen != before_fen:
        is_raised = line.approved_fen > before_fen
        LimitChange.objects.create(
            customer_id=line.customer_id, line=line, before_fen=before_fen, after_fen=line.approved_fen,
            kind=LimitChange.Kind.EXCEEDED if is_raised else LimitChange.Kind.RATCHETED, target_fen=line.target_fen,
            reason="repayment_reversed" if is_raised else "repaid_while_decrease_waits",
            pack_version=line.pack_version, cause_id=cause_id, changed_at=moment)
    event_record(f"limits.limit.{_PAST[kind]}", customer_id=line.customer_id, subject_type="limits.credit_line",
                 subject_id=line.id, facts={"amount_fen": amount_fen, "cause_id": str(cause_id),
                                            "used_fen": line.used_fen, "reserved_fen": line.reserved_fen,
                                            "approved_fen": line.approved_fen})
    return selectors.line_row(line, available_fen=line.approved_fen - line.used_fen - line.reserved_fen)


_PAST: dict[str, str] = {
    _Kind.RESERVE: "reserved", _Kind.USE: "used", _Kind.RELEASE: "released", _Kind.RESTORE: "restored",
    _Kind.REUSE: "reused"}
