"""Reading debits, refunds, spells, suspense, accruals and certificates: typed rows ready to show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from weidai.identity import selectors as identity
from weidai.kernel.text import Text
from weidai.lending.errors import LoanNotFound
from weidai.servicing import policy
from weidai.servicing.certificate_pdf import certificate_draw
from weidai.servicing.errors import DebitNotFound
from weidai.servicing.models import (
    AccrualDay,
    AutoDebitAgreement,
    DebitInstruction,
    MoneyDiscrepancy,
    OverdueSpell,
    Refund,
    SettlementCertificate,
    SuspenseItem,
)
from weidai.servicing.services.certificates import certificate_issue
from weidai.servicing.services.debits import FAILURE_TEXTS, OTHER_FAILURE
from weidai.servicing.standing import Spell, Standing, standing_on

DEBIT_STATE_TEXTS: dict[str, Text] = {
    "created": Text("等待扣款", "waiting"),
    "sent": Text("处理中", "processing"),
    "unknown": Text("处理中，结果待确认", "processing, result to be confirmed"),
    "succeeded": Text("成功", "succeeded"),
    "failed": Text("失败", "failed"),
    "cancelled": Text("已取消", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class DebitRow:
    """A debit and where it stands."""

    id: UUID
    customer_id: UUID
    loan_id: UUID
    kind: str
    intent: str
    amount_fen: int
    state: str
    state_text: Text
    failure_text: Text | None
    due_on: date | None
    window: int
    created_at: datetime
    finished_at: datetime | None
    repayment_id: UUID | None

    @property
    def is_open(self) -> bool:
        """The bank's final word is awaited."""
        return self.state in ("created", "sent", "unknown")


def debit_get(customer_id: UUID, debit_id: UUID) -> DebitRow:
    """Return one debit of the customer; raises DebitNotFound."""
    row = DebitInstruction.objects.filter(customer_id=customer_id, id=debit_id).first()
    if row is None:
        raise DebitNotFound
    return debit_row(row)


def debits_for(customer_id: UUID, *, limit: int = 100) -> list[DebitRow]:
    """Return the customer's debits, newest first."""
    return [debit_row(row) for row in DebitInstruction.objects.filter(customer_id=customer_id).order_by("-id")[:limit]]


def debit_row(row: DebitInstruction) -> DebitRow:
    """Return a debit ready to show."""
    failure = FAILURE_TEXTS.get(row.failure_reason, OTHER_FAILURE) if row.failure_reason else None
    return DebitRow(
        row.id, row.customer_id, row.loan_id, row.kind, row.intent, row.amount_fen, row.state,
        DEBIT_STATE_TEXTS[row.state], failure, row.due_on, row.window, row.created_at, row.finished_at,
        row.repayment_id)


@dataclass(frozen=True, slots=True)
class AutoDebitRow:
    """The auto-debit agreement in force; backup cards in the order in which they are tried."""

    number: str
    card_id: UUID
    granted_at: datetime
    backup_card_ids: tuple[UUID, ...] = ()


def auto_debit_for(customer_id: UUID) -> AutoDebitRow | None:
    """Return the agreement in force, or None."""
    row = AutoDebitAgreement.objects.filter(customer_id=customer_id, revoked_at=None).first()
    if row is None:
        return None
    return AutoDebitRow(row.number, row.card_id, row.granted_at,
                        tuple(row.backups.order_by("place").values_list("card_id", flat=True)))


def standing_for(customer_id: UUID, *, on: date) -> Standing:
    """Return the standing overlay of a customer on a day (R7.6)."""
    return standing_on(_spells(OverdueSpell.objects.filter(customer_id=customer_id, is_void=False)),
                       policy=policy.current(on).standing, on=on)


def _spells(rows: Iterable[OverdueSpell]) -> list[Spell]:
    return [Spell(row.started_at, row.ended_at, row.cured_within_72h) for row in rows]


