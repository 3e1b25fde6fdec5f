"""The six-digit payment password: peppered, argon2, five attempts, then a wait that grows (R6.1).

Six digits can be swept through in hours when the table is lost. So what argon2 sees is a keyed digest of the digits and the
account; the key lies in the key file (IDENTITY §6).
"""

from __future__ import annotations

import math
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from django.db import transaction
from django.db.models import F

from weidai.audit import services as audit
from weidai.messaging import services as messaging
from weidai.platform import clock
from weidai.platform.crypto import digest_text
from weidai.platform.ids import uuid7
from weidai.security import errors, rules
from weidai.security.apart import committed_apart
from weidai.security.models import PaymentPassword
from weidai.security.ports import known_digits

# OWASP's argon2id setting for interactive use: 19 MiB, two passes, one lane.
_PEPPERED = "p1"
COST = {"time_cost": 2, "memory_cost": 19_456, "parallelism": 1}
_hasher = PasswordHasher(**COST)


@transaction.atomic
def payment_password_set(customer_id: UUID, *, password: str) -> None:
    """Set the first payment password; digits of birth date, ID number or mobile number are refused (R6.1)."""
    password_hash = _hash_strong(customer_id, password)
    row, is_new = PaymentPassword.objects.get_or_create(
        customer_id=customer_id, defaults={"id": uuid7(), "password_hash": password_hash, "set_at": clock.now()})
    if not is_new:
        raise errors.PaymentPasswordExists
    _record(row, "security.payment_password.set")


def payment_password_change(customer_id: UUID, *, old: str, new: str) -> None:
    """Replace the payment password, after proving the present one, by another one."""
    with transaction.atomic():
        payment_password_check(customer_id, password=old)
        if new == old:
            raise errors.PaymentPasswordUnchanged(field="password")
        password_hash = _hash_strong(customer_id, new)
        row = PaymentPassword.objects.select_for_update().get(customer_id=customer_id)
        row.password_hash, row.set_at = password_hash, clock.now()
        row.save(update_fields=["password_hash", "set_at"])
        _record(row, "security.payment_password.changed")


@transaction.atomic
def payment_password_check(customer_id: UUID, *, password: str) -> None:
    """Pass silently when the digits are right; five wrong attempts lock it for thirty minutes (R6.4).

    A wrong attempt is counted although the refusal rolls the caller's transaction back.
    """
    row = PaymentPassword.objects.filter(customer_id=customer_id).first()
    if row is None:
        raise errors.PaymentPasswordMissing
    moment = clock.now()
    if row.locked_until is not None and moment < row.locked_until:
        raise _locked(row.locked_until, moment)
    try:
        _hasher.verify(row.password_hash.removeprefix(_PEPPERED), _peppered(row.customer_id, password)
                       if row.password_hash.startswith(_PEPPERED) else password)
    except VerifyMismatchError:
        _wrong_password_count(row, moment)
    mine = PaymentPassword.objects.filter(customer_id=customer_id)
    if row.wrong_count or row.lock_count:
        mine.update(wrong_count=0, lock_count=0, locked_until=None)
    if not row.password_hash.startswith(_PEPPERED):  # of an older home
        mine.filter(password_hash=row.password_hash).update(password_hash=_hash(customer_id, password))


def _wrong_password_count(row: PaymentPassword, moment: datetime) -> None:
    """Count a wrong attempt for good, lock at the fifth, and refuse."""
    lasts = rules.password_lock(row.lock_count)

    def count() -> int:
        mine = PaymentPassword.objects.filter(customer_id=row.customer_id)
        if row.locked_until is not None:  # an earlier lock has run out: five fresh attempts
            mine.filter(locked_until=row.locked_until).update(wrong_count=0, locked_until=None)
        mine.update(wrong_count=F("wrong_count") + 1)
        wrong = mine.values_list("wrong_count", flat=True).first() or 0
        if wrong >= rules.PASSWORD_ATTEMPTS:
            mine.update(locked_until=moment + lasts, lock_count=F("lock_count") + 1)
            _record(row, "security.payment_password.locked")
        return wrong

    left = rules.PASSWORD_ATTEMPTS - committed_apart(count)
    if left <= 0:
        raise _locked(moment + lasts, moment)
    raise errors.PaymentPasswordWrong(field="password", left=left)


def _locked(until: datetime, moment: datetime) -> errors.PaymentPasswordLocked:
    return errors.PaymentPasswordLocked(minutes=math.ceil((until - moment).total_seconds() / 60))


def _hash_strong(customer_id: UUID, password: str) -> str:
    if not rules.password_is_six_digits(password):
        raise errors.PaymentPasswordInvalid(field="password")
    if weakness := rules.password_weakness(password, known_digits().digits_for(customer_id)):
        raise errors.PaymentPasswordWeak(weakness, field="password")
    return _hash(customer_id, password)


def _hash(customer_id: UUID, password: str) -> str:
    return _PEPPERED + _hasher.hash(_peppered(customer_id, password))


def _peppered(customer_id: UUID, password: str) -> str:
    return digest_text(f"{customer_id}\n{password}", "security.payment_password")


def _record(row: PaymentPassword, name: str) -> None:
    audit.event_record(name, customer_id=row.customer_id, subject_type="payment_password", subject_id=row.id)
    if name == "security.payment_password.set":
        messaging.notice_send(row.customer_id, template="security.payment_password_set", values={},
                              channels=("in_app",))
    elif name == "security.payment_password.changed":
        messaging.notice_send(row.customer_id, template="security.payment_password_changed", values={})
