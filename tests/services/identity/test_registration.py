"""Registering and signing in by code: one mobile, one account (R1.1)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.services.identity.conftest import MOBILE, agree, registered

from weidai.audit.models import Event
from weidai.identity import errors, selectors, services
from weidai.identity.contacts import Contacts
from weidai.identity.legal_texts import LEGAL_TEXTS, present_versions
from weidai.identity.models import Consent, Customer, DigestEntry
from weidai.identity.ports import MatchResult, OperatorAnswer
from weidai.kernel.errors import PartnerUnavailable, Refusal
from weidai.platform import clock
from weidai.platform.models import OutboxMessage
from weidai.security import services as security
from weidai.security.errors import MobileInvalid, PaymentPasswordRequired, SmsCodeExpired, SmsCodeWrong
from weidai.security.models import SmsChallenge

pytestmark = pytest.mark.django_db
AGREED = present_versions()


def code_of(challenge):
    return SmsChallenge.objects.get(id=challenge.id).code


def test_a_proved_mobile_becomes_a_customer_and_the_number_is_sealed():
    challenge = services.registration_start(mobile=MOBILE)
    assert (challenge.masked_mobile, challenge.resend_after_seconds) == ("138****5678", 60)
    customer_id = services.registration_complete(challenge_id=challenge.id, mobile=MOBILE, code=code_of(challenge), agreed=AGREED)
    row = selectors.customer_get(customer_id)
    assert (row.id, row.book_id, row.masked_mobile, row.masked_name) == (customer_id, 1, "138****5678", "")
    assert (row.is_real_name, row.strength_points, row.age, row.id_card_status) == (False, 0, None, "missing")
    assert selectors.customer_by_mobile(MOBILE) == customer_id
    assert Event.objects.filter(name="identity.customer.registered", customer_id=customer_id).count() == 1
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT mobile FROM identity_customer")
        assert cursor.fetchone()[0].startswith(f"v1|{customer_id.hex}.p1|")


def test_the_same_mobile_signs_in_instead_of_registering_twice():
    first = services.registration_start(mobile=MOBILE)
    customer_id = services.registration_complete(challenge_id=first.id, mobile=MOBILE, code=code_of(first), agreed=AGREED)
    with clock.travel_to(clock.now() + timedelta(seconds=61)):
        again = services.sign_in_start(mobile=MOBILE)
        found = services.sign_in_complete(challenge_id=again.id, mobile=MOBILE, code=code_of(again), agreed=AGREED)
    assert found == customer_id
    assert Customer.objects.count() == DigestEntry.objects.count() == 1


def test_who_agreed_to_which_text_is_kept_once(monkeypatch):
    challenge = services.registration_start(mobile=MOBILE)
    customer_id = services.registration_complete(challenge_id=challenge.id, mobile=MOBILE, code=code_of(challenge),
                                                 agreed=AGREED)
    with clock.travel_to(clock.now() + timedelta(seconds=61)):
        again = services.sign_in_start(mobile=MOBILE)
        services.sign_in_complete(challenge_id=again.id, mobile=MOBILE, code=code_of(again), agreed=AGREED)
    rows = Consent.objects.filter(customer_id=customer_id).order_by("purpose")
    assert [(row.purpose, row.recipient, row.text_version, row.text_digest) for row in rows] == [
        (code, "lender", LEGAL_TEXTS[code].version, LEGAL_TEXTS[code].digest) for code in ("privacy", "terms")]
    assert Event.objects.filter(name="identity.consent.given", customer_id=customer_id).count() == 2
    newer = replace(LEGAL_TEXTS["terms"], version="2026-09")
    monkeypatch.setitem(LEGAL_TEXTS, "terms", newer)
    with clock.travel_to(clock.now() + timedelta(seconds=130)):
        third = services.sign_in_start(mobile=MOBILE)
        services.sign_in_complete(challenge_id=third.id, mobile=MOBILE, code=code_of(third), agreed=present_versions())
    assert [row.withdrawn_at is None for row in Consent.objects.filter(purpose="terms").order_by("id")] == [False, True]


@pytest.mark.parametrize(("agreed", "refusal"), [
    ({}, errors.AgreementRequired), ({"terms": AGREED["terms"]}, errors.AgreementRequired),
    ({**AGREED, "privacy": "2001-01"}, errors.ConsentTextOutdated)])
def test_without_agreement_there_is_no_account(agreed, refusal):
    challenge = services.registration_start(mobile=MOBILE)
    with pytest.raises(refusal):
        services.registration_complete(challenge_id=challenge.id, mobile=MOBILE, code=code_of(challenge), agreed=agreed)
    assert not Customer.objects.exists()
    assert not DigestEntry.objects.exists()


def test_a_wrong_code_and_a_code_for_another_number_register_nobody():
    challenge = services.registration_start(mobile=MOBILE)
    code = code_of(challenge)
    wrong = "000000" if code != "000000" else "111111"
    with pytest.raises(SmsCodeWrong):
        services.registration_complete(challenge_id=challenge.id, mobile=MOBILE, code=wrong, agreed=AGREED)
    with pytest.raises(SmsCodeWrong):
        services.registration_complete(challenge_id=challenge.id, mobile="13900005678", code=code, agreed=AGREED)
    assert not Customer.objects.exists()
    assert not DigestEntry.objects.exists()


def test_a_code_works_once():
    challenge = services.registration_start(mobile=MOBILE)
    code = code_of(challenge)
    services.registration_complete(challenge_id=challenge.id, mobile=MOBILE, code=code, agreed=AGREED)
    with pytest.raises(SmsCodeExpired):
        services.registration_complete(challenge_id=challenge.id, mobile=MOBILE, code=code, agreed=AGREED)


@pytest.mark.parametrize("mobile", [
    "", "1380000567", "23800005678", "+8613800005678", "1380000567a", "１３８００００５６７８"])
def test_a_number_that_is_none_is_refused_and_nothing_is_sent(mobile):
    with pytest.raises(MobileInvalid):
        services.registration_start(mobile=mobile)
    assert not SmsChallenge.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_a_closed_account_cannot_sign_in():
    customer_id = registered()
    Customer.objects.filter(id=customer_id).update(status="closed")
    challenge = services.sign_in_start(mobile=MOBILE)
    with pytest.raises(errors.AccountClosed):
        services.sign_in_complete(challenge_id=challenge.id, mobile=MOBILE, code=code_of(challenge), agreed=AGREED)
    assert SmsChallenge.objects.get().consumed_at is None, "the refusal rolls the use of the code back"


def test_a_recycled_number_does_not_open_its_former_account(verified, partners):
    partners.operator = OperatorAnswer(MatchResult.MATCH, "china_mobile", "recycled", 0)
    with pytest.raises(errors.MobileNotInUse):
        services.mobile_check(verified)
    challenge = services.sign_in_start(mobile=MOBILE)
    with pytest.raises(errors.MobileRecycled):
        services.sign_in_complete(challenge_id=challenge.id, mobile=MOBILE, code=code_of(challenge), agreed=AGREED)


def test_the_new_holder_of_a_recycled_number_gets_an_account_of_their_own(verified, partners):
    partners.operator = OperatorAnswer(MatchResult.MATCH, "china_mobile", "recycled", 0)
    with pytest.raises(errors.MobileNotInUse):
        services.mobile_check(verified)
    challenge = services.registration_start(mobile=MOBILE)
    fresh = services.registration_complete(challenge_id=challenge.id, mobile=MOBILE, code=code_of(challenge), agreed=AGREED,
                                           is_new_holder=True)
    assert fresh != verified
    assert selectors.customer_by_mobile(MOBILE) == fresh
    assert selectors.customer_get(fresh).masked_name == ""
    assert Contacts().mobile_for(verified) is None
    assert selectors.customer_get(verified).is_real_name  # the former account stays its owner's


def test_saying_to_be_the_new_holder_opens_nothing_while_the_number_is_its_owners(verified, partners):
    services.mobile_check(verified)
    challenge = services.registration_start(mobile=MOBILE)
    assert services.registration_complete(challenge_id=challenge.id, mobile=MOBILE, code=code_of(challenge), agreed=AGREED,
                                          is_new_holder=True) == verified


def test_changing_the_number_asks_for_the_payment_password_once_there_is_one(verified):
    security.payment_password_set(verified, password="294751")
    with pytest.raises(PaymentPasswordRequired):
        services.mobile_change_start(verified, mobile="13900001111")
    assert SmsChallenge.objects.count() == 0
    assert services.mobile_change_start(verified, mobile="13900001111", payment_password="294751").id


def test_changing_the_number_frees_the_old_one_and_asks_for_a_new_match(verified):
    services.mobile_check(verified)
    assert selectors.customer_get(verified).has_mobile_check
    challenge = services.mobile_change_start(verified, mobile="13900001111")
    services.mobile_change(verified, challenge_id=challenge.id, mobile="13900001111", code=code_of(challenge))
    row = selectors.customer_get(verified)
    assert (row.masked_mobile, row.has_mobile_check) == ("139****1111", False)
    assert selectors.customer_by_mobile(MOBILE) is None
    assert selectors.customer_by_mobile("13900001111") == verified


def test_a_number_of_another_account_cannot_be_taken(verified):
    """Only who holds the number learns that it has an account: asking tells nothing, so that nobody lists our customers."""
    other = registered("13900001111")
    with clock.travel_to(clock.now() + timedelta(minutes=2)):
        challenge = services.mobile_change_start(verified, mobile="13900001111")
        with pytest.raises(errors.MobileTaken):
            services.mobile_change(verified, challenge_id=challenge.id, mobile="13900001111", code=code_of(challenge))
        with pytest.raises(errors.MobileUnchanged):
            services.mobile_change_start(verified, mobile=MOBILE)
    assert selectors.customer_by_mobile("13900001111") == other


def test_profile_is_declared_and_nonsense_is_refused(customer):
    services.profile_declare(customer, occupation="employed", declared_monthly_income_fen=1_200_000, employer="甲公司",
                             region_code="11")
    row = selectors.customer_get(customer)
    assert (row.occupation, row.declared_monthly_income_fen, row.region_code) == ("employed", 1_200_000, "11")
    for wrong, error in (
        ({"occupation": "king"}, errors.ProfileInvalid), ({"declared_monthly_income_fen": -1}, errors.IncomeInvalid),
        ({"region_code": "99"}, errors.ProfileInvalid), ({"employer": "甲" * 61}, errors.ProfileInvalid),
    ):
        given = {"occupation": "other", "declared_monthly_income_fen": 1, "region_code": "31"} | wrong
        with pytest.raises(error) as refusal:
            services.profile_declare(customer, **given)
        assert refusal.value.field == next(iter(wrong))
    assert selectors.customer_get(customer) == row


def test_search_finds_by_exact_numbers_and_pages_newest_first(verified):
    second = registered("13900001111")
    agree(second, "marketing")
    newest_first = selectors.customers_search()
    assert [row.id for row in newest_first] == [second, verified]
    assert [row.id for row in selectors.customers_search(after=second)] == [verified]
    for query in ("13800005678", "110105199001010010", str(verified)):
        assert [row.id for row in selectors.customers_search(query)] == [verified]
    assert selectors.customers_search("王伟") == ()
    assert newest_first[1].masked_id_number == "110***********0010"
    assert selectors.customer_ids(1) == [verified, second]
    assert selectors.customer_ids(2) == []


@pytest.mark.parametrize("answer", [
    OperatorAnswer(MatchResult.MATCH, "china_mobile", "recycled", 0), OperatorAnswer(MatchResult.MISMATCH, mismatched=("name",)),
])
def test_a_number_that_went_to_somebody_else_meanwhile_does_not_open_the_account(verified, partners, answer):
    services.mobile_check(verified)
    partners.operator, partners.asked[:] = answer, []
    with clock.travel_to(clock.now() + timedelta(days=91)):
        challenge = services.sign_in_start(mobile=MOBILE)
        with pytest.raises(Refusal):  # a guess asks nobody
            services.sign_in_complete(challenge_id=challenge.id, mobile=MOBILE, code="000000", agreed=AGREED)
        assert partners.asked == []
        for _ in range(2):
            with pytest.raises(errors.MobileRecycled):
                services.sign_in_complete(challenge_id=challenge.id, mobile=MOBILE, code=code_of(challenge), agreed=AGREED)
        assert [question[0] for question in partners.asked] == ["operator"]  # once: the answer is kept
    with clock.travel_to(clock.now() + timedelta(days=92)):
        again = services.registration_start(mobile=MOBILE)
        fresh = services.registration_complete(challenge_id=again.id, mobile=MOBILE, code=code_of(again), agreed=AGREED,
                                               is_new_holder=True)
    assert fresh != verified and selectors.customer_get(verified).is_real_name


@pytest.mark.parametrize(("days", "is_withdrawn", "is_silent", "asked"), [
    (89, False, False, 0), (91, True, False, 0), (91, False, True, 1), (91, False, False, 1)])
def test_the_operator_is_asked_again_when_it_is_due_and_its_silence_locks_nobody_out(
        verified, partners, days, is_withdrawn, is_silent, asked):
    services.mobile_check(verified)
    partners.asked[:] = []
    if is_withdrawn:
        services.consent_withdraw(verified, purpose="mobile_check")
    partners.failure = PartnerUnavailable() if is_silent else None
    with clock.travel_to(clock.now() + timedelta(days=days)):
        challenge = services.sign_in_start(mobile=MOBILE)
        assert services.sign_in_complete(
            challenge_id=challenge.id, mobile=MOBILE, code=code_of(challenge), agreed=AGREED) == verified
    assert len(partners.asked) == asked
