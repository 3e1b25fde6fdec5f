"""One person, one account: no combination of mobile, ID number, card, device and face opens a second one (R1.1)."""

from datetime import timedelta
from itertools import product

import pytest
from tests.services.identity.conftest import CARD, ID_NUMBER, NAME, agree, id_number_of, registered
from tests.services.identity.test_faces import OTHER as OTHER_FACE
from tests.services.identity.test_faces import engine, issue, submit, vendor  # noqa: F401 (fixtures)

from weidai.identity import errors, selectors, services
from weidai.identity.models import BankCard, Customer, DigestEntry, FaceTemplate, Verification
from weidai.platform import clock
from weidai.security import services as security
from weidai.security.asking import asked_from
from weidai.security.models import SmsChallenge

OTHER = {"mobile": "13800005700", "id_number": id_number_of("11010519920304002"), "name": "李强", "card": "6225880000000000999"}


def everything() -> tuple:
    return (Verification.objects.filter(state="passed").count(), BankCard.objects.count(), FaceTemplate.objects.count(),
            Customer.objects.exclude(id_number=None).count(), DigestEntry.objects.count())


def signed_in(customer, device):
    with asked_from(ip="192.0.2.1", device=device):
        security.session_start(customer, user_agent="Android", ip="192.0.2.1")


@pytest.mark.parametrize(("same_id", "same_card", "same_device"), [
    (*pair, same_device) for pair in product((True, False), repeat=2) if any(pair) for same_device in (True, False)])
def test_the_same_papers_are_refused_in_another_account_and_leave_nothing(
        customer, engine, vendor, same_id, same_card, same_device):  # noqa: F811
    signed_in(customer, "phone")
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    submit(customer, issue(customer), engine)
    services.bank_card_bind(customer, card_number=CARD)
    second = registered(OTHER["mobile"])
    signed_in(second, "phone" if same_device else "another phone")
    agree(second, "real_name_check", "face", "bank_card_check")
    if not same_id:
        services.id_card_submit(second, name=OTHER["name"], id_number=OTHER["id_number"])
    before = everything()
    if same_id:
        with pytest.raises(errors.IdNumberTaken):
            services.id_card_submit(second, name=NAME, id_number=ID_NUMBER)
    card = CARD if same_card else OTHER["card"]
    with pytest.raises(errors.IdCardRequired if same_id else errors.CardTaken):
        services.bank_card_bind(second, card_number=card)
    assert everything() == before
    assert selectors.identity_remarks(second, days=90).accounts_on_devices == same_device
    assert not selectors.is_real_name(second) and selectors.bank_cards(second) == ()
    with pytest.raises(errors.IdCardRequired if same_id else errors.CardTaken):  # and the refusal lasts
        services.bank_card_bind(second, card_number=CARD)


def test_a_known_mobile_is_no_second_account_and_cannot_be_moved_to_one(customer):
    assert selectors.customer_by_mobile("13800005678") == customer
    second = registered(OTHER["mobile"])
    with clock.travel_to(clock.now() + timedelta(minutes=2)):
        challenge = services.mobile_change_start(second, mobile="13800005678")
        with pytest.raises(errors.MobileTaken):
            services.mobile_change(second, challenge_id=challenge.id, mobile="13800005678",
                                   code=SmsChallenge.objects.get(id=challenge.id).code)
    assert Customer.objects.count() == 2


def test_the_same_face_behind_another_identity_asks_for_a_look_and_is_no_proof(
        customer, engine, vendor):  # noqa: F811
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    submit(customer, issue(customer), engine)
    second = registered(OTHER["mobile"])
    agree(second, "real_name_check", "face")
    services.id_card_submit(second, name=OTHER["name"], id_number=OTHER["id_number"])
    submit(second, issue(second), engine)
    row = selectors.face_signals(second)[0]
    assert (row.facts["signals"], row.facts["alike"]) == (["near_duplicate"], [str(customer)])
    assert selectors.face_signals(customer) == () and selectors.is_real_name(second)


def test_a_shared_device_alone_refuses_nobody(customer, engine, vendor):  # noqa: F811
    signed_in(customer, "phone")
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    second = registered(OTHER["mobile"])
    signed_in(second, "phone")
    agree(second, "real_name_check", "face", "bank_card_check")
    services.id_card_submit(second, name=OTHER["name"], id_number=OTHER["id_number"])
    submit(second, issue(second), engine, descriptors={0: OTHER_FACE, 5: OTHER_FACE}, portrait=OTHER_FACE)
    services.bank_card_bind(second, card_number=OTHER["card"])
    assert selectors.is_real_name(second)
    remarks = [selectors.identity_remarks(one, days=90) for one in (customer, second)]
    assert [one.accounts_on_devices for one in remarks] == [1, 1] and remarks[1].face_signals == ()
