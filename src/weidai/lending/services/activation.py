"""Opening a granted line: confirm the card → payment password → fresh face check or staff video, in order (R6.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.identity import selectors as identity
from weidai.lending.errors import ActivationStepOutOfOrder, FaceCheckMissing, NoDefaultCard
from weidai.lending.models import Activation
from weidai.limits import selectors as limit_rows
from weidai.limits import services as limits
from weidai.messaging.services import notice_send
from weidai.platform import clock
from weidai.products import policy as products
from weidai.security import selectors as security_rows
from weidai.security import services as security
from weidai.security import signing
from weidai.security.services import KeyOffer

FACE_FRESH_FOR = timedelta(minutes=30)
_State = Activation.State


class FirstDevice(NamedTuple):
    """The session whose device is to be bound, and the key it offers."""

    session_id: UUID
    offer: KeyOffer


def device_to_sign(customer_id: UUID, *, line_id: UUID) -> str:
    """Return the text that a new device's key signs to be bound while the payment password is set (R6.1)."""
    return signing.key_text(customer_id, nonce=str(line_id))


@transaction.atomic
def activation_start(customer_id: UUID, *, line_id: UUID) -> UUID:
    """Begin (or go on with) the activation of a granted line and return its id."""
    limit_rows.line_get(customer_id, line_id)
    row, is_new = Activation.objects.get_or_create(
        customer_id=customer_id, line_id=line_id, defaults={"started_at": clock.now()})
    if is_new:
        event_record("lending.activation.started", customer_id=customer_id, subject_type="lending.activation",
                     subject_id=row.id, facts={"line_id": str(line_id)})
    return row.id


def _locked(customer_id: UUID, line_id: UUID) -> Activation:
    row = Activation.objects.select_for_update().filter(customer_id=customer_id, line_id=line_id).first()
    if row is None:
        raise ActivationStepOutOfOrder
    return row


@transaction.atomic
def activation_card_confirm(customer_id: UUID, *, line_id: UUID, card_id: UUID) -> None:
    """First step: the debit card that loans are paid to."""
    row = _locked(customer_id, line_id)
    if row.state == _State.COMPLETED:
        return
    if card_id not in {card.id for card in identity.bank_cards(customer_id)}:
        raise NoDefaultCard
    has_password = row.state == _State.PASSWORD_SET
    Activation.objects.filter(pk=row.pk).update(
        card_id=card_id, card_confirmed_at=clock.now(),
        state=_State.PASSWORD_SET if has_password else _State.CARD_CONFIRMED)
    event_record("lending.activation.card_confirmed", customer_id=customer_id, subject_type="lending.activation",
                 subject_id=row.id, facts={"card_id": str(card_id)})


@transaction.atomic
def activation_password_set(
    customer_id: UUID, *, line_id: UUID, password: str | None = None, device: FirstDevice | None = None,
) -> None:
    """Second step: the six-digit payment password; one set earlier (for another line) counts when none is given.

    `device` binds the account's first device together with the password; its key signs `device_to_sign`.

    One given although another exists must be that one: it is proved, never dropped (PaymentPasswordWrong, -Locked).
    """
    row = _locked(customer_id, line_id)
    if row.state == _State.COMPLETED:
        return
    if row.state == _State.STARTED:
        raise ActivationStepOutOfOrder
    is_known = security_rows.has_payment_password(customer_id)
    if password is not None and is_known:
        security.payment_password_check(customer_id, password=password)
    elif password is not None:
        security.payment_password_set(customer_id, password=password)
    elif not is_known:
        raise ActivationStepOutOfOrder
    if device is not None and password is not None:
        security.device_key_first(customer_id, session_id=device.session_id, offer=device.offer, nonce=str(line_id))
    Activation.objects.filter(pk=row.pk).update(state=_State.PASSWORD_SET, password_set_at=clock.now())
    event_record("lending.activation.password_set", customer_id=customer_id, subject_type="lending.activation",
                 subject_id=row.id)


@transaction.atomic
def activation_complete(customer_id: UUID, *, line_id: UUID) -> None:
    """Third step: with a fresh face check or staff video check (purpose "activation") the line can be drawn."""
    row = _locked(customer_id, line_id)
    if row.state == _State.COMPLETED:
        return
    if row.state != _State.PASSWORD_SET:
        raise ActivationStepOutOfOrder
    if not identity.has_fresh_face(customer_id, purpose="activation", within=FACE_FRESH_FOR) and not (
            identity.has_fresh_staff_video(customer_id, purpose="activation", within=FACE_FRESH_FOR)):
        raise FaceCheckMissing
    Activation.objects.filter(pk=row.pk).update(state=_State.COMPLETED, completed_at=clock.now())
    limits.line_activate(customer_id, line_id=line_id)
    line = limit_rows.line_get(customer_id, line_id)
    event_record("lending.activation.completed", customer_id=customer_id, subject_type="lending.activation",
                 subject_id=row.id, facts={"line_id": str(line_id)})
    notice_send(customer_id, template="lending.activated", values={
        "product": products.current(clock.today()).product(line.product).name}, channels=("in_app",))
