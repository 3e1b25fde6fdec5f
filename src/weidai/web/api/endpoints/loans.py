"""Loans, bills, repaying, settling (R6.6, R7.1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import model_validator

from weidai.lending import selectors as lending
from weidai.servicing import selectors, services
from weidai.web.api.fields import Fen, Input, Schema, Words, WordsOrNone
from weidai.web.api.keys import DOCUMENTED, idempotency_key
from weidai.web.api.paging import DEFAULT_LIMIT, Limit, page_after

router = Router(tags=["loans"])


class LoanOut(Schema):
    """A loan; amounts in fen, rate in 1e-8 a day; `state` is pending, active, overdue, settled or cancelled."""

    id: UUID
    line_id: UUID
    drawdown_id: UUID
    card_id: UUID
    number: str
    product: str
    product_name: Words
    state: str
    state_text: Words
    principal_fen: int
    outstanding_fen: int
    overdue_principal_fen: int
    daily_rate_e8: int
    method: str
    method_text: Words
    term_months: int
    created_at: datetime
    starts_on: date | None
    matures_on: date | None
    settled_on: date | None
    next_due_on: date | None
    overdue_since: date | None


class LoanPage(Schema):
    """A page of loans, newest first."""

    items: list[LoanOut]
    next: UUID | None


class OwedOut(Schema):
    """What is owed on a day."""

    on: date
    overdue_fen: int
    due_today_fen: int
    total_fen: int
    days_past_due: int
    next_due_on: date | None
    next_due_fen: int


class SettleOut(Schema):
    """The exact pay-off figure, good until midnight Shanghai; in the cooling-off time the principal alone."""

    loan_id: UUID
    on: date
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    fee_fen: int
    interest_saved_fen: int
    total_fen: int
    is_cooling_off: bool


class InstallmentOut(Schema):
    """One row of the schedule as it stands; `state` is paid, overdue, due or planned."""

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
    state_text: Words
    settled_on: date | None


class RepaymentOut(Schema):
    """A repayment and what it paid, in fen."""

    id: UUID
    received_at: datetime
    channel: str
    channel_text: Words
    amount_fen: int
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    excess_fen: int
    state: str


class TimelineOut(Schema):
    """Something that happened to the loan."""

    at: datetime
    text: Words
    amount_fen: int | None


class LoanDetail(Schema):
    """A loan with what is owed today, its pay-off figure and its history."""

    loan: LoanOut
    owed: OwedOut | None
    payoff: SettleOut | None
    repayments: list[RepaymentOut]
    timeline: list[TimelineOut]


class ScheduleOut(Schema):
    """Every row of the schedule; none before the money arrived."""

    loan_id: UUID
    on: date
    rows: list[InstallmentOut]


class BillOut(Schema):
    """What one loan asks for."""

    loan_id: UUID
    loan_number: str
    product_name: Words
    overdue_fen: int
    due_today_fen: int
    due_now_fen: int
    penalty_fen: int
    days_past_due: int
    next_due_on: date | None
    next_due_fen: int
    payoff: SettleOut
    open_debit_id: UUID | None


class BillsOut(Schema):
    """All bills on a day, in fen."""

    on: date
    rows: list[BillOut]
    due_now_fen: int
    overdue_fen: int
    next_due_on: date | None
    next_due_fen: int
    payoff_fen: int
    auto_debit_card_id: UUID | None


class RepaymentPage(Schema):
    """A page of repayments, newest first."""

    items: list[RepaymentOut]
    next: UUID | None


class RepayIn(Input):
    """What to repay: what is due, any amount (then with `amount_fen`), or everything."""

    loan_id: UUID
    kind: Literal["due", "amount", "settle"]
    amount_fen: Fen | None = None
    card_id: UUID | None = None
    choice: Literal["shorten_term", "smaller_installments"] = "shorten_term"

    @model_validator(mode="after")
    def _amount_belongs_to_its_kind(self) -> RepayIn:
        if (self.kind == "amount") != (self.amount_fen is not None):
            raise ValueError("amount_fen belongs to kind amount, and only to it")
        return self


class DebitOut(Schema):
    """A debit and where it stands; `is_open` while the bank's final word is awaited."""

    id: UUID
    loan_id: UUID
    kind: str
    intent: str
    amount_fen: int
    state: str
    state_text: Words
    failure_text: WordsOrNone
    created_at: datetime
    finished_at: datetime | None
    repayment_id: UUID | None
    is_open: bool


@router.get("/loans", response=LoanPage)
def loans(request: HttpRequest, after: UUID | None = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """The customer's loans, newest first."""
    return page_after(lending.loans_for(request.customer_id), after=after, limit=limit)


@router.get("/loans/{uuid:loan_id}", response=LoanDetail)
def loan(request: HttpRequest, loan_id: UUID) -> Any:
    """One loan: owed today, pay-off figure, history."""
    return selectors.loan_statement(request.customer_id, loan_id)


@router.get("/loans/{uuid:loan_id}/schedule", response=ScheduleOut)
def schedule(request: HttpRequest, loan_id: UUID) -> Any:
    """Every row as it stands today."""
    statement = selectors.loan_statement(request.customer_id, loan_id)
    return {"loan_id": loan_id, "on": statement.on, "rows": statement.rows}


@router.get("/loans/{uuid:loan_id}/settlement-quote", response=SettleOut)
def settlement_quote(request: HttpRequest, loan_id: UUID) -> Any:
    """What it costs to settle now."""
    return services.settle_quote(request.customer_id, loan_id=loan_id)


@router.get("/bills", response=BillsOut)
def bills(request: HttpRequest) -> Any:
    """Due now, next due, pay-off figures over all loans."""
    return selectors.bills_for(request.customer_id)


@router.get("/repayments", response=RepaymentPage)
def repayments(request: HttpRequest, after: UUID | None = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Every repayment, newest first."""
    return page_after(selectors.repayments_for(request.customer_id), after=after, limit=limit)


@router.post("/repayments", response={202: DebitOut}, openapi_extra=DOCUMENTED)
def repay(request: HttpRequest, wish: RepayIn) -> Any:
    """Ask the bank to take a repayment from a bound card, exactly once for a key; poll the debit for its result."""
    key = idempotency_key(request)
    lending.loan_get(request.customer_id, wish.loan_id)
    debit_id = services.repayment_request(
        request.customer_id, loan_id=wish.loan_id, kind=wish.kind, amount_fen=wish.amount_fen, card_id=wish.card_id,
        choice=wish.choice, idempotency_key=key)
    return Status(202, selectors.debit_get(request.customer_id, debit_id))


@router.get("/debits/{uuid:debit_id}", response=DebitOut)
def debit(request: HttpRequest, debit_id: UUID) -> Any:
    """Where a debit stands."""
    return selectors.debit_get(request.customer_id, debit_id)
