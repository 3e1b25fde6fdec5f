"""Bank cards and consents (R1.6, R1.9)."""

from dataclasses import replace

import pytest
from tests.services.identity.conftest import CARD, ID_NUMBER, NAME, SECOND_CARD, agree, id_number_of, registered

from weidai.identity import errors, selectors, services
from weidai.identity.consent_texts import CONSENT_TEXTS, consent_text
from weidai.identity.models import BankCard, Consent, DigestEntry
from weidai.identity.ports import CardAnswer, MatchResult
from weidai.security import services as security
from weidai.security.errors import PaymentPasswordRequired, PaymentPasswordWeak, PaymentPasswordWrong
from weidai.security.selectors import has_payment_password

pytestmark = pytest.mark.django_db


def test_the_first_card_is_the_default_and_its_number_stays_sealed(verified, partners):
    card = services.bank_card_bind(verified, card_number=CARD, mobile="13911112222")
    assert (card.masked, card.is_default, card.account_class) == ("6225********0123", True, "I")
    assert card.bank_name.zh == "招商银行"
    assert partners.asked[-1] == ("card", NAME, ID_NUMBER, CARD, "13911112222")
    assert selectors.default_card(verified) == card
    assert selectors.card_private(verified, card.id).card_number == CARD
    assert selectors.customer_by_card(CARD) == verified
    assert selectors.default_card_ids([verified]) == {verified: card.id}
    second = services.bank_card_bind(verified, card_number=SECOND_CARD)
    assert [row.id for row in selectors.bank_cards(verified)] == [card.id, second.id]


@pytest.mark.parametrize(("answer", "refusal"), [
    (CardAnswer(MatchResult.MISMATCH, mismatched=("name",)), errors.CardMismatch),
    (CardAnswer(MatchResult.NOT_FOUND), errors.CardMismatch),
    (CardAnswer(MatchResult.INCONCLUSIVE), errors.VerificationInconclusive),
    (CardAnswer(MatchResult.MATCH, "CMB", "招商银行", "", "credit", "", "active"), errors.CardNotAccepted),
    (CardAnswer(MatchResult.MATCH, "CMB", "招商银行", "", "corporate", "", "active"), errors.CardNotAccepted),
    (CardAnswer(MatchResult.MATCH, "CMB", "招商银行", "I", "debit", "", "closed"), errors.CardNotAccepted),
    (CardAnswer(MatchResult.MATCH, "NOBANK", "", "I", "debit", "", "active"), errors.CardNotAccepted),
])
def test_a_card_that_does_not_fit_is_not_bound(verified, partners, answer, refusal):
    partners.card = answer
    with pytest.raises(refusal):
        services.bank_card_bind(verified, card_number=CARD)
    assert not BankCard.objects.exists()
    assert not DigestEntry.objects.filter(kind="card").exists()


def test_a_card_belongs_to_one_account_once(verified, partners):
    services.bank_card_bind(verified, card_number=CARD)
    with pytest.raises(errors.CardAlreadyBound):
        services.bank_card_bind(verified, card_number=CARD)
    other = registered("13900001111")
    agree(other, "real_name_check", "bank_card_check")
    services.id_card_submit(other, name="李四", id_number=id_number_of("11010519900101003"))
    with pytest.raises(errors.CardTaken):
        services.bank_card_bind(other, card_number=CARD)
    assert BankCard.objects.count() == 1


def test_no_more_cards_than_the_pack_allows(verified):
    for number in range(5):
        services.bank_card_bind(verified, card_number=f"622588000000000010{number}")
    with pytest.raises(errors.CardLimitReached):
        services.bank_card_bind(verified, card_number=CARD)


def test_changing_the_default_needs_the_payment_password_once_there_is_one(verified):
    first = services.bank_card_bind(verified, card_number=CARD)
    second = services.bank_card_bind(verified, card_number=SECOND_CARD)
    services.bank_card_set_default(verified, card_id=second.id)
    assert selectors.default_card(verified).id == second.id
    security.payment_password_set(verified, password="294751")
    with pytest.raises(PaymentPasswordRequired):
        services.bank_card_set_default(verified, card_id=first.id)
    with pytest.raises(PaymentPasswordWrong):
        services.bank_card_set_default(verified, card_id=first.id, payment_password="294752")
    assert selectors.default_card(verified).id == second.id
    services.bank_card_set_default(verified, card_id=first.id, payment_password="294751")
    assert selectors.default_card(verified).id == first.id


