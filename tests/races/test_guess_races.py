"""Many guesses at once are looked at as if they came one after the other (R6.1, R6.2, R8.4)."""

from collections import Counter
from uuid import uuid4

import pytest
from tests.races.conftest import together

from weidai.security import errors, services
from weidai.security.asking import asked_from
from weidai.security.models import PaymentPassword, SmsChallenge
from weidai.security.ports import known_digits

pytestmark = pytest.mark.django_db(transaction=True)


class NothingKnown:
    def digits_for(self, _customer_id):
        return ()


@pytest.fixture(autouse=True)
def _nothing_known():
    before = known_digits._adapter
    known_digits.fill(NothingKnown())
    yield
    known_digits._adapter = before


def outcome(act):
    def run():
        try:
            act()
        except errors.Refused as refusal:
            return type(refusal).__name__
        except Exception as refusal:
            return type(refusal).__name__
        return "passed"

    return run


def test_twelve_guesses_of_a_sign_in_code_sent_at_once_are_five():
    sent = services.sms_code_send(mobile="13800005678", purpose="login", context="c")
    code = SmsChallenge.objects.get(id=sent.id).code
    guesses = [f"{(int(code) + step) % 10**6:06d}" for step in range(1, 12)] + [code]
    told = Counter(together(*(outcome(lambda code=code: services.sms_code_check(
        sent.id, code=code, purpose="login", context="c")) for code in guesses)))
    assert SmsChallenge.objects.get().attempts <= 5
    assert told["SmsCodeWrong"] <= 4
    assert told["passed"] + told["SmsCodeWrong"] + told["SmsCodeSpent"] + told["SmsCodeExpired"] == 12


def test_one_right_code_sent_twelve_times_at_once_passes_once():
    sent = services.sms_code_send(mobile="13800005678", purpose="login", context="c")
    code = SmsChallenge.objects.get(id=sent.id).code
    check = outcome(lambda: services.sms_code_check(sent.id, code=code, purpose="login", context="c"))
    assert Counter(together(*[check] * 12)) == {"passed": 1, "SmsCodeExpired": 11}


def test_twelve_wrong_passwords_sent_at_once_are_five_and_one_lock():
    customer = uuid4()
    services.payment_password_set(customer, password="294751")
    wrong = outcome(lambda: services.payment_password_check(customer, password="111222"))
    assert Counter(together(*[wrong] * 12)) == {"PaymentPasswordWrong": 4, "PaymentPasswordLocked": 8}
    row = PaymentPassword.objects.get()
    assert (row.wrong_count, row.lock_count) == (5, 1)


def test_one_device_tries_ten_passwords_a_day_whatever_the_accounts():
    owners = [uuid4() for _ in range(4)]
    for owner in owners:
        services.payment_password_set(owner, password="294751")
    with asked_from(ip="203.0.113.9", device="one"):
        told = [outcome(lambda owner=owner: services.payment_password_check(owner, password="111222"))()
                for owner in owners for _ in range(3)]
        assert Counter(told) == {"PaymentPasswordWrong": 10, "PaymentPasswordDeviceLocked": 2}
        assert outcome(lambda: services.payment_password_check(owners[0], password="294751"))() == "PaymentPasswordDeviceLocked"
    with asked_from(ip="203.0.113.10", device="another"):
        services.payment_password_check(owners[0], password="294751")
