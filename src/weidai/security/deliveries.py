"""Sending one-time codes out of the outbox; the digits are erased as soon as they are handed over."""

from __future__ import annotations

from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text
from weidai.messaging import services as messaging
from weidai.platform import clock, outbox
from weidai.security import rules
from weidai.security.models import SmsChallenge
from weidai.security.services.codes import SMS_CODE_KIND


@outbox.handles(SMS_CODE_KIND)
def sms_code_deliver(delivery: outbox.Delivery) -> None:
    """Send one code, in both languages; one that is used or too old is not sent any more."""
    challenge = SmsChallenge.objects.filter(id=delivery.subject_id).first()
    if challenge is None or challenge.mobile is None or challenge.code is None:
        return  # used, or forgotten since
    mobile, code = challenge.mobile, challenge.code
    if challenge.consumed_at is None and clock.now() < challenge.expires_at:
        minutes = int(rules.CODE_LIFE.total_seconds()) // 60
        told = rules.CODE_MESSAGES[challenge.purpose].format(
            code=code, minutes=minutes, amount=yuan_text(challenge.told.get("amount_fen", 0)),
            term_months=challenge.told.get("term_months", 0))
        messaging.sms_deliver(challenge.id, mobile=mobile, text=Text(f"{told.zh}\n{told.en}", told.en))
    SmsChallenge.objects.filter(id=challenge.id).update(code=None, mobile=None, sent_at=clock.now())
