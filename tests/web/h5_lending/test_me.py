"""Me: masked profile, cards, sessions, payment password, freeze, help (R1.6, R8.4, R8.5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.h5_lending.conftest import Reader
from weidai.demo.device import SoftwareDevice
from weidai.identity.models import BankCard
from weidai.limits import selectors as limits
from weidai.messaging.ports import contact_book
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.security import services as security
from weidai.security.models import BorrowerSession
from weidai.security.selectors import session_get

PASSWORD, NEW = "250918", "713926"


@pytest.fixture
def second_card(reader: Reader) -> BankCard:
    return BankCard.objects.create(
        customer_id=reader.who.id, card_number="6222021234567890123", digest="second", bank_code="ICBC",
        bank_name_zh="工商银行", account_class="I", masked="6222****0123", is_default=False, bound_at=clock.now())


def test_the_profile_is_masked_and_leads_everywhere(reader: Reader):
    text = reader.get("/h5/me/").content.decode()
    assert "王*" in text and "王伟" not in text and "13800000001" not in text
    for address in ("/h5/loans/", "/h5/me/cards/", "/h5/autopay/", "/h5/me/security/", "/h5/me/consents/",
                    "/h5/preferences", "/h5/help", "/h5/logout"):
        assert f'"{address}"' in text, address
        if address != "/h5/logout":
            assert reader.get(address).status_code == 200, address


def test_the_default_card_changes_with_the_payment_password(reader: Reader, second_card: BankCard):
    security.payment_password_set(reader.who.id, password=PASSWORD)
    address = f"/h5/me/cards/{second_card.id}/default"
    assert "支付密码" in reader.get(address).content.decode()
    for wrong, sentence in (("", "请输入支付密码"), ("12", "请输入 6 位数字"), ("111112", "支付密码不正确")):
        page = reader.post(address, password=wrong)
        assert page.status_code == 422 and sentence in str(page.context["form"].errors["password"])
        assert f'value="{wrong}"' not in page.content.decode() or not wrong
    assert not BankCard.objects.get(id=second_card.id).is_default
    unsigned = reader.post(address, password=PASSWORD)
    assert unsigned.context["form"].refusal.code == "security.device_proof_missing"
    assert "/h5/me/security/devices/bind?next=" in unsigned.content.decode()
    proof = reader.proof_at(address)
    forged = reader.post(address, password=PASSWORD, **proof | {"device_signature": SoftwareDevice().signature("x")})
    assert forged.context["form"].refusal.code == "security.device_proof_invalid"
    assert reader.post(address, password=PASSWORD, **proof).url == "/h5/me/cards/"
    assert BankCard.objects.get(id=second_card.id).is_default
    assert reader.post(f"/h5/me/cards/{reader.who.card_id}/remove").url == "/h5/me/cards/"
    assert BankCard.objects.filter(customer_id=reader.who.id, state="active").count() == 1
    assert reader.get(f"/h5/me/cards/{reader.who.card_id}/default").status_code == 404


def test_the_default_card_and_the_one_auto_debit_uses_stay(reader: Reader, second_card: BankCard):
    from weidai.servicing.services import auto_debit_authorize

    assert reader.post(f"/h5/me/cards/{reader.who.card_id}/remove").status_code == 409
    auto_debit_authorize(reader.who.id, card_id=second_card.id)
    assert reader.post(f"/h5/me/cards/{second_card.id}/remove").url == "/h5/autopay/"
    assert BankCard.objects.filter(customer_id=reader.who.id, state="active").count() == 2


def test_other_devices_are_signed_out(reader: Reader):
    other = Reader(reader.who)
    assert other.get("/h5/me/").status_code == 200
    assert "iPhone · WeChat" in reader.get("/h5/me/security/").content.decode()
    assert reader.post("/h5/me/security/sessions/end").status_code == 302
    assert BorrowerSession.objects.filter(ended_at=None).count() == 1
    assert other.get("/h5/me/").status_code == 302 and reader.get("/h5/me/").status_code == 200


@pytest.mark.parametrize(("values", "field", "sentence"), [
    ({"old": "", "new": NEW, "again": NEW}, "old", "请输入原支付密码"),
    ({"old": "999998", "new": NEW, "again": NEW}, "old", "支付密码不正确"),
    ({"old": PASSWORD, "new": "123456", "again": "123456"}, "new", "过于简单"),
    ({"old": PASSWORD, "new": "900101", "again": "900101"}, "new", "生日"),
    ({"old": PASSWORD, "new": NEW, "again": "713927"}, "again", "不一致"),
    ({"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "new", "与原支付密码相同"),
])
def test_a_wrong_change_of_the_payment_password_is_told_beside_its_field(reader: Reader, values: Any, field, sentence):
    security.payment_password_set(reader.who.id, password=PASSWORD)
    page = reader.post("/h5/me/security/password", **values)
    assert page.status_code == 422 and sentence in str(page.context["form"].errors[field])
    assert NEW not in page.content.decode()
    security.payment_password_check(reader.who.id, password=PASSWORD)


def test_the_language_switch_stays_after_a_refused_form(reader: Reader):
    security.payment_password_set(reader.who.id, password=PASSWORD)
    page = reader.post("/h5/me/security/password", old="", new=NEW, again=NEW)
    assert 'href="/h5/me/security/password?lang=en"' in page.content.decode()


def test_the_payment_password_changes(reader: Reader):
    assert "尚未设置支付密码" in reader.get("/h5/me/security/password").content.decode()
    security.payment_password_set(reader.who.id, password=PASSWORD)
    other = security.session_start(reader.who.id, user_agent="", ip="")
    typed = {"old": PASSWORD, "new": NEW, "again": NEW}
    refused = reader.post("/h5/me/security/password", **typed)
    assert (refused.status_code, refused.context["form"].refusal.code) == (409, "security.device_proof_missing")
    proof = reader.proof_at("/h5/me/security/password")
    assert reader.post("/h5/me/security/password", **typed, **proof).url == "/h5/me/security/"
    assert (session_get(other), reader.get("/h5/me/").status_code) == (None, 200)  # everybody else comes in anew
    again = reader.post("/h5/me/security/password", old=NEW, new=PASSWORD, again=PASSWORD, **proof)
    assert again.context["form"].refusal.code == "security.device_proof_used"
    security.payment_password_check(reader.who.id, password=NEW)


def test_freezing_stops_borrowing_and_the_password_releases_it(reader: Reader):
    security.payment_password_set(reader.who.id, password=PASSWORD)
    for _ in range(2):
        assert reader.post("/h5/me/security/freeze").url == "/h5/me/security/"
    assert limits.hold_kinds(reader.who.id) == ["customer_lock"]
    assert reader.get(reader.borrow_address).templates[0].name == "h5/pages/borrow_blocked.html"
    assert "已锁定借款" in reader.get("/h5/me/").content.decode()
    page = reader.post("/h5/me/security/unfreeze", password="111112")
    assert page.status_code == 422 and limits.hold_kinds(reader.who.id) == ["customer_lock"]
    assert reader.post("/h5/me/security/unfreeze", password=PASSWORD).url == "/h5/me/security/"
    assert limits.hold_kinds(reader.who.id) == []
    assert reader.get("/h5/me/security/unfreeze").url == "/h5/me/security/"


def test_what_changes_something_is_never_a_link(reader: Reader):
    for address in ("/h5/me/security/freeze", "/h5/me/security/sessions/end", "/h5/autopay/withdraw",
                    f"/h5/me/cards/{reader.who.card_id}/remove", f"/h5/drawdowns/{uuid7()}/cancel",
                    f"/h5/drawdowns/{uuid7()}/code/send"):
        assert reader.get(address).status_code == 405, address


def test_help_names_the_regulator_and_needs_no_log_in(reader: Reader, client: Any):
    for found in (reader.get("/h5/help"), client.get("/h5/help")):
        assert "12378" in found.content.decode() and "15 日内" in found.content.decode()


def test_everything_else_asks_to_log_in(client: Any):
    for address in ("/h5/borrow/", "/h5/bills/", "/h5/bills/paid", "/h5/autopay/", "/h5/loans/", "/h5/me/", "/h5/me/cards/",
                    "/h5/me/security/", "/h5/me/security/password", f"/h5/loans/{uuid7()}/", f"/h5/repay/{uuid7()}/"):
        assert client.get(address).url.startswith("/h5/login?next="), address


def test_text_messages_speak_the_language_chosen_on_a_page(reader: Reader):
    reader.get("/h5/me/")
    assert contact_book().language_for(reader.who.id) == "zh"
    reader.get("/h5/me/?lang=en")
    assert contact_book().language_for(reader.who.id) == "en"
    reader.get("/h5/me/")
    assert contact_book().language_for(reader.who.id) == "en"
