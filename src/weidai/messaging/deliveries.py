"""Sending text messages out of the outbox."""

from __future__ import annotations

from weidai.kernel.text import Text
from weidai.messaging import rules
from weidai.messaging.models import TextMessage
from weidai.messaging.ports import SmsAnswer, contact_book
from weidai.messaging.services import SMS_KIND, sms_deliver
from weidai.messaging.templates import template
from weidai.platform import clock, outbox

# A reminder that waits for the morning looks again this often, so that a clock moved forward is noticed.
_LOOK_AGAIN_SECONDS = 600


@outbox.handles(SMS_KIND)
def text_message_deliver(delivery: outbox.Delivery) -> None:
    """Send one text message, or let it wait for 08:00 (R6.5). A second try is the same message to the gateway."""
    message = TextMessage.objects.get(customer_id=delivery.customer_id, id=delivery.subject_id)
    if message.state != TextMessage.State.WAITING:
        return
    told = template(message.template)
    if wait := rules.quiet_for(told.kind, clock.now()):
        raise outbox.TryAgain("quiet hours", after_seconds=min(int(wait.total_seconds()) + 1, _LOOK_AGAIN_SECONDS))
    answer = _hand_over(message, rules.filled(told.body, message.values))
    message.state = TextMessage.State.DELIVERED if answer.is_delivered else TextMessage.State.FAILED
    message.reason, message.settled_at = answer.reason or "", clock.now()
    message.save(update_fields=["state", "reason", "settled_at"])


def _hand_over(message: TextMessage, text: Text) -> SmsAnswer:
    mobile = contact_book().mobile_for(message.customer_id)
    if mobile is None:
        return SmsAnswer(is_delivered=False, reason="no_mobile")
    return sms_deliver(message.id, mobile=mobile, text=text, language=contact_book().language_for(message.customer_id))
