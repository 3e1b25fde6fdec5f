"""One person has one account, whatever they come with: every combination of mobile, ID number and card (R1.1)."""

import shutil
from itertools import product

import pytest
from tests.services.identity.conftest import CARD, CARD_SAYS, ID_NUMBER, MOBILE, NAME, SECOND_CARD, agree, id_number_of

from weidai.identity import errors, selectors, services
from weidai.identity.legal_texts import present_versions
from weidai.identity.models import BankCard, Customer, DigestEntry
from weidai.kernel.errors import Refusal
from weidai.platform.keys import datakeys, keyfile, rotation
from weidai.security.models import SmsChallenge

OTHER_MOBILE, OTHER_NUMBER = "13900001111", id_number_of("11010519920202002")
PURPOSES = ("real_name_check", "face", "bank_card_check", "mobile_check")


def sign_in(mobile):
    challenge = services.registration_start(mobile=mobile)
    code = SmsChallenge.objects.get(id=challenge.id).code
    return services.registration_complete(challenge_id=challenge.id, mobile=mobile, code=code, agreed=present_versions())


@pytest.fixture
def first(verified):
    services.bank_card_bind(verified, card_number=CARD)
    return verified


@pytest.mark.parametrize("is_rotating", [False, True])
@pytest.mark.parametrize(("same_mobile", "same_number", "same_card"), list(product([True, False], repeat=3)))
def test_no_combination_opens_a_second_account(first, partners, same_mobile, same_number, same_card, is_rotating, request):
    if is_rotating:
        request.getfixturevalue("own_keys_rotating")
    somebody = sign_in(MOBILE if same_mobile else OTHER_MOBILE)
    if same_mobile:
        assert somebody == first  # the number signs in, it opens nothing new
        return
    agree(somebody, *PURPOSES)
    if same_number:
        for number in (ID_NUMBER, ID_NUMBER.lower(), f" {ID_NUMBER} "):
            with pytest.raises(Refusal) as refused:
                services.id_card_submit(somebody, name=NAME, id_number=number)
            assert refused.value.code == "identity.id_number_taken"
        assert Customer.objects.get(id=somebody).id_number is None
        with pytest.raises(errors.IdCardRequired):
            services.bank_card_bind(somebody, card_number=CARD)
        return
    services.id_card_submit(somebody, name="李娜", id_number=OTHER_NUMBER)
    if same_card:
        for number in (CARD, f"{CARD[:4]} {CARD[4:8]} {CARD[8:]}"):
            with pytest.raises(errors.CardTaken):
                services.bank_card_bind(somebody, card_number=number)
        assert not BankCard.objects.filter(customer_id=somebody).exists()
        assert selectors.customer_by_card(CARD) == first
        return
    services.bank_card_bind(somebody, card_number=SECOND_CARD)
    assert DigestEntry.objects.filter(customer_id=somebody).values("kind").distinct().count() == 3


@pytest.fixture
def own_keys_rotating(tmp_path, monkeypatch):
    """A rotation that was begun and not finished: two versions of every look-up key stand side by side.

    In a copy of the key folder: other tests run beside this one and share theirs.
    """
    shutil.copytree(keyfile.key_directory(), tmp_path / "keys")
    monkeypatch.setenv("WEIDAI_KEY_DIR", str(tmp_path / "keys"))
    keyfile.forget()
    rotation.begin()
    yield
    keyfile.forget()
    datakeys.forget()


def test_what_a_person_gives_up_is_free_again_and_what_they_keep_is_not(first):
    services.bank_card_bind(first, card_number=SECOND_CARD)
    second = next(card for card in selectors.bank_cards(first) if not card.is_default)
    services.bank_card_remove(first, card_id=second.id)
    assert (selectors.customer_by_card(SECOND_CARD), selectors.customer_by_card(CARD)) == (None, first)
    assert CARD_SAYS.account_class == "I"
