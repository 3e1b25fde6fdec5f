"""The ID card by pictures: two sides, confirmed or corrected, resumed, refused, and typed where that is wanted (R1.4)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.rules.vision.test_reading_rules import at
from tests.web.h5_onboarding.conftest import Borrower
from weidai.identity import selectors as identity
from weidai.identity.models import Consent
from weidai.vision import asking, errors, selectors
from weidai.vision.rules import id_card
from weidai.vision.rules.fields import Kind, PaperRead, Quality

pytestmark = pytest.mark.django_db
PHOTOS, CONFIRM, TYPED = "/h5/onboard/id-card/photos", "/h5/onboard/id-card/confirm", "/h5/onboard/id-card"


def upload(shade: int) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), (shade, 120, 140)).save(out, "JPEG")
    return SimpleUploadedFile("card.jpg", out.getvalue(), "image/jpeg")


@pytest.fixture
def reads(monkeypatch: Any, borrower: Borrower) -> list[Kind]:
    """A recogniser that sees the borrower's own card."""
    asked: list[Kind] = []
    person = borrower.person
    born = f"{person.id_number[6:10]}年{int(person.id_number[10:12])}月{int(person.id_number[12:14])}日"
    front = [at("姓名", 60, 70), at(person.name, 160, 68), at("性别" + "女男"[int(person.id_number[16]) % 2], 60, 150),
             at("民族汉", 300, 150), at("出生", 60, 230), at(born, 160, 230), at("住址", 60, 310),
             at("湖南省长沙市岳麓区", 160, 310), at("公民身份号码", 60, 550), at(person.id_number, 330, 545)]
    back = [at("居民身份证", 300, 100), at("签发机关", 200, 460), at("长沙市公安局岳麓分局", 400, 458, score=0.7),
            at("有效期限", 200, 540), at("2019.09.07-2039.09.07", 400, 538)]

    def read(_content: bytes, *, kind: Kind, on: Any) -> PaperRead:
        asked.append(kind)
        reading = id_card.front(front, on=on) if kind == Kind.ID_FRONT else id_card.back(back, on=on)
        return PaperRead(reading, Quality(900, 600, 80.0, 0.0, ()), 900, 600, "test engine")

    monkeypatch.setattr(asking, "paper_read", read)
    monkeypatch.setattr(selectors, "is_available", lambda: True)
    return asked


def confirmed(borrower: Borrower, **changed: str) -> Any:
    return borrower.client.post(CONFIRM, {
        "name": borrower.person.name, "id_number": borrower.person.id_number, "ethnicity": "汉", "address": "湖南省长沙市岳麓区",
        "authority": "长沙市公安局岳麓分局", "valid_from": "2019-09-07", "valid_to": "2039-09-07"} | changed)


def test_r1_4_two_pictures_are_read_confirmed_and_verified(borrower: Borrower, reads: list[Kind]) -> None:
    borrower.sign_in()
    borrower.agree("real_name_check", "id_card_pictures")
    assert borrower.client.get(TYPED).headers["Location"] == PHOTOS
    assert "人像面" in borrower.client.get(PHOTOS).content.decode()
    assert borrower.post(PHOTOS, side="front", picture=upload(10)).headers["Location"] == PHOTOS
    assert "国徽面" in borrower.client.get(PHOTOS).content.decode()  # resumed where it was left
    borrower.post(PHOTOS, side="back", picture=upload(20))
    page = borrower.client.get(CONFIRM).content.decode()
    assert borrower.person.id_number in page
    assert page.count("is-doubtful") == 1 and "识别把握 70%" in page
    assert reads == [Kind.ID_FRONT, Kind.ID_BACK]
    answer = confirmed(borrower, address="湖南省长沙市岳麓区某路 1 号")
    assert answer.headers["Location"] == "/h5/onboard/face", answer.content.decode()
    evidence = identity.id_card_evidence(borrower.customer_id)
    assert (evidence.source, evidence.corrected, evidence.needs_closer_look) == ("photos", ("address",), True)
    assert borrower.client.get(PHOTOS).headers["Location"] == TYPED  # nothing left to do


