"""Papers on the pages: what is needed, files refused beside the field, checked, taken back; a card's number from a picture."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.services.origination.paper_kit import PDF, debit_card, picture, reads, slip, statement
from tests.web.h5_onboarding.conftest import PRODUCT, Borrower
from weidai.files.models import StoredFile
from weidai.origination import selectors
from weidai.vision import errors as vision_errors
from weidai.vision.models import PaperReading

pytestmark = pytest.mark.django_db


def upload(shade: int = 90, name: str = "slip.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or picture(shade), "image/jpeg")


@pytest.fixture
def papers(borrower: Borrower) -> str:
    """A verified person on the documents page of a draft; the page's address."""
    borrower.sign_in().verify().agree("payment_data", "credit_report", "credit_reporting").step("/h5/credit/")
    page = borrower.client.get(f"/h5/apply/{PRODUCT}/").content.decode()
    assert "收入证明" in page and f"/h5/apply/{PRODUCT}/papers" in page
    address = str(borrower.post(f"/h5/apply/{PRODUCT}/papers").headers["Location"])
    asked = borrower.client.get(f"{address}send/payslip").headers["Location"]  # the consent comes first, and leads back (R1.9)
    assert asked.startswith("/h5/consent/income_papers?next=") and "send%2Fpayslip" in asked
    assert "敏感个人信息" in borrower.client.get(asked).content.decode()
    borrower.agree("income_papers")
    return address


def test_r4_1_papers_are_sent_checked_and_taken_back_on_the_pages(borrower: Borrower, papers: str, monkeypatch: Any) -> None:
    reads(monkeypatch, slip(name=borrower.person.name),
          statement(("2026-01-15", "工资", 750_000, 950_000), ("2026-01-20", "消费", -1, 1)))
    client, send = borrower.client, f"{papers}send/"
    assert "5,000" in client.get(papers).content.decode() and "50,000" in client.get(f"{papers}?lang=en").content.decode()
    client.get(f"{papers}?lang=zh")
    assert "请先拍摄或选择文件" in borrower.post(f"{send}payslip").content.decode()
    wrong = borrower.post(f"{send}payslip", file=[upload(), upload(content=b"MZ" + b"x" * 500, name="x.exe")])
    assert wrong.status_code == 422 and "已收到 1 个文件" in wrong.content.decode()
    assert "不是可接受的格式" in wrong.content.decode()
    assert "/h5/" not in borrower.post(f"{send}id_card_front", file=upload()).headers.get("Location", "")
    assert client.get(f"{send}id_card_front").status_code == client.get(f"{send}nonsense").status_code == 404
    assert borrower.post(f"{send}salary_statement", file=[upload(10), upload(content=PDF, name="a.pdf")]).status_code == 302
    listed = client.get(papers).content.decode()
    assert "正在识别 2 页，共 3 页" in listed and "hx-trigger" in listed and "不能自动识别 PDF" in listed
    borrower.deliver()
    listed = client.get(f"{papers}part").content.decode()
    assert "有 2 页识别结果待您核对" in listed and "hx-trigger" not in listed
    first, second, pdf = selectors.application_papers(borrower.customer_id, _id(papers))
    page = client.get(f"{papers}{first.id}/").content.decode()
    assert 'value="7500.00"' in page and page.count("is-doubtful") == 1 and "识别把握 70%" in page
    answer = borrower.post(f"{papers}{first.id}/", name=borrower.person.name, pay_month="last month", net_fen="7,500.005")
    assert answer.status_code == 422 and "金额最多两位小数" in answer.content.decode()
    answer = borrower.post(f"{papers}{first.id}/", **_as_read(first) | {"pay_month": "last month"})
    assert 'id="id_pay_month_error"' in answer.content.decode() and "last month" in answer.content.decode()
    answer = borrower.post(f"{papers}{first.id}/", **_as_read(first) | {"net_fen": "8,000"})
    assert answer.headers["Location"] == f"{papers}{second.id}/"  # on to the next page to be checked
    page = client.get(f"{papers}{second.id}/").content.decode()
    assert "接不上" in page and page.count('class="is-broken"') == 1
    assert client.get(f"{papers}{pdf.id}/picture")["Content-Disposition"].startswith("attachment")
    assert client.get(f"{papers}{first.id}/picture")["Content-Type"] == "image/jpeg"
    assert borrower.post(f"{papers}{second.id}/remove").headers["Location"] == papers
    assert borrower.post(f"{papers}{second.id}/remove").status_code == 302  # a double click
    assert client.get(f"{papers}{second.id}/").status_code == 404
    assert "2 页" in client.get(f"/h5/apply/{PRODUCT}/").content.decode()


def test_r4_1_another_persons_papers_are_not_there(borrower: Borrower, papers: str, monkeypatch: Any) -> None:
    reads(monkeypatch, slip())
    borrower.step(f"{papers}send/payslip", file=upload())
    paper = selectors.application_papers(borrower.customer_id, _id(papers))[0]
    people, _ = borrower.world.people("salaried", 20)
    other = Borrower(borrower.world, next(one for one in people if one.mobile != borrower.person.mobile)).sign_in()
    for address in ("", "part", "send/payslip", f"{paper.id}/", f"{paper.id}/picture"):
        assert other.client.get(papers + address).status_code == 404, address
    assert other.post(f"{papers}{paper.id}/remove").status_code == 404
    assert len(selectors.application_papers(borrower.customer_id, _id(papers))) == 1


def test_r1_6_a_cards_number_is_filled_in_and_the_picture_kept_nowhere(borrower: Borrower, monkeypatch: Any) -> None:
    photo, page = "/h5/onboard/bank-card/photo", "/h5/onboard/bank-card"
    borrower.sign_in().agree("real_name_check", "bank_card_check")
    borrower.step("/h5/onboard/id-card", name=borrower.person.name, id_number=borrower.person.id_number)
    assert photo not in borrower.client.get(page).content.decode()  # no reader here
    assert borrower.client.get(photo).headers["Location"].startswith(page)
    files, readings = StoredFile.objects.count(), PaperReading.objects.count()
    reads(monkeypatch, vision_errors.PaperNotSeen(field="picture"), debit_card(borrower.card_number, 0.8))
    assert photo in borrower.client.get(page).content.decode()
    assert "没有看清" in borrower.post(photo, picture=upload(), next="/h5/me/cards/").content.decode()
    read = borrower.post(photo, picture=upload(7), next="/h5/me/cards/").content.decode()
    spaced = " ".join(borrower.card_number[at:at + 4] for at in range(0, len(borrower.card_number), 4))
    assert f'value="{spaced}"' in read and "80%" in read and 'value="/h5/me/cards/"' in read
    assert (StoredFile.objects.count(), PaperReading.objects.count()) == (files, readings)
    assert borrower.post(page, card_number=spaced, next="/h5/me/cards/").headers["Location"] == "/h5/me/cards/"
    assert len(borrower.cards()) == 1


def _id(papers: str) -> Any:
    from uuid import UUID

    return UUID(papers.rstrip("/").split("/")[-2])


def _as_read(paper: Any) -> dict[str, str]:
    return {row.code: f"{int(row.value) / 100:.2f}" if row.is_money else row.value for row in paper.fields}
