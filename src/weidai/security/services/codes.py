"""One-time codes by text message: sent at once, used once, bound to what they are for."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from django.db import transaction
from django.db.models import F

from weidai.audit import services as audit
from weidai.kernel.checks import mobile_is_valid
from weidai.kernel.days import shanghai_date
from weidai.kernel.masking import masked_mobile
from weidai.platform import clock, outbox, statements
from weidai.platform.crypto import digest_text, same_digest
from weidai.platform.ids import uuid7
from weidai.platform.transactions import joined
from weidai.security import errors, rules
from weidai.security.apart import committed_apart
from weidai.security.asking import asking
from weidai.security.models import SmsAllowance, SmsChallenge
from weidai.security.services.addresses import address_allowance_take, device_allowance_take

SMS_CODE_KIND = "security.sms_code"


@dataclass(frozen=True, slots=True)
class SmsChallengeIssued:
    """What the page needs after a code was sent; the code itself is only in the message."""

    id: UUID
    masked_mobile: str
    expires_at: datetime
    resend_after_seconds: int


@transaction.atomic
def sms_code_send(
    *, mobile: str, purpose: rules.Purpose, context: str = "", customer_id: UUID | None = None, ip: str = "",
) -> SmsChallengeIssued:
    """Send six digits to a mobile for one purpose and context; one a minute and ten a day for a number (R1.1, R6.2).

    For the asking client's address ten in ten minutes and fifty a day, for its device eight and twenty: who asks is what
    the web said (`security.asking`), or `ip`.
    """
    assert purpose in rules.PURPOSES, purpose
    if not mobile_is_valid(mobile):
        raise errors.MobileInvalid(field="mobile")
    moment, digest = clock.now(), digest_text(mobile, "mobile")
    _allowance_take(digest, moment)
    address_allowance_take(ip or asking().ip, moment)
    device_allowance_take(asking().device, moment)
    challenge_id, code = uuid7(), f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    challenge = SmsChallenge.objects.create(
        id=challenge_id, customer_id=customer_id, purpose=purpose, mobile_digest=digest, mobile=mobile, code=code,
        code_digest=_code_digest(challenge_id, purpose, context, code), created_at=moment,
        expires_at=moment + rules.CODE_LIFE,
    )
    # Before registration there is no customer: the message then belongs to the challenge itself.
    outbox.enqueue(customer_id or challenge_id, kind=SMS_CODE_KIND, subject_id=challenge_id)
    audit.event_record("security.sms_code.sent", customer_id=customer_id, subject_type="sms_challenge",
                       subject_id=challenge_id, facts={"purpose": purpose})
    return SmsChallengeIssued(challenge_id, masked_mobile(mobile), challenge.expires_at,
                              int(rules.RESEND_AFTER.total_seconds()))


def _allowance_take(mobile_digest: str, moment: datetime) -> None:
    """Count one message against the number's allowance, holding its row so that two requests cannot both pass."""
    SmsAllowance.objects.bulk_create([SmsAllowance(mobile_digest=mobile_digest)], ignore_conflicts=True)
    allowance = SmsAllowance.objects.select_for_update().get(mobile_digest=mobile_digest)
    if allowance.last_sent_at is not None:
        waited = moment - allowance.last_sent_at
        if timedelta(0) <= waited < rules.RESEND_AFTER:
            raise errors.SmsTooSoon(seconds=math.ceil((rules.RESEND_AFTER - waited).total_seconds()))
    today = shanghai_date(moment)
    count = allowance.sent_count if allowance.counted_on == today else 0
    if count >= rules.CODES_PER_DAY:
        raise errors.SmsDayLimitReached
    allowance.last_sent_at, allowance.counted_on, allowance.sent_count = moment, today, count + 1
    allowance.save(update_fields=["last_sent_at", "counted_on", "sent_count"])


@joined
def sms_code_check(
    challenge_id: UUID, *, code: str, purpose: rules.Purpose, context: str = "", customer_id: UUID | None = None,
) -> None:
    """Accept the code and use it up in the caller's transaction, or refuse.

    A wrong guess is counted although the refusal rolls the caller back; after five the code is dead. The right code is
    used up by one conditional update, so that of two requests with the same code only one passes.
    """
    moment = clock.now()
    digest = _code_digest(challenge_id, purpose, context, code.strip())
    used = statements.count(
        """UPDATE security_smschallenge SET consumed_at = %(at)s, code = NULL, mobile = NULL
            WHERE id = %(id)s AND code_digest = %(digest)s AND customer_id IS NOT DISTINCT FROM %(customer)s::uuid
              AND consumed_at IS NULL AND expires_at > %(at)s AND attempts < %(most)s""",
        {"at": moment, "id": challenge_id, "digest": digest, "customer": customer_id, "most": rules.CODE_ATTEMPTS})
    if not used:
        _refuse(challenge_id, digest=digest, customer_id=customer_id, moment=moment)
    audit.event_record("security.sms_code.used", customer_id=customer_id, subject_type="sms_challenge",
                       subject_id=challenge_id, facts={"purpose": purpose})


def _refuse(challenge_id: UUID, *, digest: str, customer_id: UUID | None, moment: datetime) -> NoReturn:
    """Say why a code was not accepted, and count the guess if it was one."""
    challenge = SmsChallenge.objects.filter(id=challenge_id).defer("code", "mobile").order_by().first()
    if challenge is None or challenge.consumed_at is not None or moment >= challenge.expires_at:
        raise errors.SmsCodeExpired
    if challenge.attempts >= rules.CODE_ATTEMPTS:
        raise errors.SmsCodeSpent
    if challenge.customer_id != customer_id or not same_digest(digest, challenge.code_digest):
        _wrong_code_count(challenge)
    raise errors.SmsCodeExpired  # it was right, and used up by a twin at this very moment


def _wrong_code_count(challenge: SmsChallenge) -> NoReturn:
    """Count a wrong guess for good and refuse."""
    def count() -> int:
        SmsChallenge.objects.filter(id=challenge.id).update(attempts=F("attempts") + 1)
        return SmsChallenge.objects.filter(id=challenge.id).values_list("attempts", flat=True).first() or 0

    left = max(0, rules.CODE_ATTEMPTS - committed_apart(count))
    if not left:
        raise errors.SmsCodeSpent
    raise errors.SmsCodeWrong(field="code", left=left)


def _code_digest(challenge_id: UUID, purpose: str, context: str, code: str) -> str:
    return digest_text(f"{challenge_id}\n{purpose}\n{context}\n{code}", "security.sms_code")
