"""Reading lending: typed rows ready to show; never a write, never a lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from weidai.kernel.text import Text
from weidai.lending import policy
from weidai.lending.accounts import LoanAccount
from weidai.lending.documents import METHOD_TEXTS
from weidai.lending.errors import DrawdownNotFound, LoanNotFound
from weidai.lending.models import Activation, CostSheet, Disbursement, Drawdown, Loan, LoanAgreement, PayoutDiscrepancy
from weidai.lending.rules import RepaymentMethod
from weidai.lending.services.end_of_day import accounts_of
from weidai.lending.services.payouts import FAILURE_TEXTS, OTHER_FAILURE
from weidai.lending.services.terms import may_arrive_next_day
from weidai.lending.signatures import SignedBy, signed_by
from weidai.platform import clock
from weidai.products import policy as products

__all__ = [
    "ActivationRow",
    "AgreementView",
    "CostSheetView",
    "DiscrepancyRow",
    "DrawdownRow",
    "LoanPage",
    "LoanRow",
    "accounts_for",
    "activation_for",
    "agreement_text",
    "cost_sheet_get",
    "customer_by_loan_number",
    "disbursement_booked_at",
    "disbursements_booked_at",
    "discrepancies_open",
    "drawdown_get",
    "drawdowns_for",
    "has_overdue",
    "late_from",
    "loan_get",
    "loan_row_any",
    "loans_for",
    "loans_list",
    "may_arrive_next_day",
    "method_text",
    "outstanding_by_customer",
    "product_name",
    "purposes_for",
]

LOAN_STATE_TEXTS: dict[str, Text] = {
    "pending": Text("放款中", "being paid out"),
    "active": Text("还款中", "active"),
    "overdue": Text("已逾期", "overdue"),
    "settled": Text("已结清", "settled"),
    "cancelled": Text("已取消", "cancelled"),
}

# A drawdown stopped by us never reached the bank.
_STOPPED_TEXTS = {**FAILURE_TEXTS, "risk_blocked": Text(
    "为保护您的资金安全，本次借款未办理", "to protect you, this drawdown was not made")}


@dataclass(frozen=True, slots=True)
class LoanRow:
    """A loan in a list; amounts in fen. `state` is pending, active, overdue, settled or cancelled."""

    id: UUID
    customer_id: UUID
    book_id: int
    line_id: UUID
    drawdown_id: UUID
    card_id: UUID
    number: str
    product: str
    product_name: Text
    state: str
    state_text: Text
    principal_fen: int
    outstanding_fen: int
    overdue_principal_fen: int
    daily_rate_e8: int
    method: str
    method_text: Text
    term_months: int
    created_at: datetime
    starts_on: date | None
    matures_on: date | None
    settled_on: date | None
    next_due_on: date | None
    overdue_since: date | None
    policy_version: str


@dataclass(frozen=True, slots=True)
class DrawdownRow:
    """A drawdown and where it stands; `failure_text` says why a failed one failed."""

    id: UUID
    line_id: UUID
    loan_id: UUID | None
    product: str
    product_name: Text
    state: str
    amount_fen: int
    purpose: str
    purpose_text: Text
    term_months: int
    method: str
    method_text: Text
    daily_rate_e8: int
    card_id: UUID
    failure_code: str
    failure_text: Text | None
    started_at: datetime
    submitted_at: datetime | None
    finished_at: datetime | None

    @property
    def is_paying(self) -> bool:
        """Signed, and the bank's final word is awaited."""
        return self.state in (Drawdown.State.SUBMITTED, Drawdown.State.PAYING)


@dataclass(frozen=True, slots=True)
class CostSheetView:
    """The stored cost sheet and what of its reading time is left, in whole seconds."""

    content: Text
    figures: dict[str, Any]
    sha256: str
    opened_at: datetime
    confirmed_at: datetime | None
    reading_seconds: int
    seconds_left: int


@dataclass(frozen=True, slots=True)
class AgreementView:
    """The stored agreement: number, text, hashes, instants."""

    number: str
    content: Text
    sha256: str
    cost_sheet_sha256: str
    template_version: str
    opened_at: datetime
    accepted_at: datetime | None
    signed_at: datetime | None
    signed_by: SignedBy | None = None


@dataclass(frozen=True, slots=True)
class ActivationRow:
    """Where the activation of a line stands; `next_step` is card, password, face or done (R6.1)."""

    id: UUID
    line_id: UUID
    state: str
    card_id: UUID | None
    next_step: str


@dataclass(frozen=True, slots=True)
class DiscrepancyRow:
    """A contradiction of the bank about a payout that waits for a person."""

    id: UUID
    customer_id: UUID
    loan_id: UUID
    loan_number: str
    booked_state: str
    claimed_state: str
    source: str
    amount_fen: int
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class LoanPage:
    """One page of loans, newest first, and the cursor of the next one."""

    rows: tuple[LoanRow, ...]
    next_after: UUID | None


def method_text(method: str) -> Text:
    """Return a repayment method in words."""
    return METHOD_TEXTS[RepaymentMethod(method)]


