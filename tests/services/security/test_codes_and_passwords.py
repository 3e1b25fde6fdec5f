"""One-time codes, payment passwords and sessions (R1.1, R6.1, R6.2, R8.4)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from django.db import transaction

from weidai.audit.models import Event
from weidai.messaging.ports import SmsAnswer, sms_gateway
from weidai.platform import clock, outbox
from weidai.security import errors, rules, selectors, services
from weidai.security.models import BorrowerSession, PaymentPassword, SmsAddressAllowance, SmsAllowance, SmsChallenge
from weidai.security.ports import known_digits
from weidai.security.services import passwords
from weidai.web.shared.client import client_ip

MOBILE = "13800005678"
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


class Gateway:
    def __init__(self):
        self.sent = []

    def send(self, message_id, mobile, text):
        self.sent.append((message_id, mobile, text))
        return SmsAnswer(is_delivered=True)


@pytest.fixture
def gateway():
    before, played = sms_gateway._adapter, Gateway()
    sms_gateway.fill(played)
    yield played
    sms_gateway._adapter = before


def issue(**given):
    asked = {"mobile": MOBILE, "purpose": "drawdown", "context": "d1"} | given
    challenge = services.sms_code_send(**asked)
    return challenge.id, SmsChallenge.objects.get(id=challenge.id).code


def other_than(code):
    return "000000" if code != "000000" else "111111"


@pytest.mark.django_db
def test_a_code_is_sent_in_both_languages_and_then_forgotten(gateway):
    customer = uuid4()
    challenge_id, code = issue(customer_id=customer)
    outbox.deliver_due(customer_id=customer)
    (message_id, mobile, text), = gateway.sent
    assert (message_id, mobile) == (str(challenge_id), MOBILE)
    assert text.startswith("【微贷】验证码 ")
    assert text.count(code) == 2
    row = SmsChallenge.objects.get(id=challenge_id)
    assert (row.code, row.mobile) == (None, None)
    services.sms_code_check(challenge_id, code=code, purpose="drawdown", context="d1", customer_id=customer)


@pytest.mark.django_db
def test_a_code_that_is_too_old_is_not_sent_any_more(gateway):
    customer = uuid4()
    issue(customer_id=customer)
    with clock.travel_to(clock.now() + timedelta(minutes=6)):
        assert outbox.deliver_due(customer_id=customer) == 1
    assert gateway.sent == []
    assert SmsChallenge.objects.get().code is None


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"purpose": "login"}, {"context": "d2"}, {"customer_id": uuid4()}])
def test_a_code_is_bound_to_what_it_was_sent_for(wrong):
    customer = uuid4()
    challenge_id, code = issue(customer_id=customer)
    used = {"code": code, "purpose": "drawdown", "context": "d1", "customer_id": customer}
    with pytest.raises(errors.SmsCodeWrong):
        services.sms_code_check(challenge_id, **used | wrong)
    services.sms_code_check(challenge_id, **used)


@pytest.mark.django_db
def test_a_code_lives_five_minutes_of_business_time():
    with clock.travel_to(NOON):
        challenge_id, code = issue()
    used = {"code": code, "purpose": "drawdown", "context": "d1"}
    with clock.travel_to(NOON + timedelta(minutes=5)), pytest.raises(errors.SmsCodeExpired):
        services.sms_code_check(challenge_id, **used)
    with clock.travel_to(NOON + timedelta(minutes=4, seconds=59)):
        services.sms_code_check(challenge_id, **used)
    with pytest.raises(errors.SmsCodeExpired):
        services.sms_code_check(uuid4(), **used)


@pytest.mark.django_db
def test_one_code_a_minute_and_ten_a_day():
    with clock.travel_to(NOON):
        issue()
        with pytest.raises(errors.SmsTooSoon) as refusal:
            issue()
        assert refusal.value.values["seconds"] == 60
    with clock.travel_to(NOON + timedelta(seconds=25.4)), pytest.raises(errors.SmsTooSoon) as refusal:
        issue()
    assert refusal.value.values["seconds"] == 35  # who waits as long as told is not refused again
    for minute in range(1, 10):
        with clock.travel_to(NOON + timedelta(minutes=minute)):
            issue()
    with clock.travel_to(NOON + timedelta(minutes=10)), pytest.raises(errors.SmsDayLimitReached):
        issue()
    assert SmsChallenge.objects.count() == SmsAllowance.objects.get().sent_count == 10
    with clock.travel_to(NOON + timedelta(days=1)):
        issue()


@pytest.mark.django_db(transaction=True)
def test_wrong_guesses_count_although_the_refusal_rolls_everything_back():
    challenge_id, code = issue()
    lefts = []
    for _ in range(4):
        with pytest.raises(errors.SmsCodeWrong) as refusal, transaction.atomic():  # noqa: PT012 (rolled back together)
            BorrowerSession.objects.create(customer_id=uuid4(), token_digest="t", ip="1", started_at=clock.now(),
                                           expires_at=clock.now())
            services.sms_code_check(challenge_id, code=other_than(code), purpose="drawdown", context="d1")
        lefts.append(refusal.value.values["left"])
    assert lefts == [4, 3, 2, 1]
    assert not BorrowerSession.objects.exists()
    with pytest.raises(errors.SmsCodeSpent):
        services.sms_code_check(challenge_id, code=other_than(code), purpose="drawdown", context="d1")
    with pytest.raises(errors.SmsCodeSpent):
        services.sms_code_check(challenge_id, code=code, purpose="drawdown", context="d1")


@pytest.mark.django_db(transaction=True)
def test_a_code_used_in_a_transaction_that_fails_can_be_used_again():
    challenge_id, code = issue()
    used = {"code": code, "purpose": "drawdown", "context": "d1"}
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 (rolled back together)
        services.sms_code_check(challenge_id, **used)
        1 / 0  # noqa: B018
    services.sms_code_check(challenge_id, **used)
    with pytest.raises(errors.SmsCodeExpired):
        services.sms_code_check(challenge_id, **used)


@pytest.mark.django_db(transaction=True)
def test_five_wrong_passwords_lock_it_for_half_an_hour_even_when_rolled_back():
    customer = uuid4()
    services.payment_password_set(customer, password="294751")
    with clock.travel_to(NOON):
        for left in (4, 3, 2, 1):
            with pytest.raises(errors.PaymentPasswordWrong) as refusal, transaction.atomic():
                services.payment_password_check(customer, password="294752")
            assert refusal.value.values["left"] == left
        for password in ("294752", "294751"):
            with pytest.raises(errors.PaymentPasswordLocked) as locked:
                services.payment_password_check(customer, password=password)
            assert locked.value.values["minutes"] == 30
    assert Event.objects.filter(name="security.payment_password.locked").count() == 1
    with clock.travel_to(NOON + timedelta(minutes=30)):
        with pytest.raises(errors.PaymentPasswordWrong) as refusal:
            services.payment_password_check(customer, password="294752")
        assert refusal.value.values["left"] == 4, "a lock that has run out gives five fresh attempts"
        services.payment_password_check(customer, password="294751")
    assert PaymentPassword.objects.get().wrong_count == 0


@pytest.mark.django_db
def test_a_payment_password_is_set_once_and_changed_with_the_old_one():
    customer = uuid4()
    with pytest.raises(errors.PaymentPasswordMissing):
        services.payment_password_check(customer, password="294751")
    services.payment_password_set(customer, password="294751")
    assert selectors.has_payment_password(customer)
    with pytest.raises(errors.PaymentPasswordExists):
        services.payment_password_set(customer, password="836159")
    with pytest.raises(errors.PaymentPasswordWrong):
        services.payment_password_change(customer, old="836159", new="836150")
    services.payment_password_change(customer, old="294751", new="836159")
    services.payment_password_check(customer, password="836159")
    assert "836159" not in PaymentPassword.objects.get().password_hash


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["", "12345", "1234567", "abcdef", "１２３４５６", "29475a"])
def test_only_six_digits_are_a_payment_password(password):
    with pytest.raises(errors.PaymentPasswordInvalid):
        services.payment_password_set(uuid4(), password=password)
    assert not PaymentPassword.objects.exists()


class Known:
    """A person of whom strangers know these digits."""

    def digits_for(self, customer_id):
        return ("19900101", "13800005678")


@pytest.fixture
def _known():
    before = known_digits._adapter
    known_digits.fill(Known())
    yield
    known_digits._adapter = before


@pytest.mark.django_db
@pytest.mark.usefixtures("_known")
@pytest.mark.parametrize("password", [
    "111111", "112211", "123456", "654321", "135135", "292929", "900101", "005678", "380000"])
def test_easy_digits_are_refused_with_a_reason_in_both_languages(password):
    with pytest.raises(errors.PaymentPasswordWeak) as refusal:
        services.payment_password_set(uuid4(), password=password)
    assert refusal.value.message.zh.startswith("支付密码过于简单：")
    assert refusal.value.message.en.isascii()
    assert not PaymentPassword.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("_known")
def test_a_changed_password_is_no_easier_than_a_first_one():
    customer = uuid4()
    services.payment_password_set(customer, password="294751")
    with pytest.raises(errors.PaymentPasswordWeak):
        services.payment_password_change(customer, old="294751", new="900101")
    with pytest.raises(errors.PaymentPasswordUnchanged):
        services.payment_password_change(customer, old="294751", new="294751")
    services.payment_password_check(customer, password="294751")


@pytest.mark.django_db
def test_a_session_is_found_by_its_token_only_until_it_ends():
    customer = uuid4()
    token = services.session_start(customer, user_agent="Mozilla/5.0 (iPhone) MicroMessenger/8.0", ip="203.0.113.9")
    found = selectors.session_get(token)
    assert (found.customer_id, found.device) == (customer, "iPhone · WeChat")
    assert token not in BorrowerSession.objects.get().token_digest
    for forged in ("", "x", "." * 40, token + "x", token[:-1], f"{uuid4().hex}.{token.split('.')[1]}", "z" * 32 + ".a",
                   token + "a" * 500):
        assert selectors.session_get(forged) is None
    services.session_end(token)
    services.session_end(token)
    services.session_end("nonsense")
    assert selectors.session_get(token) is None


@pytest.mark.django_db
def test_a_clock_moved_forward_signs_nobody_out_and_others_can_be_signed_out():
    customer = uuid4()
    tokens = [services.session_start(customer, user_agent="", ip="") for _ in range(3)]
    with clock.travel_to(clock.now() + timedelta(days=400)):
        assert selectors.session_get(tokens[0]) is not None
    keep = selectors.session_get(tokens[1]).session_id
    assert services.session_end_others(customer, keep=keep) == 2
    assert [selectors.session_get(token) is not None for token in tokens] == [False, True, False]
    assert [row.session_id for row in selectors.sessions_for(customer)] == [keep]


def test_every_purpose_has_a_message_that_fits_the_gateway():
    for purpose in rules.PURPOSES:
        text = rules.CODE_MESSAGES[purpose].format(code="123456", minutes=5, amount="12,000.00", term_months=12)
        assert "123456" in text.zh
        assert "123456" in text.en
        assert len(text.zh) + len(text.en) < 300


def ask(serial, ip, at=NOON):
    with clock.travel_to(at):
        return services.sms_code_send(mobile=f"138{serial:08d}", purpose="login", ip=ip)


@pytest.mark.django_db
def test_one_address_asks_for_ten_codes_in_ten_minutes_and_fifty_a_day():
    for serial in range(10):
        ask(serial, "203.0.113.9")
    with pytest.raises(errors.SmsAddressLimitReached) as refused:
        ask(10, "203.0.113.9", NOON + timedelta(minutes=4))
    assert "6 分钟" in refused.value.message.zh
    ask(10, "203.0.113.10", NOON + timedelta(minutes=4))  # another address is not concerned; the number was not counted
    serial = 20
    for window in range(1, 5):
        for _ in range(10):
            ask(serial := serial + 1, "203.0.113.9", NOON + timedelta(minutes=10 * window))
    with pytest.raises(errors.SmsAddressDayLimitReached):
        ask(99, "203.0.113.9", NOON + timedelta(hours=2))
    ask(99, "203.0.113.9", NOON + timedelta(days=1))
    kept = list(SmsAddressAllowance.objects.values_list("address_digest", flat=True))
    assert len(kept) == 2
    assert not any("203.0" in digest for digest in kept)


@pytest.mark.parametrize(("ip", "network"), [
    ("203.0.113.9", "203.0.113.9"), ("::ffff:203.0.113.9", "203.0.113.9"),
    ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("127.0.0.1", rules.LOOPBACK),
    ("::1", rules.LOOPBACK), ("", None), ("unknown", None)])
def test_what_counts_as_one_address(ip, network):
    assert rules.client_network(ip) == network


@pytest.mark.parametrize(("proxies", "heard", "believed"), [
    (0, "198.51.100.1", "127.0.0.1"), (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
    (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"), (2, "198.51.100.1", "127.0.0.1")])
def test_only_what_our_own_proxies_heard_is_believed(settings, rf, proxies, heard, believed):
    settings.PROXY_COUNT = proxies
    assert client_ip(rf.post("/h5/login", headers={"X-Forwarded-For": heard})) == believed


def test_payment_passwords_cost_what_owasp_asks() -> None:
    """The other tests hash cheaply; this is what an installation pays (R6.1)."""
    assert PasswordHasher(**passwords.COST).hash("482913").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
