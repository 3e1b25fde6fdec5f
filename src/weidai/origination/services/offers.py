"""Answering an offer: accept and get the line, or decline (R4.4, R5.2)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.kernel.money import yuan_text
from weidai.limits import selectors as limit_rows
from weidai.limits import services as limits
from weidai.messaging.services import notice_send
from weidai.origination import selectors
from weidai.origination.errors import OfferExpired, OfferTooLarge
from weidai.origination.models import Application, Offer
from weidai.origination.selectors import ApplicationRow
from weidai.origination.services.final_review import consumer_products
from weidai.origination.services.steps import application_locked, move, product_name, state_conflict
from weidai.platform import clock


@transaction.atomic
def offer_accept(customer_id: UUID, *, application_id: UUID) -> ApplicationRow:
    """Take the offered line; the line waits for activation (R6.1). Accepting twice gives one line.

    Of several offers made side by side, each knew nothing of the others: what they leave of the total is looked at now,
    with all of them locked.
    """
    offered = Application.objects.select_for_update().filter(customer_id=customer_id, state=Application.State.OFFERED)
    list(offered.order_by("id").values_list("id", flat=True))
    application = application_locked(customer_id, application_id)
    if application.state == Application.State.ACCEPTED:
        return selectors.application_get(customer_id, application_id)
    offer = _open_offer(application)
    _room_require(offer)
    line = limits.line_grant(
        customer_id, product=application.product, amount_fen=offer.amount_fen, grade=offer.grade,
        daily_rate_e8=offer.daily_rate_e8, terms=offer.terms, application_id=application.id)
    Offer.objects.filter(customer_id=customer_id, id=offer.id).update(
        state=Offer.State.ACCEPTED, answered_at=clock.now(), line_id=line.id)
    move(application, Application.State.ACCEPTED, by="customer")
    notice_send(customer_id, template="limits.granted",
                values={"product": product_name(application), "amount_fen": offer.amount_fen})
    return selectors.application_get(customer_id, application_id)


@transaction.atomic
def offer_decline(customer_id: UUID, *, application_id: UUID) -> ApplicationRow:
    """Say no to the offer: the application is withdrawn and nothing is granted; again changes nothing."""
    application = application_locked(customer_id, application_id)
    if application.state == Application.State.WITHDRAWN:
        return selectors.application_get(customer_id, application_id)
    offer = _open_offer(application)
    Offer.objects.filter(customer_id=customer_id, id=offer.id).update(
        state=Offer.State.DECLINED, answered_at=clock.now())
    move(application, Application.State.WITHDRAWN, by="customer", codes=["origination.offer_declined"])
    event_record("origination.offer.declined", customer_id=customer_id, subject_type="origination.offer",
                 subject_id=offer.id, facts={"amount_fen": offer.amount_fen})
    return selectors.application_get(customer_id, application_id)


def _room_require(offer: Offer) -> None:
    """Refuse an offer that no longer fits beside the customer's other consumer lines (R5.2, R5.6)."""
    total_fen: int = offer.terms[-1]["running_fen"]
    others_fen = limit_rows.approved_total_fen(offer.customer_id, products=consumer_products(clock.today()))
    if others_fen + offer.amount_fen > total_fen:
        raise OfferTooLarge(left=yuan_text(max(total_fen - others_fen, 0)))


def _open_offer(application: Application) -> Offer:
    """Return the offer that can still be answered."""
    if application.state != Application.State.OFFERED:
        raise state_conflict(application)
    offer = Offer.objects.select_for_update().get(customer_id=application.customer_id, application=application)
    if offer.valid_until <= clock.now():
        raise OfferExpired
    return offer
