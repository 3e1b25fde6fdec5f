"""Reading credit lines, holds and changes: typed rows ready to show (R5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.db.models import Exists, OuterRef

from weidai.kernel.text import Text
from weidai.limits.errors import CreditLineNotFound
from weidai.limits.models import CreditLine, Hold, LimitChange, LimitMovement
from weidai.limits.rules import HOLD_KINDS, HoldKind
from weidai.platform import clock

STATUS_TEXTS = {
    "granted": Text("待开通", "to be activated"),
    "activated": Text("可用", "activated"),
    "closed": Text("已关闭", "closed"),
}
CHANGE_TEXTS = {
    "granted": Text("授信", "granted"),
    "decreased": Text("降额", "decreased"),
    "increase_offered": Text("提额待确认", "increase offered"),
    "increased": Text("提额", "increased"),
    "ratcheted": Text("还款后下调", "lowered as debt is repaid"),
    "exceeded": Text("还款撤销后按实际已用", "follows what is used after a reversed repayment"),
    "unchanged": Text("复核，额度不变", "reviewed, unchanged"),
    "closed": Text("关闭", "closed"),
}


@dataclass(frozen=True, slots=True)
class LineRow:
    """A credit line; approved = used + reserved + available. Amounts in fen, rate in 1e-8 a day."""

    id: UUID
    customer_id: UUID
    product: str
    status: str
    status_text: Text
    approved_fen: int
    used_fen: int
    reserved_fen: int
    available_fen: int
    target_fen: int
    grade: str
    daily_rate_e8: int
    application_id: UUID
    granted_at: datetime
    activated_at: datetime | None
    next_review_on: date

    @property
    def is_activated(self) -> bool:
        """Whether activation is finished (R6.1)."""
        return self.status == CreditLine.Status.ACTIVATED


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A standing or past hold with its reason in words and what ends it."""

    id: UUID
    kind: str
    kind_text: Text
    release_text: Text
    source: str
    reason: str
    placed_at: datetime
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class LimitChangeRow:
    """One change of a limit with before, after and reason (R5.3)."""

    id: UUID
    line_id: UUID
    kind: str
    kind_text: Text
    before_fen: int
    after_fen: int
    target_fen: int
    reason: str
    terms: list[dict[str, object]]
    changed_at: datetime
    offer_until: datetime | None
    is_open_offer: bool


@dataclass(frozen=True, slots=True)
class DrawBlock:
    """One reason why a line cannot be drawn now."""

    code: str
    text: Text
    next_step: Text


def lines_for(customer_id: UUID, *, with_closed: bool = False) -> list[LineRow]:
    """Return the customer's lines, newest first."""
    lines = CreditLine.objects.filter(customer_id=customer_id).order_by("-id")
    return [line_row(line) for line in (lines if with_closed else lines.exclude(status=CreditLine.Status.CLOSED))]


def line_get(customer_id: UUID, line_id: UUID) -> LineRow:
    """Return one line of the customer."""
    line = CreditLine.objects.filter(customer_id=customer_id, id=line_id).first()
    if line is None:
        raise CreditLineNotFound
    return line_row(line)


def line_for_product(customer_id: UUID, product: str) -> LineRow | None:
    """Return the open line of a product, if there is one."""
    line = CreditLine.objects.filter(customer_id=customer_id, product=product).exclude(
        status=CreditLine.Status.CLOSED).first()
    return line_row(line) if line else None


def line_for_application(customer_id: UUID, application_id: UUID) -> LineRow | None:
    """Return the line an application led to."""
    line = CreditLine.objects.filter(customer_id=customer_id, application_id=application_id).first()
    return line_row(line) if line else None


def approved_total_fen(customer_id: UUID, *, products: tuple[str, ...] | None = None) -> int:
    """Return the sum of approved limits over the customer's open lines, of the given products or all (R5.6)."""
    lines = CreditLine.objects.filter(customer_id=customer_id).exclude(status=CreditLine.Status.CLOSED)
    if products is not None:
        lines = lines.filter(product__in=products)
    return sum(lines.values_list("approved_fen", flat=True))


def hold_kinds(customer_id: UUID) -> list[str]:
    """Return the kinds of the standing holds, sorted, each once."""
    standing = Hold.objects.filter(customer_id=customer_id, released_at=None)
    return sorted(set(standing.values_list("kind", flat=True)))


def holds_for(customer_id: UUID, *, with_released: bool = False) -> list[HoldRow]:
    """Return standing holds (or all), newest first."""
    holds = Hold.objects.filter(customer_id=customer_id).order_by("-placed_at", "-id")
    return [
        HoldRow(id=hold.id, kind=hold.kind, kind_text=HOLD_KINDS[cast(HoldKind, hold.kind)].name,
                release_text=HOLD_KINDS[cast(HoldKind, hold.kind)].release,
                source=hold.source, reason=hold.reason, placed_at=hold.placed_at, released_at=hold.released_at)
        for hold in (holds if with_released else holds.filter(released_at=None))
    ]


