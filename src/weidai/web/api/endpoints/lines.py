"""Credit lines, why one cannot be drawn, and the three steps of activation (R5, R6.1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from weidai.lending import selectors as lending_rows
from weidai.lending import services as lending
from weidai.limits import selectors as limits
from weidai.security import selectors as security
from weidai.security.services import KeyOffer
from weidai.web.api.bearer import session_of
from weidai.web.api.fields import Code, Input, KeyOfferIn, Schema, Words

router = Router(tags=["lines"])


class LineOut(Schema):
    """A credit line: approved = used + reserved + available, in fen; rate in 1e-8 a day."""

    id: UUID
    product: str
    status: str
    status_text: Words
    approved_fen: int
    used_fen: int
    reserved_fen: int
    available_fen: int
    grade: str
    daily_rate_e8: int
    granted_at: datetime
    activated_at: datetime | None
    next_review_on: date


class Block(Schema):
    """One reason why the line cannot be drawn now."""

    code: str
    text: Words
    next_step: Words


class PurposeOut(Schema):
    """A use of the money that may be named."""

    code: str
    name: Words


class LineDetail(Schema):
    """A line, what stands in the way of drawing it, and what may be named as purpose."""

    line: LineOut
    blocks: list[Block]
    purposes: list[PurposeOut]
    may_arrive_next_day: bool


class ActivationOut(Schema):
    """Where the activation stands; `next_step` is card, password, face or done."""

    line_id: UUID
    next_step: str
    has_payment_password: bool
    to_sign: str  # for a device's key, bound with the payment password


class PayoutCardIn(Input):
    """The card that loans are paid to."""

    card_id: UUID


class PasswordIn(Input):
    """Six digits, left out when a payment password was set earlier; with them a key that binds the account's first device."""

    password: Code | None = None
    device_key: KeyOfferIn | None = None


@router.get("", response=list[LineOut])
def lines(request: HttpRequest) -> Any:
    """The customer's lines, newest first."""
    return limits.lines_for(request.customer_id)


@router.get("/{uuid:line_id}", response=LineDetail)
def line(request: HttpRequest, line_id: UUID) -> Any:
    """One line with every reason why it cannot be drawn."""
    row = limits.line_get(request.customer_id, line_id)
    return {"line": row, "blocks": limits.can_draw(request.customer_id, line_id),
            "purposes": lending_rows.purposes_for(row.product), "may_arrive_next_day": lending_rows.may_arrive_next_day()}


@router.get("/{uuid:line_id}/activation", response=ActivationOut)
def activation(request: HttpRequest, line_id: UUID) -> Any:
    """The next step of the activation."""
    limits.line_get(request.customer_id, line_id)
    row = lending_rows.activation_for(request.customer_id, line_id)
    return {"line_id": line_id, "next_step": row.next_step if row else "card",
            "has_payment_password": security.has_payment_password(request.customer_id),
            "to_sign": lending.device_to_sign(request.customer_id, line_id=line_id)}


@router.post("/{uuid:line_id}/activation/card", response=ActivationOut)
def activation_card(request: HttpRequest, line_id: UUID, chosen: PayoutCardIn) -> Any:
    """First step: the debit card."""
    lending.activation_start(request.customer_id, line_id=line_id)
    lending.activation_card_confirm(request.customer_id, line_id=line_id, card_id=chosen.card_id)
    return activation(request, line_id)


@router.post("/{uuid:line_id}/activation/password", response=ActivationOut)
def activation_password(request: HttpRequest, line_id: UUID, chosen: PasswordIn) -> Any:
    """Second step: the six-digit payment password."""
    limits.line_get(request.customer_id, line_id)
    session, offer = session_of(request), chosen.device_key
    assert session is not None, "the address wants a token"
    lending.activation_password_set(
        request.customer_id, line_id=line_id, password=chosen.password,
        device=lending.FirstDevice(session.session_id, KeyOffer(offer.public_key, offer.signature)) if offer else None)
    return activation(request, line_id)


@router.post("/{uuid:line_id}/activation/complete", response=ActivationOut)
def activation_complete(request: HttpRequest, line_id: UUID) -> Any:
    """Third step: after a fresh face check (POST /me/face) or staff video check with purpose activation."""
    limits.line_get(request.customer_id, line_id)
    lending.activation_complete(request.customer_id, line_id=line_id)
    return activation(request, line_id)
