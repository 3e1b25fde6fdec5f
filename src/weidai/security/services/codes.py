"""One-time codes by text message: sent at once, used once, bound to what they are for."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
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
from weidai.platform.crypto import digest_text, digest_texts
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
    told: Mapping[str, int] | None = None,
) -> SmsChallengeIssued:
    """Send six digits to a mobile for one purpose and context; one a minute and ten a day for a number (R1.1, R6.2).

    `told` is what the message says beside the code: amount_fen and term_months of a drawdown. A customer's earlier code
    for the same purpose is dead from now on.

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
    if customer_id is not None:
        SmsChallenge.objects.filter(
            customer_id=customer_id, purpose=purpose, consumed_at=None, expires_at__gt=moment).update(
                expires_at=moment, code=None, mobile=None)
    challenge = SmsChallenge.objects.create(
        id=challenge_id, customer_id=customer_id, purpose=purpose, mobile_digest=digest, mobile=mobile, code=code,
        code_digest=code_digests(challenge_id, purpose, context, code)[-1], told=dict(told or {}), created_at=moment,
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


@dataclass(frozen=True, slots=True)
class Signer:
    """A key in force that signed together with a code."""

    key_id: UUID
    public_key: str
    full_from: datetime


@joined
def sms_code_check(
    challenge_id: UUID, *, code: str, purpose: rules.Purpose, context: str = "", customer_id: UUID | None = None,
    key: str = "",
) -> Signer | None:
    """Accept the code and use it up in the caller's transaction, or refuse; returns the customer's device key `key`.

    A wrong guess is counted although the refusal rolls the caller back; after five the code is dead. The right code is
    used up by one conditional update, so that of two requests with the same code only one passes. `key` is the
    fingerprint of the device key that signed beside the code; None when the customer has no such key in force.
    """
    if purpose != "drawdown":
        # Guesses sent at once wait for each other, else all of them would be looked at before the first is counted.
        # Those about a drawdown wait already: for its row.
        statements.row("SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(%s::text, 0))", [f"code {challenge_id}"])
    moment = clock.now()
    digests = code_digests(challenge_id, purpose, context, code.strip())
    used = statements.row(
        """WITH used AS (
             UPDATE security_smschallenge SET consumed_at = %(at)s, code = NULL, mobile = NULL
              WHERE id = %(id)s AND code_digest = ANY(%(digests)s::text[])
                AND customer_id IS NOT DISTINCT FROM %(customer)s::uuid
                AND consumed_at IS NULL AND expires_at > %(at)s AND attempts < %(most)s RETURNING 1)
           SELECT (SELECT count(*) FROM used), k.id, k.public_key, k.full_from
             FROM (SELECT 1) one LEFT JOIN security_devicekey k
               ON k.customer_id = %(customer)s::uuid AND k.fingerprint = %(key)s::text AND k.retired_at IS NULL""",
        {"at": moment, "id": challenge_id, "digests": list(digests), "customer": customer_id, "key": key,
         "most": rules.CODE_ATTEMPTS})
    assert used is not None, "one row always"
    if not used[0]:
        _refuse(challenge_id, digests=digests, customer_id=customer_id, moment=moment)
    audit.event_record("security.sms_code.used", customer_id=customer_id, subject_type="sms_challenge",
                       subject_id=challenge_id, facts={"purpose": purpose})
    return Signer(*used[1:]) if used[1] is not None else None


def _refuse(challenge_id: UUID, *, digests: Sequence[str], customer_id: UUID | None, moment: datetime) -> NoReturn:
    """Say why a code was not accepted, and count the guess if it was one."""
    challenge = SmsChallenge.objects.filter(id=challenge_id).defer("code", "mobile").order_by().first()
    if challenge is None or challenge.consumed_at is not None or moment >= challenge.expires_at:
        raise errors.SmsCodeExpired
    if challenge.attempts >= rules.CODE_ATTEMPTS:
        raise errors.SmsCodeSpent
    if challenge.customer_id != customer_id or challenge.code_digest not in digests:
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


def code_digests(challenge_id: UUID, purpose: str, context: str, code: str) -> tuple[str, ...]:
    """Return the digests a code may stand under, the newest key's last."""
    return digest_texts(f"{challenge_id}\n{purpose}\n{context}\n{code}", "security.sms_code")