def customers_held(kind: str, *, source: str, after: UUID, limit: int = 5_000) -> list[UUID]:
    """Return customers with a standing hold of a kind and source, in id order; `after` continues."""
    rows = Hold.objects.filter(kind=kind, source=source, released_at=None, customer_id__gt=after)
    return list(rows.order_by("customer_id").values_list("customer_id", flat=True).distinct()[:limit])


def can_draw(customer_id: UUID, line_id: UUID) -> tuple[DrawBlock, ...]:
    """Return every reason why the line cannot be drawn now; empty means it can (R5.5)."""
    line = line_get(customer_id, line_id)
    blocks = list(dict.fromkeys(_hold_block(cast(HoldKind, kind)) for kind in hold_kinds(customer_id)))
    if line.status == CreditLine.Status.GRANTED:
        blocks.insert(0, DrawBlock("limits.credit_line_not_activated",
                                   Text("额度尚未开通", "the line is not activated yet"),
                                   Text("请先完成开通。", "Finish the activation first.")))
    if line.status == CreditLine.Status.CLOSED:
        blocks.insert(0, DrawBlock("limits.credit_line_closed", Text("额度已关闭", "the line is closed"),
                                   Text("如需使用请重新申请。", "Apply again if you need it.")))
    if line.available_fen <= 0:
        blocks.append(DrawBlock("limits.nothing_available", Text("没有可用额度", "nothing of the limit is available"),
                                Text("还款后额度自动恢复。", "Repaying frees it again.")))
    return tuple(blocks)


def _hold_block(kind: HoldKind) -> DrawBlock:
    """Word a hold for the customer; fraud and aml are one and the same to them (R8.8)."""
    code = "security_check" if kind in ("fraud", "aml") else kind
    return DrawBlock(f"limits.hold.{code}", HOLD_KINDS[kind].name, HOLD_KINDS[kind].release)


def changes_for(customer_id: UUID, *, line_id: UUID | None = None, limit: int = 50) -> list[LimitChangeRow]:
    """Return changes of the customer's limits, newest first."""
    changes = LimitChange.objects.filter(customer_id=customer_id).order_by("-changed_at", "-id")
    if line_id is not None:
        changes = changes.filter(line_id=line_id)
    return [change_row(change) for change in changes[:limit]]


def reviews_due(on: date, *, limit: int = 1000) -> list[tuple[UUID, UUID]]:
    """Return (customer, line) of lines whose scheduled review has come, the oldest first (R5.1)."""
    due = CreditLine.objects.filter(next_review_on__lte=on).exclude(status=CreditLine.Status.CLOSED)
    return list(due.order_by("next_review_on", "id").values_list("customer_id", "id")[:limit])


def applications_of_undrawn_lines(*, closed_before: datetime) -> list[UUID]:
    """Return the applications whose lines were closed before an instant without ever being drawn."""
    drawn = LimitMovement.objects.filter(line_id=OuterRef("pk"), kind=LimitMovement.Kind.USE)
    closed = CreditLine.objects.filter(~Exists(drawn), status=CreditLine.Status.CLOSED, closed_at__lt=closed_before)
    return list(closed.order_by("id").values_list("application_id", flat=True))


def change_row(change: LimitChange) -> LimitChangeRow:
    """Return a change as shown."""
    is_open = (change.kind == LimitChange.Kind.INCREASE_OFFERED and change.answered_at is None
               and change.offer_until is not None and change.offer_until > clock.now())
    return LimitChangeRow(
        id=change.id, line_id=change.line_id, kind=change.kind, kind_text=CHANGE_TEXTS[change.kind],
        before_fen=change.before_fen, after_fen=change.after_fen, target_fen=change.target_fen, reason=change.reason,
        terms=change.terms, changed_at=change.changed_at, offer_until=change.offer_until, is_open_offer=is_open)


def line_row(line: CreditLine, *, available_fen: int | None = None) -> LineRow:
    """Return a line as shown; `available_fen` when the row in memory is newer than the generated column."""
    return LineRow(
        id=line.id, customer_id=line.customer_id, product=line.product, status=line.status,
        status_text=STATUS_TEXTS[line.status], approved_fen=line.approved_fen, used_fen=line.used_fen,
        reserved_fen=line.reserved_fen, available_fen=line.available_fen if available_fen is None else available_fen,
        target_fen=line.target_fen, grade=line.grade, daily_rate_e8=line.daily_rate_e8,
        application_id=line.application_id, granted_at=line.granted_at, activated_at=line.activated_at,
        next_review_on=line.next_review_on)
