"""Wrong input: the sentence beside the field in the reader's language, the value kept, nothing written (R9.3)."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.web.h5_onboarding.conftest import PASSWORD, PRODUCT, Borrower
from weidai.audit.models import Event
from weidai.security import selectors as security


def refused(borrower: Borrower, address: str, sentence: str, **values: object) -> str:
    """Post and be refused beside the field, with nothing written; the page."""
    before = Event.objects.count()
    response = borrower.post(address, **values)
    page = response.content.decode()
    assert response.status_code in (409, 422), response.status_code
    assert sentence in page
    assert Event.objects.count() == before
    return page


def test_login_needs_a_number_and_agreement(borrower: Borrower) -> None:
    page = refused(borrower, "/h5/login", "请输入 11 位手机号。", mobile="12345", agrees="on")
    assert 'value="12345"' in page
    assert "checked" in page
    page = refused(borrower, "/h5/login", "请先阅读并勾选同意", mobile=borrower.person.mobile)
    assert borrower.person.mobile in page
    page = borrower.client.get("/h5/login").content.decode()
    assert " checked" not in page


def test_wrong_code_says_how_many_are_left(borrower: Borrower) -> None:
    borrower.post("/h5/login", mobile=borrower.person.mobile, agrees="on")
    response = borrower.post("/h5/login/code", code="000001")
    assert response.status_code == 422
    assert "id_code_error" in response.content.decode()
    assert "weidai_h5" not in borrower.client.cookies
    assert "请输入 6 位数字。" in borrower.post("/h5/login/code", code="12").content.decode()


def test_the_wait_for_another_code_survives_a_wrong_one_and_enter_signs_in(borrower: Borrower) -> None:
    borrower.post("/h5/login", mobile=borrower.person.mobile, agrees="on")
    page = borrower.post("/h5/login/code", code="12").content.decode()
    waited = re.search(r'data-wait-seconds="(\d+)"', page)
    assert waited is not None
    assert 50 <= int(waited[1]) <= 60
    form = page[page.index('<form id="code"'):]
    assert "formaction" not in re.findall(r"<button[^>]*>", form)[0], "Enter presses the first button of the form"


def test_resending_too_soon_is_refused_in_words(borrower: Borrower) -> None:
    borrower.post("/h5/login", mobile=borrower.person.mobile, agrees="on")
    response = borrower.post("/h5/login/resend")
    assert response.status_code == 429
    assert "暂时无法办理" in response.content.decode()


def test_code_page_without_a_number_goes_back(borrower: Borrower) -> None:
    for tampered in ("", "abc", "abc:def:ghi"):
        borrower.client.cookies["weidai_code"] = tampered
        assert borrower.client.get("/h5/login/code").headers["Location"].startswith("/h5/login")


def test_id_card_refusals_stand_beside_their_field(borrower: Borrower) -> None:
    borrower.sign_in().agree("real_name_check")
    page = refused(borrower, "/h5/onboard/id-card", "身份证号应为 18 位。", name="王伟", id_number="110105")
    assert 'value="王伟"' in page
    page = refused(borrower, "/h5/onboard/id-card", "id_id_number_error", name="王伟", id_number="110105199001010011")
    assert "110105199001010011" in page
    borrower.client.cookies["weidai_lang"] = "en"
    refused(borrower, "/h5/onboard/id-card", "The ID number has 18 characters.", name="W", id_number="1")


def test_picture_must_be_one(borrower: Borrower) -> None:
    borrower.sign_in().agree("real_name_check", "face")
    borrower.step("/h5/onboard/id-card", name=borrower.person.name, id_number=borrower.person.id_number)
    refused(borrower, "/h5/onboard/face", "请先拍摄照片。")
    fake = SimpleUploadedFile("face.jpg", b"<script>alert(1)</script>", content_type="image/jpeg")
    refused(borrower, "/h5/onboard/face", "请上传 JPG、PNG 或 WebP 格式的照片。", picture=fake)


def test_face_is_not_checked_without_its_consent(borrower: Borrower) -> None:
    borrower.sign_in().agree("real_name_check")
    borrower.step("/h5/onboard/id-card", name=borrower.person.name, id_number=borrower.person.id_number)
    before = Event.objects.count()
    page = borrower.post("/h5/onboard/face", picture=borrower.picture()).content.decode()
    assert "阅读单独同意书" in page
    assert Event.objects.count() == before


@pytest.mark.parametrize(("number", "sentence"), [
    ("1234", "银行卡号为 16 至 19 位数字。"), ("6222020000000000000", "id_card_number_error")])
def test_bank_card_refusals(borrower: Borrower, number: str, sentence: str) -> None:
    borrower.sign_in().agree("real_name_check", "bank_card_check")
    borrower.step("/h5/onboard/id-card", name=borrower.person.name, id_number=borrower.person.id_number)
    page = borrower.post("/h5/onboard/bank-card", card_number=number).content.decode()
    assert sentence in page
    assert number in page


def test_profile_and_application_figures(borrower: Borrower) -> None:
    borrower.sign_in().verify().agree("credit_report", "credit_reporting")
    page = refused(borrower, "/h5/onboard/profile", "金额最多两位小数。", occupation="employed",
                   declared_monthly_income_fen="1.234", region_code="31")
    assert 'value="1.234"' in page
    refused(borrower, "/h5/onboard/profile", "金额太大，最多 10,000,000.00 元。", occupation="employed",
            declared_monthly_income_fen="10000000.01", region_code="31")
    apply = f"/h5/apply/{PRODUCT}/"
    refused(borrower, apply, "请选择职业状况。", declared_monthly_income="1", region_code="31")
    page = borrower.post(apply, requested="99999999", declared_monthly_income="9000", occupation="employed",
                         region_code="31").content.decode()
    assert "希望额度须在" in page
    assert 'value="99999999"' in page
    assert "/h5/applications/" not in borrower.client.get(apply).headers.get("Location", "")


def test_application_form_is_closed_before_the_authorization(borrower: Borrower) -> None:
    borrower.sign_in().verify()
    page = borrower.client.get(f"/h5/apply/{PRODUCT}/").content.decode()
    assert "阅读《个人征信查询授权书》" in page
    assert 'id="apply"' not in page
    before = Event.objects.count()
    borrower.post(f"/h5/apply/{PRODUCT}/", declared_monthly_income="9000", occupation="employed", region_code="31")
    assert Event.objects.count() == before
    page = borrower.agree("credit_report").client.get(f"/h5/apply/{PRODUCT}/").content.decode()
    assert "阅读《个人信用信息报送授权书》" in page
    assert 'id="apply"' not in page
    assert 'id="apply"' in borrower.agree("credit_reporting").client.get(f"/h5/apply/{PRODUCT}/").content.decode()


def test_weak_or_unequal_payment_passwords(borrower: Borrower) -> None:
    address = borrower.sign_in().verify().granted()
    borrower.step(f"{address}card", card_id=str(borrower.cards()[0].id))
    refused(borrower, f"{address}password", "两次输入不一致。", password=PASSWORD, again="250919")
    page = refused(borrower, f"{address}password", "过于简单", password="123456", again="123456")
    assert "123456" not in page
    assert not security.has_payment_password(borrower.customer_id)


def test_activation_steps_cannot_be_skipped(borrower: Borrower) -> None:
    address = borrower.sign_in().verify().granted()
    assert borrower.post(f"{address}password", password=PASSWORD, again=PASSWORD).status_code == 409
    assert borrower.post(f"{address}face", picture=borrower.picture()).status_code == 302
    assert borrower.post(f"{address}finish").status_code == 409
    assert "确认此卡" in borrower.client.get(address).content.decode()


def test_an_outdated_consent_text_is_not_agreed_to(borrower: Borrower) -> None:
    borrower.sign_in()
    refused(borrower, "/h5/consent/face", "暂时无法办理", text_version="1999-01")


def test_addresses_do_not_lead_away(borrower: Borrower) -> None:
    borrower.sign_in()
    page = borrower.client.get("/h5/consent/face?next=https://evil.example/&back=//evil.example").content.decode()
    assert "evil.example" not in page.split("<main")[1]
