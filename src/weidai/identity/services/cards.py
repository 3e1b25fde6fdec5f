"""Binding debit cards by the four-element match, and choosing the default one (R1.6)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.identity import errors, policy, selectors
from weidai.identity.models import BankCard, DigestEntry, Verification
from weidai.identity.ports import CardAnswer, MatchResult
from weidai.identity.ports import card_network as card_network_port
from weidai.identity.services import records
from weidai.identity.services.records import Checked
from weidai.kernel.checks import card_number_is_plausible, mobile_is_valid
from weidai.messaging import services as messaging
from weidai.platform import clock
from weidai.platform.crypto import index_digests, index_digests_for_writing
from weidai.platform.ids import uuid7
from weidai.security import selectors as security_selectors
from weidai.security import services as security
from weidai.security.errors import MobileInvalid, PaymentPasswordRequired
from weidai.security.services import DeedProof

CARD_ATTEMPTS_PER_DAY = 10


def bank_card_bind(customer_id: UUID, *, card_number: str, mobile: str | None = None) -> selectors.BankCardRow:
    """Bind the customer's own debit card of a supported bank; the first one becomes the default.

    `mobile` is the number the bank has on file, the account's own when it is left out.
    """
    number = card_number.replace(" ", "")
    if not card_number_is_plausible(number):
        raise errors.CardNumberInvalid(field="card_number")
    row = records.customer(customer_id)
    bank_mobile = mobile or row.mobile
    if not mobile_is_valid(bank_mobile):
        raise MobileInvalid(field="mobile")
    records.present_consent_require(customer_id, "bank_card_check")
    if row.name is None or row.id_number is None:
        raise errors.IdCardRequired
    _owner_require(customer_id, number)
    records.attempts_limit(customer_id, Verification.Item.BANK_CARD, per_day=CARD_ATTEMPTS_PER_DAY)
    answer = card_network_port().four_elements(row.name, row.id_number, number, bank_mobile)
    _card_refuse(customer_id, answer)
    return _card_keep(customer_id, number, answer)


def _owner_require(customer_id: UUID, number: str) -> None:
    """Refuse a card of another account, one already bound, and one more than the pack allows."""
    if selectors.customer_by_card(number) not in (None, customer_id):
        raise errors.CardTaken(field="card_number")
    cards = BankCard.objects.filter(customer_id=customer_id, state=BankCard.State.ACTIVE)
    if cards.filter(digest__in=index_digests(DigestEntry.Kind.CARD, number)).exists():
        raise errors.CardAlreadyBound
    limit = policy.current(clock.today()).maximum_bank_cards
    if cards.count() >= limit:
        raise errors.CardLimitReached(count=limit)


def _card_refuse(customer_id: UUID, answer: CardAnswer) -> None:
    facts: dict[str, object] = {
        "result": answer.result.value, "mismatched": list(answer.mismatched), "bank_code": answer.bank_code,
        "card_type": answer.card_type, "card_status": answer.card_status,
    }
    refused = Checked(Verification.Item.BANK_CARD, Verification.State.FAILED, "card_network", facts=facts)
    if answer.result is MatchResult.INCONCLUSIVE:
        records.refusal_keep(customer_id, Checked(
            Verification.Item.BANK_CARD, Verification.State.INCONCLUSIVE, "card_network", facts=facts),
            per_day=CARD_ATTEMPTS_PER_DAY)
        raise errors.VerificationInconclusive
    if answer.result is not MatchResult.MATCH:
        records.refusal_keep(customer_id, refused, per_day=CARD_ATTEMPTS_PER_DAY)
        raise errors.CardMismatch(field="card_number")
    supported = policy.current(clock.today()).bank(answer.bank_code) is not None
    if not supported or answer.card_type != "debit" or answer.card_status != "active" or not answer.account_class:
        records.refusal_keep(customer_id, refused, per_day=CARD_ATTEMPTS_PER_DAY)
        raise errors.CardNotAccepted(field="card_number")


@transaction.atomic
def _card_keep(customer_id: UUID, number: str, answer: CardAnswer) -> selectors.BankCardRow:
    records.customer_lock(customer_id)
    records.attempts_limit(customer_id, Verification.Item.BANK_CARD, per_day=CARD_ATTEMPTS_PER_DAY)
    _owner_require(customer_id, number)
    if records.digest_claim(DigestEntry.Kind.CARD, number, customer_id) != customer_id:
        raise errors.CardTaken(field="card_number")
    is_first = not BankCard.objects.filter(customer_id=customer_id, is_default=True).exists()
    card = BankCard.objects.create(
        id=uuid7(), customer_id=customer_id, card_number=number,
        digest=index_digests_for_writing(DigestEntry.Kind.CARD, number)[-1],
        bank_code=answer.bank_code, bank_name_zh=answer.bank_name_zh, account_class=answer.account_class,
        masked=answer.masked, is_default=is_first, bound_at=clock.now(),
    )
    records.checked_keep(customer_id, Checked(
        Verification.Item.BANK_CARD, Verification.State.PASSED, "card_network",
        facts={"result": answer.result.value, "bank_code": answer.bank_code, "account_class": answer.account_class,
               "card_id": str(card.id)},
    ))
    messaging.notice_send(customer_id, template="identity.bank_card_bound", values={"card_masked": answer.masked},
                          channels=("in_app",))
    return selectors.bank_card_row(card)


@transaction.atomic
def bank_card_set_default(
    customer_id: UUID, *, card_id: UUID, payment_password: str | None = None, proof: DeedProof | None = None,
) -> None:
    """Make another card the default; needs the payment password once one is set, or a spoken check for this card a moment
    ago (R1.6: step-up, R1.8); and the signature of a bound device once there is one (R8.4)."""
    records.customer_lock(customer_id)
    card = _card(customer_id, card_id)
    if card.is_default:
        return
    confirmed_by = _confirmed(customer_id, card_id, payment_password)
    security.deed_require(customer_id, deed="default_card", subject=str(card_id), proof=proof)
    BankCard.objects.filter(customer_id=customer_id, is_default=True).update(is_default=False)
    card.is_default = True
    card.save(update_fields=["is_default"])
    audit.event_record("identity.default_card.changed", customer_id=customer_id, subject_type="bank_card",
                       subject_id=card.id, facts={"confirmed_by": confirmed_by})
    messaging.notice_send(customer_id, template="identity.default_card_changed", values={"card_masked": card.masked})


def _confirmed(customer_id: UUID, card_id: UUID, payment_password: str | None) -> str:
    """Refuse without a step-up once there is a payment password; return by what it was confirmed."""
    if not security_selectors.has_payment_password(customer_id):
        return "session"
    if not payment_password and selectors.has_fresh_voice(customer_id, purpose="default_card", subject_id=card_id):
        return "voice"
    if not payment_password:
        raise PaymentPasswordRequired(field="payment_password")
    security.payment_password_check(customer_id, password=payment_password)
    return "payment_password"


@transaction.atomic
def bank_card_remove(customer_id: UUID, *, card_id: UUID) -> None:
    """Remove a card that is not the default; its number becomes free again."""
    records.customer_lock(customer_id)
    card = _card(customer_id, card_id)
    if card.is_default:
        raise errors.DefaultCardNotRemovable
    records.digest_release(DigestEntry.Kind.CARD, card.card_number, customer_id)
    card.state, card.removed_at, card.digest = BankCard.State.REMOVED, clock.now(), ""  # found by nobody any more
    card.save(update_fields=["state", "removed_at", "digest"])
    audit.event_record("identity.bank_card.removed", customer_id=customer_id, subject_type="bank_card",
                       subject_id=card.id)


def _card(customer_id: UUID, card_id: UUID) -> BankCard:
    card = BankCard.objects.filter(customer_id=customer_id, id=card_id, state=BankCard.State.ACTIVE).first()
    if card is None:
        raise errors.CardNotFound
    return card
