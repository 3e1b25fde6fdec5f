"""What happens while somebody is being asked: other requests, withdrawn consents, a server that dies (R1.4 to R1.9)."""

from datetime import timedelta

import pytest
from tests.services.identity.conftest import ID_NUMBER, NAME, agree
from tests.services.identity.test_faces import engine, issue, person, submit, vendor  # noqa: F401 (fixtures are taken by name)

from weidai.identity import errors, selectors, services
from weidai.identity.face_errors import FaceChallengeUsed
from weidai.identity.models import Customer, DigestEntry, FaceBucket, FaceChallenge, FaceTemplate, Verification
from weidai.identity.ports import MatchResult, OperatorAnswer, RegistryAnswer
from weidai.platform import clock

pytestmark = pytest.mark.django_db


def once(partners, method, act):
    """Let something happen while a partner is asked, the first time."""
    asked = getattr(partners, method)

    def asked_meanwhile(*question):
        setattr(partners, method, asked)
        act()
        return asked(*question)

    setattr(partners, method, asked_meanwhile)


def test_who_guesses_in_parallel_learns_no_more_than_who_guesses_one_by_one(customer, partners):
    """Five wrong answers land while the sixth is on its way; whatever that one says is not told and not kept."""
    no, yes = RegistryAnswer(MatchResult.MISMATCH), partners.registry

    def five_more() -> None:
        partners.registry = no
        for _ in range(5):
            with pytest.raises(errors.IdCardMismatch):
                services.id_card_submit(customer, name="王五", id_number=ID_NUMBER)
        partners.registry = yes

    once(partners, "check", five_more)
    with pytest.raises(errors.TooManyAttempts):
        services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    assert Customer.objects.get(customer_id=customer).id_number is None
    assert not DigestEntry.objects.filter(kind="id_number").exists()
    assert Verification.objects.count() == 5
    partners.registry = no
    with pytest.raises(errors.TooManyAttempts):
        services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)


def test_a_number_changed_while_the_operator_is_asked_is_not_taken_as_checked(customer, partners):
    agree(customer, "real_name_check", "mobile_check")
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)

    def change() -> None:
        row = Customer.objects.get(customer_id=customer)
        row.mobile = "13900002222"
        row.save(update_fields=["mobile"])

    partners.operator = OperatorAnswer(MatchResult.MATCH, "china_mobile", "in_use", 57)
    once(partners, "three_elements", change)
    with pytest.raises(errors.MobileChangedMeanwhile):
        services.mobile_check(customer)
    assert not Verification.objects.filter(item="mobile").exists()
    services.mobile_check(customer)
    assert selectors.customer_get(customer).has_mobile_check


@pytest.mark.parametrize("moment", ["while the engine looks", "while the vendor looks"])
def test_a_consent_withdrawn_during_the_check_leaves_no_template_and_no_pass(person, engine, vendor, moment):  # noqa: F811
    where, name = (engine, "look") if moment == "while the engine looks" else (vendor, "verify_live")
    asked = getattr(where, name)

    def withdrawn(*question, **more):
        services.consent_withdraw(person, purpose="face")
        return asked(*question, **more)

    setattr(where, name, withdrawn)
    with pytest.raises(errors.ConsentRequired):
        submit(person, issue(person), engine)
    assert len(vendor.asked) == (moment == "while the vendor looks")
    assert FaceTemplate.objects.count() == 0
    assert not Verification.objects.filter(item="face").exists()
    assert list(FaceChallenge.objects.values_list("state", "outcome", "counts")) == [("refused", "consent_withdrawn", False)]


def test_a_check_that_our_own_server_broke_off_costs_no_attempt(person, engine, vendor):  # noqa: F811
    """A killed server leaves a challenge that is being judged for ever: it counts as long as it might still be."""
    challenge = issue(person)
    full = services.attempts_left(person)
    row = FaceChallenge.objects.filter(id=challenge.id)
    row.update(state="judging")
    assert services.attempts_left(person) == full - 1
    row.update(expires_at=clock.wall_now() - timedelta(minutes=6))
    assert services.attempts_left(person) == full
    assert submit(person, issue(person), engine) == "certified"


@pytest.mark.parametrize("moment", ["while the engine looks", "while the vendor looks"])
def test_biometrics_erased_during_the_check_do_not_come_back_with_it(person, engine, vendor, moment):  # noqa: F811
    """The consent stays in force; still nothing that was taken before the erasure is kept after it (R8.5)."""
    where, name = (engine, "look") if moment == "while the engine looks" else (vendor, "verify_live")
    asked = getattr(where, name)

    def erased(*question, **more):
        services.biometrics_erase(person, reason="customer_request")
        setattr(where, name, asked)
        return asked(*question, **more)

    setattr(where, name, erased)
    left = services.attempts_left(person)
    with pytest.raises(FaceChallengeUsed):
        submit(person, issue(person), engine)
    assert (FaceTemplate.objects.count(), FaceBucket.objects.count()) == (0, 0)
    assert not Verification.objects.filter(item="face").exists()
    assert (FaceChallenge.objects.get().state, services.attempts_left(person)) == ("replaced", left)
    assert submit(person, issue(person), engine) == "certified"
