"""Reminding of an ID card that is about to end: once for each verified card, however often the watch runs (R1.4)."""

from __future__ import annotations

from weidai.identity.models import Verification
from weidai.messaging import services as messaging
from weidai.platform import outbox

CARD_ENDING_KIND = "identity.card_ending"


@outbox.handles(CARD_ENDING_KIND)
def card_ending_tell(delivery: outbox.Delivery) -> None:
    """Tell the customer the last day; the message waits for the morning when it is night."""
    row = Verification.objects.filter(customer_id=delivery.customer_id, id=delivery.subject_id).first()
    if row is not None and row.valid_to is not None:
        messaging.notice_send(delivery.customer_id, template="identity.id_card_ending",
                              values={"day": row.valid_to.isoformat()})
