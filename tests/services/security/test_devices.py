"""Devices, sign-ins and locks that grow; codes are bounded per device and address as well (R8.4, R6.1)."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from argon2.exceptions import VerifyMismatchError

from weidai.messaging.models import Notice
from weidai.platform import clock
from weidai.security import errors, rules, selectors, services
from weidai.security.asking import asked_from
from weidai.security.models import PaymentPassword, SmsAddressAllowance
from weidai.security.ports import known_digits
from weidai.security.services import passwords

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


class NothingKnown:
    def digits_for(self, _customer_id):
        return ()


@pytest.fixture(autouse=True)
def _nothing_known():
    before = known_digits._adapter
    known_digits.fill(NothingKnown())
    yield
    known_digits._adapter = before


def ask(serial, ip, at=NOON):
    with clock.travel_to(at):
        return services.sms_code_send(mobile=f"138{serial:08d}", purpose="login", ip=ip)


@pytest.mark.django_db
def test_a_device_asks_for_eight_codes_in_ten_minutes_whatever_the_number_purpose_and_address():
    def on(device, serial, ip="203.0.113.9", purpose="drawdown"):
        with asked_from(ip=ip, device=device), clock.travel_to(NOON):
            services.sms_code_send(mobile=f"139{serial:08d}", purpose=purpose, customer_id=uuid4())

    for serial in range(8):
        on("one", serial, ip=f"203.0.113.{serial}")
    with pytest.raises(errors.SmsDeviceLimitReached) as refused:
        on("one", 9, ip="203.0.113.99", purpose="rebind")
    assert "10 分钟" in refused.value.message.zh
    on("other", 9, ip="203.0.113.99")


@pytest.mark.django_db
def test_the_address_of_a_request_counts_for_codes_that_name_no_address_themselves():
    with asked_from(ip="203.0.113.7", device=""), clock.travel_to(NOON):
        for serial in range(10):
            services.sms_code_send(mobile=f"137{serial:08d}", purpose="drawdown", customer_id=uuid4())
        with pytest.raises(errors.SmsAddressLimitReached):
            services.sms_code_send(mobile="13700000099", purpose="drawdown", customer_id=uuid4())


@pytest.mark.django_db
def test_this_machine_is_bounded_too_but_widely():
    assert rules.address_bounds(rules.LOOPBACK).per_window > 10 * rules.ADDRESS_BOUNDS.per_window
    SmsAddressAllowance.objects.all().delete()
    ask(1, "127.0.0.1")
    assert SmsAddressAllowance.objects.get().sent_count == 1


@pytest.mark.django_db(transaction=True)
def test_locks_of_the_payment_password_grow_until_it_is_right():
    customer = uuid4()
    services.payment_password_set(customer, password="294751")
    at, minutes = NOON, []
    for _ in range(4):
        with clock.travel_to(at):
            for _ in range(4):
                with pytest.raises(errors.PaymentPasswordWrong):
                    services.payment_password_check(customer, password="111222")
            with pytest.raises(errors.PaymentPasswordLocked) as locked:
                services.payment_password_check(customer, password="111222")
        minutes.append(locked.value.values["minutes"])
        at += timedelta(minutes=minutes[-1] + 1)
    assert minutes == [30, 120, 1440, 1440]
    with clock.travel_to(at):
        services.payment_password_check(customer, password="294751")
    assert PaymentPassword.objects.get(customer_id=customer).lock_count == 0


@pytest.mark.django_db
def test_passwords_of_older_homes_are_accepted_and_get_a_pepper_of_their_own():
    customer = uuid4()
    services.payment_password_set(customer, password="294751")
    row = PaymentPassword.objects.get(customer_id=customer)
    assert row.password_hash.startswith("p2$argon2id$")
    with pytest.raises(VerifyMismatchError):
        passwords._hasher.verify(row.password_hash[2:], "294751")
    shared = passwords._peppered(base64.b64decode(passwords.old_pepper()), customer, "294751")
    for older in ("p1" + passwords._hasher.hash(shared), passwords._hasher.hash("294751")):
        PaymentPassword.objects.filter(customer_id=customer).update(password_hash=older, pepper=None)
        with pytest.raises(errors.PaymentPasswordWrong):
            services.payment_password_check(customer, password="294752")
        services.payment_password_check(customer, password="294751")
        assert PaymentPassword.objects.get(customer_id=customer).password_hash.startswith("p2$argon2id$")
        services.payment_password_check(customer, password="294751")


def signed_in(customer, device, agent="Mozilla/5.0 (iPhone) MicroMessenger/8.0"):
    with asked_from(ip="203.0.113.9", device=device):
        return services.session_start(customer, user_agent=agent, ip="203.0.113.9")


@pytest.mark.django_db
def test_a_device_is_registered_at_sign_in_and_a_further_one_is_told():
    customer = uuid4()
    signed_in(customer, "phone")
    signed_in(customer, "phone")
    assert not Notice.objects.filter(customer_id=customer).exists()
    signed_in(customer, "laptop", agent="Mozilla/5.0 (Windows NT) Chrome/120")
    phone, laptop = selectors.devices_for(customer)[::-1]
    assert (phone.label, laptop.label) == ("iPhone · WeChat", "Windows · Chrome")
    assert [row.template for row in Notice.objects.filter(customer_id=customer)] == ["security.new_device"]
    assert selectors.device_customers("phone") == (customer,)
    signed_in(uuid4(), "phone")
    assert [row.other_accounts for row in selectors.devices_for(customer)] == [0, 1]  # the laptop, the phone
    assert {session.device_id for session in selectors.sessions_for(customer)} == {phone.id, laptop.id}


@pytest.mark.django_db
def test_a_locked_device_is_signed_out_and_stays_out_until_it_is_unlocked():
    customer = uuid4()
    here, lost = signed_in(customer, "phone"), signed_in(customer, "lost")
    mine = selectors.session_get(here).device_id
    other = selectors.session_get(lost).device_id
    with pytest.raises(errors.DeviceIsThisOne):
        services.device_lock(customer, device_id=mine, here=mine)
    with pytest.raises(errors.DeviceNotFound):
        services.device_lock(uuid4(), device_id=other, here=None)
    services.device_lock(customer, device_id=other, here=mine)
    services.device_lock(customer, device_id=other, here=mine)
    assert (selectors.session_get(lost), selectors.session_get(here) is not None) == (None, True)
    with pytest.raises(errors.DeviceLocked):
        signed_in(customer, "lost")
    signed_in(uuid4(), "lost")  # the lock is this customer's own
    services.device_unlock(customer, device_id=other)
    assert selectors.session_get(signed_in(customer, "lost")) is not None


@pytest.mark.django_db
def test_one_sign_in_of_the_list_is_revoked_and_nobody_elses():
    customer = uuid4()
    first, second = signed_in(customer, "a"), signed_in(customer, "b")
    session = selectors.session_get(first).session_id
    with pytest.raises(errors.SessionNotFound):
        services.session_revoke(uuid4(), session_id=session)
    services.session_revoke(customer, session_id=session)
    services.session_revoke(customer, session_id=session)
    assert (selectors.session_get(first), selectors.session_get(second) is not None) == (None, True)


@pytest.mark.django_db
def test_of_a_sign_in_without_a_name_the_customer_is_told_each_time_but_the_first():
    """An app that says no name, a browser without cookies: nobody can tell whether it is a new one."""
    customer = uuid4()
    for notices in (0, 1, 2):
        assert selectors.session_get(signed_in(customer, "")).device_id is None
        assert Notice.objects.filter(customer_id=customer, template="security.new_device").count() == notices
