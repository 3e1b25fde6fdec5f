"""Borrowing: quote, start, cost sheet, agreement, code, signature (R6.2, R6.3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from weidai.lending import selectors, services
from weidai.web.api.fields import (
    Code,
    CodeSent,
    Fen,
    Fingerprint,
    Input,
    Months,
    Schema,
    SignatureText,
    Word,
    Words,
    WordsOrNone,
    device_proof,
)
from weidai.web.api.keys import DOCUMENTED, idempotency_key
from weidai.web.api.paging import DEFAULT_LIMIT, Limit, page_after

router = Router(tags=["drawdowns"])
MOST_DRAWDOWNS = 500


class QuoteIn(Input):
    """What would be borrowed."""

    line_id: UUID
    amount_fen: Fen
    term_months: Months
    method: Word


class StartIn(QuoteIn):
    """What is to be borrowed, for what, and to which card (the default one when left out)."""

    purpose: Word
    card_id: UUID | None = None


class PlannedRow(Schema):
    """One row of the plan if the money arrived today."""

    number: int
    starts_on: date
    due_on: date
    principal_fen: int
    interest_fen: int
    remaining_fen: int


class QuoteOut(Schema):
    """What it would cost: daily rate, simple APR, dated IRR and yuan together, and every row."""

    principal_fen: int
    interest_fen: int
    fee_fen: int
    total_fen: int
    daily_rate_e8: int
    daily_rate_text: str
    apr_simple_text: str
    irr_simple_text: str
    irr_effective_text: str
    term_months: int
    method: str
    rows: list[PlannedRow]
    late_notice: WordsOrNone


class DrawdownOut(Schema):
    """A drawdown and where it stands: draft → sheet_shown → confirmed → signed → submitted → paying → posted | failed."""

    id: UUID
    line_id: UUID
    loan_id: UUID | None
    product: str
    product_name: Words
    state: str
    amount_fen: int
    purpose: str
    purpose_text: Words
    term_months: int
    method: str
    method_text: Words
    daily_rate_e8: int
    card_id: UUID
    failure_code: str
    failure_text: WordsOrNone
    started_at: datetime
    submitted_at: datetime | None
    finished_at: datetime | None


class DrawdownPage(Schema):
    """A page of drawdowns, newest first."""

    items: list[DrawdownOut]
    next: UUID | None


class SheetOut(Schema):
    """The cost sheet as it is stored; it can be confirmed when `seconds_left` is 0."""

    content: Words
    figures: dict[str, Any]
    sha256: str
    opened_at: datetime
    confirmed_at: datetime | None
    reading_seconds: int
    seconds_left: int


class SignedBy(Schema):
    """Who signed beside the code (device_key, face, staff_video); a device's text and signature can be verified by anyone."""

    by: str
    key: str
    public_key: str
    text: str
    signature: str
    holds: bool


class AgreementOut(Schema):
    """The agreement as it is stored, with the hash of the cost sheet it names."""

    number: str
    content: Words
    sha256: str
    cost_sheet_sha256: str
    template_version: str
    opened_at: datetime
    accepted_at: datetime | None
    signed_at: datetime | None
    signed_by: SignedBy | None


class CodeToSign(CodeSent):
    """The code that was sent, and the text that the bound device's key signs beside it."""

    to_sign: str


class ConfirmIn(Input):
    """The code, and the device's signature over `to_sign` under the key with this fingerprint.

    Without a bound device: the payment password instead, after a face or staff video check within 30 minutes and for the
    pack's lower amount.
    """

    challenge_id: UUID
    code: Code
    device_key: Fingerprint | None = None
    device_signature: SignatureText | None = None
    payment_password: Code | None = None


class Confirmed(Schema):
    """The loan; its money is on the way."""

    drawdown_id: UUID
    loan_id: UUID
    loan_number: str


@router.post("/quote", response=QuoteOut)
def quote(request: HttpRequest, wish: QuoteIn) -> Any:
    """What a drawdown would cost; nothing is written."""
    return services.drawdown_quote(request.customer_id, line_id=wish.line_id, amount_fen=wish.amount_fen,
                                   term_months=wish.term_months, method=wish.method)


