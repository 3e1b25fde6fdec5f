"""Binding devices by keys: first, further, lost, locked; what proves it, and what a key may sign (R6.2, R8.4)."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import signing as tokens

from weidai.demo.device import SoftwareDevice
from weidai.messaging.models import Notice
from weidai.platform import clock
from weidai.security import errors, selectors, services, signing
from weidai.security.models import DeviceKey, DeviceSignature, SmsAllowance, SmsChallenge
from weidai.security.ports import known_digits, person_seen

pytestmark = pytest.mark.django_db
MOBILE, PASSWORD = "13800005678", "294751"
NOON, HOURS = datetime(2026, 6, 1, 4, tzinfo=UTC), timedelta(hours=24)


class Played:
    """Nothing known of the person, who was seen as told."""

    seen: str | None = None

    def digits_for(self, _customer_id):
        return ()

    def by(self, _customer_id, *, within):
        assert within == timedelta(minutes=30)
        return self.seen


@pytest.fixture(autouse=True)
def played():
    before = known_digits._adapter, person_seen._adapter
    one = Played()
    known_digits.fill(one)
    person_seen.fill(one)
    with clock.travel_to(NOON):
        yield one
    known_digits._adapter, person_seen._adapter = before


@pytest.fixture
def customer():
    owner = uuid4()
    services.payment_password_set(owner, password=PASSWORD)
    return owner


def request_for(customer, device, **changes):
    SmsAllowance.objects.all().delete()  # the minute between two codes is tested elsewhere
    sent = services.device_code_send(customer, mobile=MOBILE)
    told = {"offer": device.offer(signing.key_text(customer, nonce=str(sent.id))), "challenge_id": sent.id,
            "code": SmsChallenge.objects.get(id=sent.id).code, "payment_password": PASSWORD}
    return services.BindRequest(**told | changes)


def bind(customer, device, session=None, **changes):
    return services.device_key_bind(customer, session_id=session or device.sign_in(customer), cooling_off=HOURS,
                                    request=request_for(customer, device, **changes))


def test_the_first_key_counts_in_full_and_a_further_one_needs_the_person_and_waits(customer, played):
    phone, tablet = SoftwareDevice(), SoftwareDevice()
    first = bind(customer, phone)
    assert (first.full_from, first.fingerprint) == (NOON, phone.fingerprint)
    with pytest.raises(errors.PersonNotSeen):
        bind(customer, tablet)
    assert SmsChallenge.objects.filter(consumed_at=None, expires_at__gt=NOON).count() == 1, "the code is not used up"
    played.seen = "staff_video"
    second = bind(customer, tablet)
    assert second.full_from == NOON + HOURS
    assert [key.fingerprint for key in selectors.device_keys(customer)] == [phone.fingerprint, tablet.fingerprint]
    assert list(DeviceKey.objects.order_by("id").values_list("bound", "seen_by")) == [("first", ""), ("again", "staff_video")]
    assert "security.device_bound" in Notice.objects.filter(customer_id=customer).values_list("template", flat=True)


def test_a_lost_key_is_replaced_on_its_device_and_signs_no_more(customer, played):
    phone, emptied = SoftwareDevice(), SoftwareDevice()
    session = phone.sign_in(customer)
    bind(customer, phone, session)
    played.seen = "face"
    bind(customer, emptied, session)
    assert [key.fingerprint for key in selectors.device_keys(customer)] == [emptied.fingerprint]
    assert DeviceKey.objects.get(fingerprint=phone.fingerprint).retired_why == "replaced"
    mine = selectors.device_keys(customer)[0].device_id
    services.device_lock(customer, device_id=mine, here=None)
    assert selectors.device_keys(customer) == ()
    with pytest.raises(errors.DeviceLocked):
        phone.sign_in(customer)


# SPKI of a curve nobody knows, of a kind of key nobody knows, and of what is no key.
OTHER_KEYS = [base64.b64encode(bytes.fromhex(key)).decode() for key in (
    "3056301006072a8648ce3d020106052b8104006303420004" + "01" * 64, "300c300506032a03040303000102", "3000")]


def test_what_does_not_prove_the_owner_binds_nothing(customer):
    phone, stranger = SoftwareDevice(), SoftwareDevice()
    session = phone.sign_in(customer)
    for refusal, changes in (
        (errors.DeviceProofInvalid, {"offer": services.KeyOffer(phone.public_key, stranger.signature("x"))}),
        (errors.DeviceProofInvalid, {"offer": phone.offer(signing.key_text(customer, nonce="another"))}),
        (errors.DeviceProofInvalid, {"offer": phone.offer(signing.key_text(uuid4(), nonce="x"))}),
        (errors.DeviceProofInvalid, {"offer": services.KeyOffer("A" * 500, "!!")}),
        *((errors.DeviceProofInvalid, {"offer": services.KeyOffer(key, phone.signature("x"))}) for key in OTHER_KEYS),
        (errors.SmsCodeWrong, {"code": "12345a"}),
        (errors.PaymentPasswordWrong, {"payment_password": "111222"}),
    ):
        with pytest.raises(refusal):
            bind(customer, phone, session, **changes)
    with pytest.raises(errors.SessionNotFound):
        bind(customer, phone, uuid4())
    assert not DeviceKey.objects.exists()


def test_five_devices_at_once_are_enough(customer, played):
    played.seen = "face"
    for _ in range(5):
        bind(customer, SoftwareDevice())
    with pytest.raises(errors.DeviceKeysTooMany):
        bind(customer, SoftwareDevice())


def deed(customer, device, *, subject="card-1", **changes):
    told = {"deed": "default_card", "subject": subject} | changes
    nonce = services.deed_nonce(customer, **told)
    return services.DeedProof(nonce, device.proof(signing.deed_text(customer, **told, nonce=nonce)))


def test_a_change_of_the_account_is_signed_for_itself_and_once(customer, played):
    services.deed_require(customer, deed="default_card", subject="card-1", proof=None)  # nothing is bound yet
    phone = SoftwareDevice()
    phone.bound_first(customer)
    with pytest.raises(errors.DeviceProofMissing):
        services.deed_require(customer, deed="default_card", subject="card-1", proof=None)
    proof = deed(customer, phone)
    services.deed_require(customer, deed="default_card", subject="card-1", proof=proof)
    for refusal, wrong in (
        (errors.DeviceProofUsed, proof),
        (errors.DeviceProofInvalid, deed(customer, phone, subject="card-2")),
        (errors.DeviceProofInvalid, deed(customer, phone, deed="payment_password")),
        (errors.DeviceProofInvalid, deed(uuid4(), phone)),
        (errors.DeviceNotBound, deed(customer, SoftwareDevice())),
        (errors.DeviceProofUsed, services.DeedProof(tokens.dumps([1], salt="x"), proof.device)),
        (errors.DeviceProofUsed, services.DeedProof(tokens.dumps(1, salt="weidai.security.deed"), proof.device)),
    ):
        with pytest.raises(refusal):
            services.deed_require(customer, deed="default_card", subject="card-1", proof=wrong)
    assert DeviceSignature.objects.count() == 1
    played.seen = "face"
    services.deed_require(customer, deed="default_card", subject="card-1", proof=None)


def test_a_forgotten_or_locked_password_is_reset_by_the_person(customer, played):
    for _ in range(5):
        with pytest.raises((errors.PaymentPasswordWrong, errors.PaymentPasswordLocked)):
            services.payment_password_check(customer, password="111222")
    keep, other = services.session_start(customer, user_agent="", ip=""), services.session_start(customer, user_agent="", ip="")

    def reset(new="836159"):
        SmsAllowance.objects.all().delete()
        sent = services.sms_code_send(mobile=MOBILE, purpose="password", customer_id=customer)
        services.payment_password_reset(
            customer, new=new, challenge_id=sent.id, code=SmsChallenge.objects.get(id=sent.id).code,
            keep=selectors.session_get(keep).session_id)

    with pytest.raises(errors.PersonNotSeen):
        reset()
    played.seen = "face"
    with pytest.raises(errors.PaymentPasswordWeak):
        reset("123456")
    reset()
    services.payment_password_check(customer, password="836159")
    assert (selectors.session_get(other), selectors.session_get(keep) is not None) == (None, True)
