"""Registering, signing in, changing the number, declaring a profile (R1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.identity import errors, selectors
from weidai.identity.models import Customer, DigestEntry, Verification
from weidai.identity.services import records
from weidai.identity.services.consents import agreements_keep
from weidai.identity.services.mobile_holders import mobile_recheck, mobile_recheck_is_due
from weidai.kernel.id_card import PROVINCES
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Language
from weidai.messaging import services as messaging
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.security import selectors as security_selectors
from weidai.security import services as security
from weidai.security.errors import PaymentPasswordRequired
from weidai.security.rules import Purpose
from weidai.security.services import DeedProof, SmsChallenge

EMPLOYER_LENGTH = 60
INCOME_LIMIT_FEN = 1_000_000_000  # ten million yuan a month: more is a slip of the pen


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a person brings to sign in: which message, the number, the digits."""

    challenge_id: UUID
    mobile: str
    code: str
    purpose: Purpose
    is_new_holder: bool = False  # says: the number was somebody else's before


def registration_start(*, mobile: str, ip: str = "") -> SmsChallenge:
    """Send a code to a mobile; whether it has an account is not told (R1.1). `ip` is the asking client's address."""
    return security.sms_code_send(mobile=mobile, purpose="register", context=_context(mobile), ip=ip)


def registration_complete(
    *, challenge_id: UUID, mobile: str, code: str, agreed: Mapping[str, str], book_id: int = 1, is_new_holder: bool = False,
) -> UUID:
    """Return the customer of a proved mobile: a new one, or the one it already belongs to (R1.1).

    `agreed` holds the versions of terms and privacy notice that were shown; they are kept as evidence (R1.9). A number
    the operator has given to somebody else opens its former account to nobody: with `is_new_holder` it gets a new
    account, and the former one is left without a number until its owner proves ID card and face.
    """
    proof = _Proof(challenge_id, mobile, code, "register", is_new_holder)
    _holder_ask(proof)
    return _sign_in(proof, agreed, book_id)


def sign_in_start(*, mobile: str, ip: str = "") -> SmsChallenge:
    """Send a code to sign in with; `ip` is the asking client's address."""
    return security.sms_code_send(mobile=mobile, purpose="login", context=_context(mobile), ip=ip)


def sign_in_complete(
    *, challenge_id: UUID, mobile: str, code: str, agreed: Mapping[str, str], book_id: int = 1,
) -> UUID:
    """Return the customer of a proved mobile; a number without an account gets one."""
    proof = _Proof(challenge_id, mobile, code, "login")
    _holder_ask(proof)
    return _sign_in(proof, agreed, book_id)


def _holder_ask(proof: _Proof) -> None:
    """Before a number opens an account: ask its operator again when that was long ago (R1.1).

    The code is proved first, so that nobody else can have a number asked about, and not used up: what comes next needs it.
    """
    owner = selectors.customer_by_mobile(proof.mobile)
    if owner is None or not mobile_recheck_is_due(owner):
        return
    with transaction.atomic():
        security.sms_code_check(proof.challenge_id, code=proof.code, purpose=proof.purpose, context=_context(proof.mobile))
        transaction.set_rollback(True)
    mobile_recheck(owner)


@transaction.atomic
def _sign_in(proof: _Proof, agreed: Mapping[str, str], book_id: int) -> UUID:
    security.sms_code_check(proof.challenge_id, code=proof.code, purpose=proof.purpose, context=_context(proof.mobile))
    fresh_id = uuid7()
    owner = records.digest_claim(DigestEntry.Kind.MOBILE, proof.mobile, fresh_id)
    if owner != fresh_id:
        records.customer(owner)
        if selectors.mobile_status(owner) in ("recycled", "cancelled"):
            if not proof.is_new_holder:
                raise errors.MobileRecycled
            _number_free(owner, proof.mobile)
            owner = records.digest_claim(DigestEntry.Kind.MOBILE, proof.mobile, fresh_id)
        else:
            agreements_keep(owner, agreed=agreed)
            return owner
    Customer.objects.create(
        id=fresh_id, customer_id=fresh_id, book_id=book_id, mobile=proof.mobile, registered_at=clock.now())
    audit.event_record("identity.customer.registered", customer_id=fresh_id, subject_type="customer",
                       subject_id=fresh_id, facts={"book_id": book_id})
    agreements_keep(fresh_id, agreed=agreed)
    return fresh_id