@router.get("", response=DrawdownPage)
def drawdowns(request: HttpRequest, after: UUID | None = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """The customer's drawdowns, newest first."""
    return page_after(selectors.drawdowns_for(request.customer_id, limit=MOST_DRAWDOWNS), after=after, limit=limit)


@router.post("", response={201: DrawdownOut})
def start(request: HttpRequest, wish: StartIn) -> Any:
    """Begin a drawdown; an unfinished earlier one on the line ends. Nothing is owed yet."""
    drawdown_id = services.drawdown_start(
        request.customer_id, line_id=wish.line_id, amount_fen=wish.amount_fen, purpose=wish.purpose,
        term_months=wish.term_months, method=wish.method, card_id=wish.card_id)
    return Status(201, drawdown(request, drawdown_id))


@router.get("/{uuid:drawdown_id}", response=DrawdownOut)
def drawdown(request: HttpRequest, drawdown_id: UUID) -> Any:
    """One drawdown; poll it while the money is on the way."""
    return selectors.drawdown_get(request.customer_id, drawdown_id)


@router.post("/{uuid:drawdown_id}/sheet", response=SheetOut)
def sheet_open(request: HttpRequest, drawdown_id: UUID) -> Any:
    """Open the cost sheet: the reading time starts at the first opening, by the server's clock."""
    services.cost_sheet_open(request.customer_id, drawdown_id=drawdown_id)
    return selectors.cost_sheet_get(request.customer_id, drawdown_id)


@router.post("/{uuid:drawdown_id}/sheet/confirm", response=SheetOut)
def sheet_confirm(request: HttpRequest, drawdown_id: UUID) -> Any:
    """Confirm that the sheet was read; refused before its reading time is over."""
    services.cost_sheet_confirm(request.customer_id, drawdown_id=drawdown_id)
    return selectors.cost_sheet_get(request.customer_id, drawdown_id)


@router.post("/{uuid:drawdown_id}/agreement", response=AgreementOut)
def agreement_open(request: HttpRequest, drawdown_id: UUID) -> Any:
    """Open the agreement to be signed."""
    services.agreement_open(request.customer_id, drawdown_id=drawdown_id)
    return selectors.agreement_text(request.customer_id, drawdown_id=drawdown_id)


@router.post("/{uuid:drawdown_id}/agreement/sign", response=AgreementOut)
def agreement_sign(request: HttpRequest, drawdown_id: UUID) -> Any:
    """Accept the agreement; the code of the last call makes the signature."""
    services.agreement_sign(request.customer_id, drawdown_id=drawdown_id)
    return selectors.agreement_text(request.customer_id, drawdown_id=drawdown_id)


@router.post("/{uuid:drawdown_id}/code", response=CodeToSign)
def code_send(request: HttpRequest, drawdown_id: UUID) -> Any:
    """Send the code that signs this drawdown and nothing else; `to_sign` is for the device's key."""
    sent = services.drawdown_code_send(request.customer_id, drawdown_id=drawdown_id)
    text = services.drawdown_to_sign(request.customer_id, drawdown_id=drawdown_id, challenge_id=sent.id)
    return {"id": sent.id, "masked_mobile": sent.masked_mobile, "expires_at": sent.expires_at,
            "resend_after_seconds": sent.resend_after_seconds, "to_sign": text}


@router.post("/{uuid:drawdown_id}/confirm", response=Confirmed, openapi_extra=DOCUMENTED)
def confirm(request: HttpRequest, drawdown_id: UUID, proof: ConfirmIn) -> Any:
    """Sign with code and device: the loan is made and its payout asked for, exactly once for a key."""
    return services.drawdown_confirm(
        request.customer_id, drawdown_id=drawdown_id, challenge_id=proof.challenge_id, code=proof.code,
        device=device_proof(proof.device_key, proof.device_signature), payment_password=proof.payment_password or "",
        idempotency_key=idempotency_key(request))


@router.post("/{uuid:drawdown_id}/cancel", response=DrawdownOut)
def cancel(request: HttpRequest, drawdown_id: UUID) -> Any:
    """Give up a drawdown that is not signed by code yet; nothing is owed."""
    services.drawdown_cancel(request.customer_id, drawdown_id=drawdown_id)
    return drawdown(request, drawdown_id)
