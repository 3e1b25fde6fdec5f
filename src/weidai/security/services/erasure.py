"""Forgetting the secrets of a person who is made unreadable, and counts that are of no use any more (R8.5)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from weidai.kernel.days import shanghai_date
from weidai.platform import clock
from weidai.platform.crypto import digest_texts
from weidai.security.models import PasswordGuesses, PaymentPassword, SmsAddressAllowance, SmsAllowance, SmsChallenge

KEPT_CODES = timedelta(days=30)  # of sign-ins and registrations: what was sent is evidence for this long
_COUNTED_DAYS = 2


def secrets_erase(customer_id: UUID, *, mobile: str = "") -> None:
    """Remove payment password, codes and what their number is found by, in the caller's transaction.

    Codes to sign in with belong to a number, not to a customer: those sent to `mobile` go as well.
    """
    PaymentPassword.objects.filter(customer_id=customer_id).delete()
    theirs = Q(customer_id=customer_id)
    if mobile:
        theirs |= Q(customer_id=None, mobile_digest__in=digest_texts(mobile, "mobile"))
    SmsChallenge.objects.filter(theirs).update(code=None, mobile=None, mobile_digest="", code_digest="")


def traces_forget() -> int:
    """Delete what was only kept to count by or until a code is over, and return how many rows; safe to run again.

    Counts per number, address and device are of their day; codes that belong to nobody are kept KEPT_CODES.
    """
    moment = clock.now()
    before = shanghai_date(moment) - timedelta(days=_COUNTED_DAYS)
    over = (SmsAllowance.objects.filter(counted_on__lt=before), SmsAddressAllowance.objects.filter(counted_on__lt=before),
            PasswordGuesses.objects.filter(window_began_at__lt=moment - timedelta(days=_COUNTED_DAYS)),
            SmsChallenge.objects.filter(customer_id=None, expires_at__lt=moment - KEPT_CODES))
    return sum(rows.delete()[0] for rows in over)
