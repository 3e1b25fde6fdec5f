"""Reading servicing: what is owed, what was paid, where a loan stands; typed rows ready to show (R6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from weidai.identity import selectors as identity
from weidai.kernel.text import Text
from weidai.ledger import selectors as ledger
from weidai.lending import selectors as lending
from weidai.lending.accounts import LoanAccount
from weidai.lending.errors import LoanNotFound
from weidai.lending.rules import Owed, owed
from weidai.platform import clock
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
    Repayment,
    RepaymentLine,
    SettlementCertificate,
    SuspenseItem,
)
from weidai.servicing.rules import bucket, five_category
from weidai.servicing.services.certificates import certificate_issue
from weidai.servicing.services.debits import FAILURE_TEXTS, OTHER_FAILURE
from weidai.servicing.services.quotes import SettleQuote, quote_for
from weidai.servicing.standing import Spell, Standing, standing_on

DEBIT_STATE_TEXTS: dict[str, Text] = {
    "created": Text("等待扣款", "waiting"),
    "sent": Text("处理中", "processing"),
    "unknown": Text("处理中,结果待确认", "processing, result to be confirmed"),
    "succeeded": Text("成功", "succeeded"),
    "failed": Text("失败", "failed"),
    "cancelled": Text("已取消", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class BillRow:
    """What one loan asks for on a day, in fen. `countdown_days` to the next due date; 0 today, None when nothing is."""

    loan_id: UUID
    loan_number: str
    product_name: Text
    overdue_fen: int
    due_today_fen: int
    penalty_fen: int
    days_past_due: int
    next_due_on: date | None
    next_due_fen: int
    countdown_days: int | None
    payoff: SettleQuote
    open_debit_id: UUID | None

    @property
    def due_now_fen(self) -> int:
        """Overdue and due today together."""
        return self.overdue_fen + self.due_today_fen


@dataclass(frozen=True, slots=True)
class Bills:
    """All of a customer's bills on a day; sums in fen."""

    on: date
    rows: tuple[BillRow, ...]
    due_now_fen: int
    overdue_fen: int
    next_due_on: date | None
    next_due_fen: int
    payoff_fen: int
    auto_debit_card_id: UUID | None


@dataclass(frozen=True, slots=True)
class InstallmentRow:
    """One row of the schedule as it stands: planned, paid, penalty so far; `state` paid, overdue, due or planned."""

    number: int
    starts_on: date
    due_on: date
    principal_fen: int
    interest_fen: int
    principal_paid_fen: int
    interest_paid_fen: int
    penalty_paid_fen: int
    penalty_owed_fen: int
    unpaid_fen: int
    days_past_due: int
    state: str
    state_text: Text
    settled_on: date | None


@dataclass(frozen=True, slots=True)
class RepaymentRow:
    """A repayment as the borrower sees it; parts of this loan (or of all) in fen."""

    id: UUID
    received_at: datetime
    channel: str
    channel_text: Text
    reference: str
    amount_fen: int
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    excess_fen: int
    state: str


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """Something that happened to a loan, oldest first."""

    at: datetime
    text: Text
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class LoanStatement:
    """Everything about one loan on a day: the loan, its schedule, what is owed, the pay-off figure, its history."""

    loan: lending.LoanRow
    on: date
    owed: Owed | None
    payoff: SettleQuote | None
    rows: tuple[InstallmentRow, ...]
    repayments: tuple[RepaymentRow, ...]
    timeline: tuple[TimelineRow, ...]
    bucket: str
    category: str


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


_CHANNEL_TEXTS = {"debit": Text("银行卡扣款", "card debit"), "transfer": Text("银行转账", "bank transfer"),
                  "counter": Text("柜台", "counter")}
_ROW_TEXTS = {"paid": Text("已还", "paid"), "overdue": Text("逾期", "overdue"), "due": Text("今日到期", "due today"),
              "planned": Text("待还", "planned")}


def _on(account: LoanAccount, on: date | None) -> date:
    """A state answers for its last event's day or later."""
    return max(on or clock.today(), account.state.anchored_on)


