"""The six-digit payment password: peppered, argon2, five attempts, then a wait that grows (R6.1).

Six digits can be swept through in hours when the table is lost. So what argon2 sees is a keyed digest of the digits and the
account. Its key, the pepper, is a person's own and stands beside the hash, sealed by the key file (IDENTITY §6).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import secrets
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from django.db import IntegrityError, transaction
from django.db.models import F

from weidai.audit import services as audit
from weidai.messaging import services as messaging
from weidai.platform import clock, statements
from weidai.platform.ids import uuid7
from weidai.platform.keys.keyfile import keyring
from weidai.security import errors, rules
from weidai.security.apart import committed_apart
from weidai.security.models import PaymentPassword
from weidai.security.ports import known_digits, person_seen
from weidai.security.services.addresses import guess_count, guesses_require
from weidai.security.services.codes import sms_code_check
from weidai.security.services.deeds import PERSON_FRESH_FOR, DeedProof, deed_require
from weidai.security.services.sessions import session_end_others

# OWASP's argon2id setting for interactive use: 19 MiB, two passes, one lane.
OLD_PEPPERED, _PEPPERED = "p1", "p2"
COST = {"time_cost": 2, "memory_cost": 19_456, "parallelism": 1}
_hasher = PasswordHasher(**COST)


@transaction.atomic
def payment_password_set(customer_id: UUID, *, password: str) -> None:
    """Set the first payment password; digits of birth date, ID number or mobile number are refused (R6.1)."""
    _strong_require(customer_id, password)
    if PaymentPassword.objects.filter(customer_id=customer_id).exists():
        raise errors.PaymentPasswordExists
    row = PaymentPassword(id=uuid7(), customer_id=customer_id, set_at=clock.now())
    _hash_into(row, password)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as twin:  # a second tap was faster
        raise errors.PaymentPasswordExists from twin
    _record(row, "security.payment_password.set")


def payment_password_change(
    customer_id: UUID, *, old: str, new: str, proof: DeedProof | None = None, keep: UUID | None = None,
) -> None:
    """Replace the payment password by another one, after proving the present one and the bound device (R8.4).

    Every other session than `keep` is signed out: whoever knew the old one has to come in anew.
    """
    with transaction.atomic():
        payment_password_check(customer_id, password=old)
        if new == old:
            raise errors.PaymentPasswordUnchanged(field="password")
        _strong_require(customer_id, new)
        deed_require(customer_id, deed="payment_password", proof=proof)
        _replace(customer_id, new, "security.payment_password.changed")
        session_end_others(customer_id, keep=keep)


@transaction.atomic
def payment_password_reset(
    customer_id: UUID, *, new: str, challenge_id: UUID, code: str, keep: UUID | None = None,
) -> None:
    """Replace a forgotten or locked payment password: a code by text message and a fresh look at the person (R6.1).

    The lock ends with it; every other session than `keep` is signed out.
    """
    row = PaymentPassword.objects.filter(customer_id=customer_id).first()
    if row is None:
        raise errors.PaymentPasswordMissing
    if person_seen().by(customer_id, within=PERSON_FRESH_FOR) is None:
        raise errors.PersonNotSeen
    _strong_require(customer_id, new)
    sms_code_check(challenge_id, code=code, purpose="password", customer_id=customer_id)
    _replace(customer_id, new, "security.payment_password.changed")
    PaymentPassword.objects.filter(customer_id=customer_id).update(wrong_count=0, lock_count=0, locked_until=None)
    session_end_others(customer_id, keep=keep)


@transaction.atomic
def payment_password_check(customer_id: UUID, *, password: str) -> None:
    """Pass silently when the digits are right; five wrong attempts lock it for thirty minutes (R6.1, R8.4).

    A wrong attempt is counted although the refusal rolls the caller's transaction back. Attempts on one account wait for
    each other: of many sent at once, only as many are looked at as would be one after the other.
    """
    statements.row("SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(%s::text, 0))", [f"payment password {customer_id}"])
    row = PaymentPassword.objects.filter(customer_id=customer_id).first()
    if row is None:
        raise errors.PaymentPasswordMissing
    moment = clock.now()
    if row.locked_until is not None and moment < row.locked_until:
        raise _locked(row.locked_until, moment)
    guesses_require(moment)
    try:
        _hasher.verify(row.password_hash.removeprefix(OLD_PEPPERED).removeprefix(_PEPPERED), _argon2_input(row, password))
    except VerifyMismatchError:
        _wrong_password_count(row, moment)
    mine = PaymentPassword.objects.filter(customer_id=customer_id)
    if row.wrong_count or row.lock_count:
        mine.update(wrong_count=0, lock_count=0, locked_until=None)
    if not row.password_hash.startswith(_PEPPERED):  # of an older home
        _hash_into(row, password)
        row.save(update_fields=["password_hash", "pepper"])


def _wrong_password_count(row: PaymentPassword, moment: datetime) -> None:
    """Count a wrong attempt for good, lock at the fifth, and refuse."""
    lasts = rules.password_lock(row.lock_count)

    def count() -> int:
        mine = PaymentPassword.objects.filter(customer_id=row.customer_id)
        if row.locked_until is not None:  # an earlier lock has run out: five fresh attempts
            mine.filter(locked_until=row.locked_until).update(wrong_count=0, locked_until=None)
        mine.update(wrong_count=F("wrong_count") + 1)
        guess_count(moment)
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


def _strong_require(customer_id: UUID, password: str) -> None:
    if not rules.password_is_six_digits(password):
        raise errors.PaymentPasswordInvalid(field="password")
    if weakness := rules.password_weakness(password, known_digits().digits_for(customer_id)):
        raise errors.PaymentPasswordWeak(weakness, field="password")


def _replace(customer_id: UUID, password: str, event: str) -> None:
    row = PaymentPassword.objects.select_for_update().get(customer_id=customer_id)
    _hash_into(row, password)
    row.set_at = clock.now()
    row.save(update_fields=["password_hash", "pepper", "set_at"])
    _record(row, event)


def _hash_into(row: PaymentPassword, password: str) -> None:
    """Give the row a fresh pepper and the hash of these digits."""
    pepper = secrets.token_bytes(32)
    row.pepper = base64.b64encode(pepper).decode()
    row.password_hash = _PEPPERED + _hasher.hash(_peppered(pepper, row.customer_id, password))


def _argon2_input(row: PaymentPassword, password: str) -> str:
    """What was hashed: digits with the row's pepper, or as homes of two earlier forms did it."""
    if row.pepper is not None:
        return _peppered(base64.b64decode(row.pepper), row.customer_id, password)
    if row.password_hash.startswith(OLD_PEPPERED):
        return _peppered(base64.b64decode(old_pepper()), row.customer_id, password)
    return password


def old_pepper() -> str:
    """Return the pepper that all payment passwords shared in older homes."""
    return base64.b64encode(keyring().digests.keys[1]).decode()


def _peppered(pepper: bytes, customer_id: UUID, password: str) -> str:
    return hmac.new(pepper, f"security.payment_password\n{customer_id}\n{password}".encode(), hashlib.sha256).hexdigest()


def _record(row: PaymentPassword, name: str) -> None:
    audit.event_record(name, customer_id=row.customer_id, subject_type="payment_password", subject_id=row.id)
    if name == "security.payment_password.set":
        messaging.notice_send(row.customer_id, template="security.payment_password_set", values={},
                              channels=("in_app",))
    elif name == "security.payment_password.changed":
        messaging.notice_send(row.customer_id, template="security.payment_password_changed", values={})