def test_r1_4_refusals_stay_on_the_page_and_keep_what_was_typed(borrower: Borrower, reads: list[Kind], monkeypatch: Any) -> None:
    borrower.sign_in()
    borrower.agree("real_name_check", "id_card_pictures")
    assert "请先拍摄或选择照片" in borrower.post(PHOTOS, side="front").content.decode()
    for refusal, words in ((errors.PaperNotSeen(field="picture"), "没有看清"), (errors.OtherSide(field="picture"), "另一面"),
                           (errors.ReadingBusy(), "稍后再试"), (errors.ReadingFailed(), "手动填写")):
        with monkeypatch.context() as patched:
            def refuse(*_content: Any, refusal: Exception = refusal, **_named: Any) -> None:
                raise refusal

            patched.setattr(asking, "paper_read", refuse)
            told = borrower.post(PHOTOS, side="front", picture=upload(30)).content.decode()
            assert words in told and "请检查" not in told  # what was wrong with the picture, not how many fields are
    assert borrower.client.get(CONFIRM).headers["Location"] == PHOTOS
    borrower.post(PHOTOS, side="front", picture=upload(10))
    borrower.post(PHOTOS, side="back", picture=upload(20))
    page = confirmed(borrower, valid_to="2020-09-07", name="王五六七").content.decode()
    assert "已过期" in page and "王五六七" in page
    assert "id_valid_to_error" in confirmed(borrower, valid_to="soon").content.decode()
    assert "id_id_number_error" in confirmed(borrower, id_number="1234").content.decode()
    assert not identity.customer_get(borrower.customer_id).has_id_card


def test_r1_4_typing_stays_possible_and_is_looked_at_more_closely(borrower: Borrower, reads: list[Kind]) -> None:
    borrower.sign_in()
    borrower.agree("real_name_check", "id_card_pictures")
    assert "改为拍照识别" in borrower.client.get(TYPED, {"typed": "1"}).content.decode()
    borrower.step(TYPED, name=borrower.person.name, id_number=borrower.person.id_number)
    assert identity.id_card_evidence(borrower.customer_id).needs_closer_look


def test_r1_4_without_a_recogniser_the_page_says_so(borrower: Borrower) -> None:
    borrower.sign_in()
    borrower.agree("real_name_check", "id_card_pictures")
    assert "目前不能拍照识别" in borrower.client.get(TYPED).content.decode()
    assert borrower.client.get(PHOTOS).headers["Location"] == TYPED + "?typed=1"


def test_r1_9_pictures_have_a_consent_of_their_own_and_not_now_leads_to_typing(borrower: Borrower, reads: list[Kind]) -> None:
    borrower.sign_in().agree("real_name_check")
    asked = borrower.client.get(PHOTOS).headers["Location"]
    assert asked.startswith("/h5/consent/id_card_pictures?")
    page = borrower.client.get(asked).content.decode()
    assert "身份证照片识别与使用同意书" in page and "typed=1" in page and "SHA-256" in page
    assert borrower.post(PHOTOS, side="front", picture=upload(10)).headers["Location"].startswith("/h5/consent/")
    assert reads == []
    borrower.agree("id_card_pictures")
    borrower.post(PHOTOS, side="front", picture=upload(10))
    assert reads == [Kind.ID_FRONT]
    withdrawal = "/h5/me/consents/id_card_pictures/withdraw"
    assert "立即删除" in borrower.client.get(withdrawal).content.decode()
    assert borrower.post(withdrawal).status_code == 302
    assert selectors.reading_newest(borrower.customer_id, Kind.ID_FRONT) is None
    borrower.step(TYPED, name=borrower.person.name, id_number=borrower.person.id_number)  # the way without pictures holds


def test_r1_9_an_earlier_text_is_shown_as_such_and_asked_again(borrower: Borrower, reads: list[Kind]) -> None:
    borrower.sign_in().agree("real_name_check", "id_card_pictures")
    Consent.objects.filter(purpose="id_card_pictures").update(text_version="2026-01", text_digest="0" * 64)
    assert "文本已更新" in borrower.client.get("/h5/me/consents/").content.decode()
    asked = borrower.client.get(PHOTOS).headers["Location"]
    page = borrower.client.get(asked).content.decode()
    assert "2026-01" in page and "暂不同意" in page
    borrower.agree("id_card_pictures")
    assert borrower.client.get(PHOTOS).status_code == 200