def _number_free(former: UUID, mobile: str) -> None:
    """Take a number that went to somebody else from its former account; nothing is sent there any more (R1.1)."""
    row = records.customer_lock(former)
    records.digest_release(DigestEntry.Kind.MOBILE, mobile, former)
    row.mobile = ""
    row.save(update_fields=["mobile"])
    security.session_end_others(former)
    audit.event_record("identity.mobile.freed", customer_id=former, subject_type="customer", subject_id=former,
                       facts={"reason": "recycled"})


def mobile_change_start(
    customer_id: UUID, *, mobile: str, ip: str = "", payment_password: str | None = None, proof: DeedProof | None = None,
) -> SmsChallenge:
    """Send a code to the number the customer wants to change to.

    Once a payment password is set, it is asked for before anything is sent, and the signature of a bound device once
    there is one: a borrowed phone must not move the account. That a number has another account is told only to who
    holds it, when the code is entered.
    """
    records.customer(customer_id)
    if security_selectors.has_payment_password(customer_id):
        if not payment_password:
            raise PaymentPasswordRequired(field="payment_password")
        security.payment_password_check(customer_id, password=payment_password)
    if selectors.customer_by_mobile(mobile) == customer_id:
        raise errors.MobileUnchanged(field="mobile")
    security.deed_require(customer_id, deed="mobile_number", proof=proof)
    return security.sms_code_send(mobile=mobile, purpose="rebind", context=_context(mobile), customer_id=customer_id,
                                  ip=ip)


@transaction.atomic
def mobile_change(customer_id: UUID, *, challenge_id: UUID, mobile: str, code: str, keep: UUID | None = None) -> None:
    """Change the sign-in number; its match with the operator has to be done again (R1.1).

    Every other session than `keep` is signed out.
    """
    row = records.customer_lock(customer_id)
    security.sms_code_check(challenge_id, code=code, purpose="rebind", context=_context(mobile),
                            customer_id=customer_id)
    if records.digest_claim(DigestEntry.Kind.MOBILE, mobile, customer_id) != customer_id:
        raise errors.MobileTaken(field="mobile")
    records.digest_release(DigestEntry.Kind.MOBILE, row.mobile, customer_id)
    row.mobile = mobile
    row.save(update_fields=["mobile"])
    if selectors.mobile_status(customer_id) is not None:
        records.checked_keep(customer_id, records.Checked(
            Verification.Item.MOBILE, Verification.State.FAILED, "customer", facts={"reason": "mobile_changed"}))
    audit.event_record("identity.mobile.changed", customer_id=customer_id, subject_type="customer",
                       subject_id=customer_id)
    security.session_end_others(customer_id, keep=keep)
    messaging.notice_send(customer_id, template="identity.mobile_changed", values={})


@transaction.atomic
def profile_declare(
    customer_id: UUID, *, occupation: str, declared_monthly_income_fen: int, employer: str = "", region_code: str,
) -> None:
    """Keep what the customer says about work and income; it is declared, not verified (R5.6)."""
    if occupation not in Customer.Occupation.values:
        raise errors.ProfileInvalid(field="occupation")
    if not 0 <= declared_monthly_income_fen <= INCOME_LIMIT_FEN:
        raise errors.IncomeInvalid(field="declared_monthly_income_fen", most=yuan_text(INCOME_LIMIT_FEN))
    if len(employer) > EMPLOYER_LENGTH:
        raise errors.ProfileInvalid(field="employer")
    if region_code not in PROVINCES:
        raise errors.ProfileInvalid(field="region_code")
    row = records.customer_lock(customer_id)
    row.occupation, row.declared_monthly_income_fen = occupation, declared_monthly_income_fen
    row.employer, row.region_code = employer.strip() or None, region_code
    row.save(update_fields=["occupation", "declared_monthly_income_fen", "employer", "region_code"])
    audit.event_record(
        "identity.profile.declared", customer_id=customer_id, subject_type="customer", subject_id=customer_id,
        facts={"occupation": occupation, "declared_monthly_income_fen": declared_monthly_income_fen,
               "region_code": region_code},
    )


@transaction.atomic
def language_set(customer_id: UUID, *, language: Language) -> None:
    """Remember the language the customer reads, for text messages (R9.1)."""
    row = records.customer_lock(customer_id)
    if row.language != language:
        row.language = language
        row.save(update_fields=["language"])
        audit.event_record("identity.language.changed", customer_id=customer_id, subject_type="customer",
                           subject_id=customer_id, facts={"language": language})


def _context(mobile: str) -> str:
    """What a code is for: this number. It is not stored, only the code's keyed digest is made of it."""
    return f"mobile={mobile}"