def bills_for(customer_id: UUID, *, on: date | None = None) -> Bills:
    """Return what the customer owes on a day (today): due now, next due with countdown, pay-off figures."""
    day = on or clock.today()
    accounts = lending.accounts_for(customer_id)
    open_debits = dict(DebitInstruction.objects.filter(
        customer_id=customer_id, state__in=["sent", "unknown", "created"], kind="requested").values_list("loan_id", "id"))
    rows = sorted((_bill_row(account, day, open_debits.get(account.id)) for account in accounts),
                  key=lambda row: (-row.days_past_due, row.next_due_on or date.max, row.loan_number))
    upcoming = [row for row in rows if row.next_due_on is not None]
    next_due_on = min((row.next_due_on for row in upcoming if row.next_due_on), default=None)
    agreement = AutoDebitAgreement.objects.filter(customer_id=customer_id, revoked_at=None).first()
    return Bills(
        on=day, rows=tuple(rows), due_now_fen=sum(row.due_now_fen for row in rows),
        overdue_fen=sum(row.overdue_fen for row in rows), next_due_on=next_due_on,
        next_due_fen=sum(row.next_due_fen for row in upcoming if row.next_due_on == next_due_on),
        payoff_fen=sum(row.payoff.total_fen for row in rows),
        auto_debit_card_id=agreement.card_id if agreement else None)


def _bill_row(account: LoanAccount, on: date, open_debit_id: UUID | None) -> BillRow:
    debt = owed(account.state, on=_on(account, on))
    loan = lending.loan_get(account.customer_id, account.id)
    countdown = (debt.next_due_on - on).days if debt.next_due_on else None
    return BillRow(
        loan_id=account.id, loan_number=account.number, product_name=loan.product_name, overdue_fen=debt.overdue_fen,
        due_today_fen=debt.due_today_fen, penalty_fen=debt.penalty_fen, days_past_due=debt.days_past_due,
        next_due_on=debt.next_due_on, next_due_fen=debt.next_due_fen, countdown_days=countdown,
        payoff=quote_for(account, at=clock.now()), open_debit_id=open_debit_id)


def owed_for(customer_id: UUID, *, on: date | None = None) -> int:
    """Return what the customer has to pay by the end of the day over all loans, in fen."""
    return sum(owed(account.state, on=_on(account, on)).total_fen for account in lending.accounts_for(customer_id))


def loan_statement(customer_id: UUID, loan_id: UUID, *, on: date | None = None) -> LoanStatement:
    """Return one loan with schedule, debts and history; a loan not paid out has no rows. Raises LoanNotFound."""
    loan = lending.loan_get(customer_id, loan_id)
    repayments = repayments_for(customer_id, loan_id=loan_id)
    timeline = _timeline(loan, repayments)
    accounts = lending.accounts_for(customer_id, loan_id=loan_id)
    if not accounts:
        return LoanStatement(loan, on or clock.today(), None, None, (), repayments, timeline, "current", "normal")
    account = accounts[0]
    day = _on(account, on)
    debt = owed(account.state, on=day)
    return LoanStatement(
        loan=loan, on=day, owed=debt, payoff=None if account.is_settled else quote_for(account, at=clock.now()),
        rows=_installment_rows(account, debt), repayments=repayments, timeline=timeline,
        bucket=bucket(debt.days_past_due), category=five_category(debt.days_past_due).value)


def _installment_rows(account: LoanAccount, debt: Owed) -> tuple[InstallmentRow, ...]:
    late = {row.number: row for row in debt.due}
    rows = []
    for row in account.state.installments:
        part = late.get(row.number)
        days = part.days_past_due if part else 0
        state = "paid" if row.is_settled else "overdue" if days > 0 else "due" if row.due_on == debt.on else "planned"
        penalty = part.penalty_fen if part else 0
        rows.append(InstallmentRow(
            number=row.number, starts_on=row.starts_on, due_on=row.due_on, principal_fen=row.principal_fen,
            interest_fen=row.interest_fen, principal_paid_fen=row.principal_paid_fen,
            interest_paid_fen=row.interest_paid_fen, penalty_paid_fen=row.penalty_paid_fen, penalty_owed_fen=penalty,
            unpaid_fen=0 if row.is_settled else row.unpaid_fen + penalty, days_past_due=days, state=state,
            state_text=_ROW_TEXTS[state], settled_on=row.settled_on))
    return tuple(rows)


def repayments_for(customer_id: UUID, *, loan_id: UUID | None = None, limit: int = 200) -> tuple[RepaymentRow, ...]:
    """Return repayments newest first, of the customer or of one loan, with what they paid there."""
    rows = Repayment.objects.filter(customer_id=customer_id)
    if loan_id is not None:
        rows = rows.filter(shares__loan_id=loan_id)
    found = list(rows.order_by("-received_at", "-id")[:limit])
    lines = RepaymentLine.objects.filter(customer_id=customer_id, share__repayment__in=found)
    if loan_id is not None:
        lines = lines.filter(share__loan_id=loan_id)
    sums: dict[UUID, list[int]] = {row.id: [0, 0, 0] for row in found}
    for key, *amounts in lines.values_list("share__repayment_id", "principal_fen", "interest_fen", "penalty_fen"):
        sums[key] = [total + part for total, part in zip(sums[key], amounts, strict=True)]
    return tuple(RepaymentRow(
        row.id, row.received_at, row.channel, _CHANNEL_TEXTS.get(row.channel, Text(row.channel, row.channel)),
        row.reference, row.amount_fen, *sums[row.id], row.excess_fen, row.state) for row in found)