def test_a_removed_card_is_free_again_and_the_default_cannot_be_removed(verified):
    first = services.bank_card_bind(verified, card_number=CARD)
    second = services.bank_card_bind(verified, card_number=SECOND_CARD)
    with pytest.raises(errors.DefaultCardNotRemovable):
        services.bank_card_remove(verified, card_id=first.id)
    services.bank_card_remove(verified, card_id=second.id)
    assert selectors.customer_by_card(SECOND_CARD) is None
    with pytest.raises(errors.CardNotFound):
        services.bank_card_set_default(verified, card_id=second.id)
    assert selectors.card_private(verified, second.id).card_number == SECOND_CARD, "old loans still name it"
    services.bank_card_bind(verified, card_number=SECOND_CARD)


def test_another_customers_card_is_not_found(verified):
    card = services.bank_card_bind(verified, card_number=CARD)
    with pytest.raises(errors.CardNotFound):
        services.bank_card_set_default(registered("13900001111"), card_id=card.id)


def test_a_consent_is_one_row_and_withdrawn_as_easily_as_given(customer):
    text = consent_text("credit_report")
    given = {"purpose": text.purpose, "recipient": text.recipient, "text_version": text.version}
    assert not selectors.has_consent(customer, "credit_report")
    first = services.consent_give(customer, **given)
    assert services.consent_give(customer, **given) == first
    assert selectors.consent_id(customer, purpose="credit_report") == first
    assert Consent.objects.get(id=first).text_digest == text.digest
    services.consent_withdraw(customer, purpose="credit_report")
    assert not selectors.has_consent(customer, "credit_report")
    with pytest.raises(errors.ConsentNotGiven):
        services.consent_withdraw(customer, purpose="credit_report")
    assert services.consent_give(customer, **given) != first


def test_the_consent_center_lists_every_purpose_and_nothing_is_given_beforehand():
    customer_id = registered()
    rows = selectors.consents(customer_id)
    assert len(rows) == len(CONSENT_TEXTS) == len({(row.text.purpose, row.text.recipient) for row in rows})
    assert not any(row.is_given for row in rows)
    agree(customer_id, "marketing")
    assert [row.text.purpose for row in selectors.consents(customer_id) if row.is_present_text] == ["marketing"]


def test_only_the_present_text_of_a_known_purpose_can_be_agreed_to(customer):
    with pytest.raises(errors.ConsentTextOutdated):
        services.consent_give(customer, purpose="face", recipient="face_vendor", text_version="1999-01")
    with pytest.raises(errors.ConsentTextUnknown):
        services.consent_give(customer, purpose="face", recipient="somebody_else", text_version="2026-11")


def test_texts_are_complete_in_both_languages_and_their_digest_covers_every_word():
    for text in CONSENT_TEXTS:
        for part in (text.title, text.recipient_name, text.body, text.kinds_of_data, text.period, text.refusal_means):
            assert part.zh, text.purpose
            assert part.en, text.purpose
            assert part.zh != part.en, text.purpose
        assert replace(text, body=text.title).digest != text.digest


def test_people_for_the_monthly_assessment_come_with_their_consents(verified):
    services.bank_card_bind(verified, card_number=CARD)
    agree(verified, "payment_data")
    registered("13900001111")
    people = selectors.assessment_people(book_id=1)
    assert [(one.customer_id, one.id_number, one.has_payment_consent, one.has_social_consent, one.has_report_consent,
             one.has_type_i_default_card, one.is_real_name) for one in people] == [
        (verified, ID_NUMBER, True, False, False, True, True)]
    assert selectors.assessment_people(book_id=1, after=verified) == []


@pytest.mark.parametrize("password", ["900101", "010190", "011990", "005678", "800005", "110105", "101001"])
def test_a_payment_password_is_not_taken_from_birthday_id_or_mobile_number(verified, password):
    with pytest.raises(PaymentPasswordWeak):
        security.payment_password_set(verified, password=password)
    assert not has_payment_password(verified)