def purposes_for(product: str) -> tuple[policy.Purpose, ...]:
    """Return the purposes a borrower of a product may choose from."""
    today = clock.today()
    uses = products.current(today).product(product).uses
    found = {item.code: item for use in uses for item in policy.current(today).purposes_for(use)}
    return tuple(found.values())


def loans_for(customer_id: UUID) -> list[LoanRow]:
    """Return the customer's loans, newest first."""
    return [_loan_row(loan) for loan in Loan.objects.filter(customer_id=customer_id).order_by("-created_at", "-id")]


def loan_get(customer_id: UUID, loan_id: UUID) -> LoanRow:
    """Return one loan of the customer; raises LoanNotFound."""
    loan = Loan.objects.filter(customer_id=customer_id, id=loan_id).first()
    if loan is None:
        raise LoanNotFound
    return _loan_row(loan)


def loan_row_any(loan_id: UUID) -> LoanRow:
    """Return a loan by its id alone, for staff; raises LoanNotFound."""
    loan = Loan.objects.filter(id=loan_id).first()
    if loan is None:
        raise LoanNotFound
    return _loan_row(loan)


def loans_list(
    *, state: str = "", product: str = "", number: str = "", after: UUID | None = None, limit: int = 50,
) -> LoanPage:
    """Return a page of all loans for staff; `state` overdue means active with something overdue."""
    rows = Loan.objects.order_by("-id")
    if state == "overdue":
        rows = rows.filter(state=Loan.State.ACTIVE, overdue_since__isnull=False)
    elif state:
        rows = rows.filter(state=state)
    if product:
        rows = rows.filter(product=product)
    if number:
        rows = rows.filter(number=number.strip().upper())
    if after is not None:
        rows = rows.filter(id__lt=after)
    limit = max(1, min(limit, 200))
    found = list(rows[: limit + 1])
    page = tuple(_loan_row(loan) for loan in found[:limit])
    return LoanPage(page, page[-1].id if len(found) > limit else None)


def accounts_for(customer_id: UUID, *, loan_id: UUID | None = None, with_settled: bool = False) -> list[LoanAccount]:
    """Return the states of the customer's paid-out loans (or of one), oldest first; two statements."""
    states = Q(state=Loan.State.ACTIVE)
    if with_settled or loan_id is not None:
        states |= Q(state=Loan.State.SETTLED)
    loans = Loan.objects.filter(states, customer_id=customer_id)
    if loan_id is not None:
        loans = loans.filter(id=loan_id)
    return accounts_of(list(loans.order_by("id")))


def drawdown_get(customer_id: UUID, drawdown_id: UUID) -> DrawdownRow:
    """Return one drawdown of the customer; raises DrawdownNotFound."""
    row = Drawdown.objects.filter(customer_id=customer_id, id=drawdown_id).first()
    if row is None:
        raise DrawdownNotFound
    return _drawdown_rows([row])[0]


def drawdowns_for(customer_id: UUID, *, limit: int = 50) -> list[DrawdownRow]:
    """Return the customer's drawdowns, newest first; two statements."""
    return _drawdown_rows(list(Drawdown.objects.filter(customer_id=customer_id).order_by("-id")[:limit]))