def _timeline(loan: lending.LoanRow, repayments: Sequence[RepaymentRow]) -> tuple[TimelineRow, ...]:
    rows = [TimelineRow(loan.created_at, Text("签署借款合同,提交放款", "agreement signed, payout requested"),
                        loan.principal_fen)]
    arrived_at = lending.disbursement_booked_at(loan.customer_id, loan.id)
    if arrived_at is not None:
        rows.append(TimelineRow(arrived_at, Text("款项到账,开始计息", "money arrived, interest starts"),
                                loan.principal_fen))
    rows += [TimelineRow(row.received_at, Text(f"还款({row.channel_text.zh})", f"repayment ({row.channel_text.en})"),
                         row.amount_fen) for row in repayments]
    spells = OverdueSpell.objects.filter(customer_id=loan.customer_id, is_void=False)
    if loan.overdue_since is not None:
        rows += [TimelineRow(spell.started_at, Text("发生逾期", "became overdue"), None)
                 for spell in spells.filter(ended_at=None)]
    if loan.settled_on is not None and repayments:
        rows.append(TimelineRow(repayments[0].received_at, Text("借款结清", "loan settled"), None))
    return tuple(sorted(rows, key=lambda row: row.at))


def transfers_of(customer_id: UUID, loan_id: UUID) -> list[ledger.TransferRow]:
    """Return the ledger transfers that touched a loan, for staff."""
    return ledger.transfers_for(customer_id, subject_id=loan_id)


def debit_get(customer_id: UUID, debit_id: UUID) -> DebitRow:
    """Return one debit of the customer; raises DebitNotFound."""
    row = DebitInstruction.objects.filter(customer_id=customer_id, id=debit_id).first()
    if row is None:
        raise DebitNotFound
    return _debit_row(row)


def debits_for(customer_id: UUID, *, limit: int = 100) -> list[DebitRow]:
    """Return the customer's debits, newest first."""
    return [_debit_row(row) for row in DebitInstruction.objects.filter(customer_id=customer_id).order_by("-id")[:limit]]


def _debit_row(row: DebitInstruction) -> DebitRow:
    failure = FAILURE_TEXTS.get(row.failure_reason, OTHER_FAILURE) if row.failure_reason else None
    return DebitRow(
        row.id, row.customer_id, row.loan_id, row.kind, row.intent, row.amount_fen, row.state,
        DEBIT_STATE_TEXTS[row.state], failure, row.due_on, row.window, row.created_at, row.finished_at,
        row.repayment_id)


@dataclass(frozen=True, slots=True)
class AutoDebitRow:
    """The auto-debit agreement in force."""

    number: str
    card_id: UUID
    granted_at: datetime


def auto_debit_for(customer_id: UUID) -> AutoDebitRow | None:
    """Return the agreement in force, or None."""
    row = AutoDebitAgreement.objects.filter(customer_id=customer_id, revoked_at=None).first()
    return AutoDebitRow(row.number, row.card_id, row.granted_at) if row else None


def standing_for(customer_id: UUID, *, on: date) -> Standing:
    """Return the standing overlay of a customer on a day (R7.6)."""
    return standing_on(_spells(OverdueSpell.objects.filter(customer_id=customer_id, is_void=False)),
                       policy=policy.current(on).standing, on=on)


def _spells(rows: Sequence[OverdueSpell]) -> list[Spell]:
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
    """A contradiction of the bank about a debit, waiting for a person."""

    id: UUID
    customer_id: UUID
    subject_id: UUID
    booked_state: str
    claimed_state: str
    source: str
    amount_fen: int
    noted_at: datetime


def discrepancies_open(*, limit: int = 200) -> list[MoneyDiscrepancyRow]:
    """Return contradictions about debits that wait for a person, oldest first."""
    rows = MoneyDiscrepancy.objects.filter(resolved_at=None).order_by("noted_at")[:limit]
    return [MoneyDiscrepancyRow(row.id, row.customer_id, row.subject_id, row.booked_state, row.claimed_state,
                                row.source, row.amount_fen, row.noted_at) for row in rows]


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
    row = SettlementCertificate.objects.filter(customer_id=customer_id, loan_id=loan_id).first()
    if row is None:
        raise LoanNotFound
    person = identity.customer_private(customer_id, purpose="settlement_certificate")
    masked = f"{person.id_number[:6]}********{person.id_number[-4:]}"
    return certificate_draw(row.facts, sha256=row.sha256, issued_at=row.issued_at, holder_name=person.name,
                            holder_id_masked=masked)
