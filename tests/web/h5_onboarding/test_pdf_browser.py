"""A PDF sent from a phone in headless Chromium: chosen, kept, read, its pages shown as pictures, checked (R4.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.services.origination.paper_kit import reads, reads_pdfs, statement
from tests.specimens import fonts, pdfs
from tests.support.browsers import NO_BROWSER
from tests.web.h5_onboarding.conftest import PRODUCT, Borrower
from tests.web.h5_onboarding.test_id_photos_browser import opened, shot
from tests.web.h5_onboarding.test_papers_browser import SALARIES
from weidai.vision import errors as vision_errors
from weidai.vision import selectors as vision

pytestmark = [
    pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
]


def test_r4_1_a_pdf_is_sent_shown_as_pictures_and_checked(
    browser: Any, live_server: Any, borrower: Borrower, monkeypatch: Any, tmp_path: Path,
) -> None:
    from weidai.vision import pdf_answers

    host = live_server.url.replace("127.0.0.1", "localhost")
    borrower.sign_in().verify().agree("payment_data", "credit_report", "credit_reporting", "income_papers").step("/h5/credit/")
    drawn = pdfs.statement(3, fonts.BUILD[0], pages=2)
    reads(monkeypatch, statement(*SALARIES, name=borrower.person.name))
    reads_pdfs(monkeypatch, statement(*SALARIES, name=borrower.person.name))
    monkeypatch.setattr(vision, "page_picture", lambda content, number: pdf_answers.answered(
        {"do": "show", "page": number - 1}, content)[1])
    (tmp_path / "流水.pdf").write_bytes(drawn.content)
    page = opened(browser, host, borrower)
    page.goto(f"{host}/h5/apply/{PRODUCT}/")
    page.get_by_role("button", name="上传材料").click()
    page.get_by_role("link", name="+ 工资卡银行流水").first.click()
    page.set_input_files("input[type=file]", str(tmp_path / "流水.pdf"))
    shot(page, "pdf_1_chosen")
    page.locator("#use, .wd-action .weui-btn_primary").locator("visible=true").first.click()
    page.get_by_text("正在识别 1 页").wait_for()
    borrower.deliver()
    page.get_by_role("link", name="去核对").click()
    pictures = page.locator(".pa-sheets img")
    pictures.first.wait_for()
    assert pictures.count() == 2 and page.locator("embed, object, iframe").count() == 0
    page.wait_for_load_state("networkidle")
    assert pictures.first.evaluate("one => one.naturalWidth") > 500
    shot(page, "pdf_2_check")
    page.get_by_role("button", name="核对无误").click()
    page.get_by_text("已核对").first.wait_for()
    shot(page, "pdf_3_list")

    def locked(_content: bytes) -> Any:
        raise vision_errors.PdfLocked(field="file")

    monkeypatch.setattr(vision, "page_sizes", locked)
    (tmp_path / "locked.pdf").write_bytes(pdfs.payslip(1, fonts.BUILD[0]).content)
    page.get_by_role("link", name="+ 工资单").first.click()
    page.set_input_files("input[type=file]", str(tmp_path / "locked.pdf"))
    page.locator("#use, .wd-action .weui-btn_primary").locator("visible=true").first.click()
    page.get_by_text("这份 PDF 设有密码").first.wait_for()
    shot(page, "pdf_4_locked")
    assert [one for one in page.wrong if "422" not in one] == []  # the refusal itself