def cost_sheet_get(customer_id: UUID, drawdown_id: UUID) -> CostSheetView:
    """Return the stored cost sheet of a drawdown; raises DrawdownNotFound before it was opened."""
    sheet = CostSheet.objects.filter(customer_id=customer_id, drawdown_id=drawdown_id).first()
    if sheet is None:
        raise DrawdownNotFound
    left = sheet.opened_at + timedelta(seconds=sheet.reading_seconds) - clock.now()
    return CostSheetView(Text(sheet.content_zh, sheet.content_en), sheet.figures, sheet.sha256, sheet.opened_at,
                         sheet.confirmed_at, sheet.reading_seconds, max(0, -(-left // timedelta(seconds=1))))


def agreement_text(
    customer_id: UUID, *, drawdown_id: UUID | None = None, loan_id: UUID | None = None,
) -> AgreementView:
    """Return the stored agreement of a drawdown or of the loan it became; raises LoanNotFound."""
    rows = LoanAgreement.objects.filter(customer_id=customer_id)
    if drawdown_id is None:
        drawdown_id = loan_get(customer_id, loan_id).drawdown_id if loan_id else None
    row = rows.filter(drawdown_id=drawdown_id).first()
    if row is None:
        raise LoanNotFound
    return AgreementView(row.number, Text(row.text_zh, row.text_en), row.sha256, row.cost_sheet_sha256,
                         row.template_version, row.opened_at, row.accepted_at, row.signed_at, signed_by(row))


def activation_for(customer_id: UUID, line_id: UUID) -> ActivationRow | None:
    """Return where the activation of a line stands, or None before it was begun."""
    row = Activation.objects.filter(customer_id=customer_id, line_id=line_id).first()
    if row is None:
        return None
    steps = {"started": "card", "card_confirmed": "password", "password_set": "face", "completed": "done"}
    return ActivationRow(row.id, row.line_id, row.state, row.card_id, steps[row.state])


def disbursement_booked_at(customer_id: UUID, loan_id: UUID) -> datetime | None:
    """Return the instant the money arrived (cooling-off counts from it, R7.1)."""
    return Disbursement.objects.filter(customer_id=customer_id, loan_id=loan_id).values_list(
        "booked_at", flat=True).first()


def disbursements_booked_at(customer_id: UUID, *, loan_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return the instant the money of each paid-out loan arrived, with one statement."""
    rows = Disbursement.objects.filter(customer_id=customer_id, loan_id__in=list(loan_ids), booked_at__isnull=False)
    return dict(rows.values_list("loan_id", "booked_at"))


def discrepancies_open(*, limit: int = 200) -> list[DiscrepancyRow]:
    """Return payout contradictions that wait for a person, oldest first."""
    rows = PayoutDiscrepancy.objects.filter(resolved_at=None).select_related("loan").order_by("noted_at")[:limit]
    return [DiscrepancyRow(row.id, row.customer_id, row.loan_id, row.loan.number, row.booked_state, row.claimed_state,
                           row.source, row.amount_fen, row.noted_at) for row in rows]


def product_name(code: str) -> Text:
    """Return a product's name in the pack in force."""
    return products.current(clock.today()).product(code).name


def _loan_row(loan: Loan) -> LoanRow:
    state = "overdue" if loan.state == Loan.State.ACTIVE and loan.overdue_since else str(loan.state)
    return LoanRow(
        id=loan.id, customer_id=loan.customer_id, book_id=loan.book_id, line_id=loan.line_id,
        drawdown_id=loan.drawdown_id, card_id=loan.card_id, number=loan.number, product=loan.product,
        product_name=product_name(loan.product), state=state, state_text=LOAN_STATE_TEXTS[state],
        principal_fen=loan.principal_fen, outstanding_fen=loan.outstanding_fen,
        overdue_principal_fen=loan.overdue_principal_fen, daily_rate_e8=loan.daily_rate_e8, method=loan.method,
        method_text=method_text(loan.method), term_months=loan.term_months, created_at=loan.created_at,
        starts_on=loan.starts_on, matures_on=loan.matures_on, settled_on=loan.settled_on,
        next_due_on=loan.next_due_on, overdue_since=loan.overdue_since, policy_version=loan.policy_version)


def _drawdown_rows(rows: Sequence[Drawdown]) -> list[DrawdownRow]:
    """Return drawdowns of one customer with the loans they became; one further statement."""
    loans = Loan.objects.filter(customer_id__in={row.customer_id for row in rows}, drawdown__in=rows)
    loan_ids = dict(loans.values_list("drawdown_id", "id"))
    return [_drawdown_row(row, loan_ids.get(row.id)) for row in rows]


def _drawdown_row(row: Drawdown, loan_id: UUID | None) -> DrawdownRow:
    known = policy.current(clock.today()).purpose(row.purpose)
    failure = _STOPPED_TEXTS.get(row.failure_code, OTHER_FAILURE) if row.failure_code else None
    return DrawdownRow(
        id=row.id, line_id=row.line_id, loan_id=loan_id, product=row.product,
        product_name=product_name(row.product), state=row.state, amount_fen=row.amount_fen, purpose=row.purpose,
        purpose_text=known.name if known else Text(row.purpose, row.purpose), term_months=row.term_months,
        method=row.method, method_text=method_text(row.method), daily_rate_e8=row.daily_rate_e8, card_id=row.card_id,
        failure_code=row.failure_code, failure_text=failure, started_at=row.started_at,
        submitted_at=row.submitted_at, finished_at=row.finished_at)


def has_overdue(customer_id: UUID) -> bool:
    """Say whether any loan of the customer has something marked overdue."""
    return Loan.objects.filter(customer_id=customer_id, state=Loan.State.ACTIVE, overdue_since__isnull=False).exists()


def late_from(customer_id: UUID) -> tuple[date, date] | None:
    """Return the oldest due date missed and the last day on which nobody was late for it, grace counted; None for none."""
    late = Loan.objects.filter(customer_id=customer_id, state=Loan.State.ACTIVE, overdue_since__isnull=False)
    rows = [(since, since + timedelta(days=grace)) for since, grace in late.values_list("overdue_since", "grace_days") if since]
    return (min(since for since, _ in rows), min(until for _, until in rows)) if rows else None


def customer_by_loan_number(number: str) -> tuple[UUID, UUID] | None:
    """Return (customer, loan) of a loan number named in a transfer's memo, or None."""
    return Loan.objects.filter(number=number).values_list("customer_id", "id").first()


def outstanding_by_customer(customer_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return unpaid principal by customer, in fen, with one statement."""
    rows = Loan.objects.filter(customer_id__in=list(customer_ids), state=Loan.State.ACTIVE)
    return dict(rows.order_by().values_list("customer_id").annotate(total=Sum("outstanding_fen")))