@dataclass(frozen=True, slots=True)
class SpellRow:
    """One overdue spell of a customer."""

    id: UUID
    first_due_on: date
    started_at: datetime
    ended_at: datetime | None
    is_quick: bool | None


def spells_for(customer_id: UUID) -> list[SpellRow]:
    """Return the customer's overdue spells, newest first."""
    rows = OverdueSpell.objects.filter(customer_id=customer_id, is_void=False).order_by("-started_at")
    return [SpellRow(row.id, row.first_due_on, row.started_at, row.ended_at, row.cured_within_72h) for row in rows]


@dataclass(frozen=True, slots=True)
class SuspenseRow:
    """Money nobody could be named for, for staff."""

    id: UUID
    reference: str
    amount_fen: int
    payer_masked: str
    memo: str
    received_at: datetime


def suspense_waiting(*, limit: int = 200) -> list[SuspenseRow]:
    """Return suspense items that wait for a customer, oldest first."""
    rows = SuspenseItem.objects.filter(state=SuspenseItem.State.WAITING).order_by("received_at")[:limit]
    return [SuspenseRow(row.id, row.reference, row.amount_fen, row.payer_masked, row.memo, row.received_at)
            for row in rows]


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund and where it stands."""

    id: UUID
    customer_id: UUID
    amount_fen: int
    reason: str
    state: str
    created_at: datetime
    finished_at: datetime | None


def refunds_for(customer_id: UUID) -> list[RefundRow]:
    """Return the customer's refunds, newest first."""
    return [RefundRow(row.id, row.customer_id, row.amount_fen, row.reason, row.state, row.created_at, row.finished_at)
            for row in Refund.objects.filter(customer_id=customer_id).order_by("-id")]


@dataclass(frozen=True, slots=True)
class MoneyDiscrepancyRow:
    """A contradiction of the bank about a debit or refund (`subject_type`), waiting for a person."""

    id: UUID
    customer_id: UUID
    subject_id: UUID
    booked_state: str
    claimed_state: str
    source: str
    amount_fen: int
    noted_at: datetime
    subject_type: str


def discrepancies_open(*, limit: int = 200) -> list[MoneyDiscrepancyRow]:
    """Return contradictions about debits and refunds that wait for a person, oldest first."""
    rows = MoneyDiscrepancy.objects.filter(resolved_at=None).order_by("noted_at")[:limit]
    return [MoneyDiscrepancyRow(row.id, row.customer_id, row.subject_id, row.booked_state, row.claimed_state,
                                row.source, row.amount_fen, row.noted_at, row.subject_type) for row in rows]


@dataclass(frozen=True, slots=True)
class AccrualRow:
    """What a product earned on a closed day, in 1e-8 fen."""

    product: str
    loan_count: int
    outstanding_fen: int
    overdue_principal_fen: int
    interest_e8: int
    penalty_e8: int


def accruals_on(book_id: int, *, day: date) -> list[AccrualRow]:
    """Return the accrual of a closed day, by product."""
    return [AccrualRow(row.product, row.loan_count, row.outstanding_fen, row.overdue_principal_fen,
                       int(row.interest_e8), int(row.penalty_e8))
            for row in AccrualDay.objects.filter(book_id=book_id, day=day).order_by("product")]


def certificate_pdf(customer_id: UUID, loan_id: UUID) -> bytes:
    """Return the settlement certificate as a PDF, issuing it at the first request; raises LoanNotSettled."""
    certificate_issue(customer_id, loan_id=loan_id)
    row = SettlementCertificate.objects.filter(customer_id=customer_id, loan_id=loan_id, revoked_at=None).first()
    if row is None:
        raise LoanNotFound
    person = identity.customer_private(customer_id, purpose="settlement_certificate")
    masked = f"{person.id_number[:6]}********{person.id_number[-4:]}"
    return certificate_draw(row.facts, sha256=row.sha256, issued_at=row.issued_at, holder_name=person.name,
                            holder_id_masked=masked)
