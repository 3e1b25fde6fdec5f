"""A PDF at the reviewer's desk: its pages as pictures under the boxes of what was read; the PDF itself never opens (R4.1)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.services.credit_support import customer_make
from tests.specimens import fonts, pdfs
from tests.specimens.pdf_measure import read
from tests.support.browsers import AXE, NO_BROWSER
from tests.web.console.paper_rows import page_row
from tests.web.console.rows import case_row
from tests.web.console.test_paper_desk_browser import LOOKS, _page
from tests.web.staff_session import staff_user
from weidai.origination.models import ReviewTask
from weidai.staff.rules import Role
from weidai.vision import selectors as vision

pytestmark = [
    pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
]
SEED = 1  # pages that stand upright: two of them are higher than the stage


@pytest.fixture(scope="module")
def drawn() -> Any:
    """A statement of two pages, and what is read of it."""
    pytest.importorskip("pypdfium2")
    pytest.importorskip("rapidocr")
    from weidai.vision.reader import Reader

    paper = pdfs.statement(SEED, fonts.BUILD[0], pages=2)
    return paper, read(Reader(), paper.content, paper.kind)


@pytest.fixture
def desk(drawn: Any, monkeypatch: Any) -> str:
    """The desk of that statement, its case held by this person; pages are drawn in this process."""
    from weidai.vision import pdf_answers

    monkeypatch.setattr(vision, "is_available", lambda: True)
    monkeypatch.setattr(vision, "page_picture", lambda content, number: pdf_answers.answered(
        {"do": "show", "page": number - 1}, content)[1])
    application, task = case_row(customer_make(1))
    page = page_row(application, "salary_statement", drawn[1], content=drawn[0].content)
    holder = staff_user([Role.REVIEWER], "one")
    ReviewTask.objects.filter(id=task.id).update(claimed_by=str(holder.pk), locked_until="2090-01-01T00:00:00Z")
    return f"/console/applications/{application.id}/papers/{page.id}"


@pytest.mark.parametrize("look", LOOKS)
def test_r4_1_the_pages_of_a_pdf_stand_under_their_boxes(
    browser: Any, live_server: Any, drawn: Any, desk: str, look: str,
) -> None:
    from playwright.sync_api import expect

    page, wrong = _page(browser, live_server.url, LOOKS[look])
    pictures: list[tuple[int, str]] = []
    page.on("response", lambda answer: pictures.append((answer.status, answer.headers["content-type"]))
            if "page=" in answer.url else None)
    page.goto(f"{live_server.url}{desk}")
    page.wait_for_load_state("networkidle")
    assert pictures == [(200, "image/jpeg")] * 2
    assert page.locator(".pp-picture image").count() == 2 and page.locator("[data-page]").inner_text() == "1"
    assert page.locator("embed, object, iframe").count() == 0
    assert page.get_by_role("link", name="PDF", exact=False).first.get_attribute("download") is not None
    last = f"row.{len(drawn[0].rows)}"
    page.locator(f'[data-field="{last}"] select').focus()  # the stage goes to the page it stands on
    expect(page.locator("[data-page]")).to_have_text("2")
    box = page.locator(f'[data-box="{last}"] polygon').bounding_box()
    stage = page.locator(".pp-stage").bounding_box()
    assert stage["y"] <= box["y"] <= stage["y"] + stage["height"]
    page.evaluate(AXE)
    assert page.evaluate("async () => (await axe.run()).violations.map(one => [one.id, one.nodes[0].html])") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1400 and wrong == []
    if folder := os.environ.get("WEIDAI_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"pdf_desk_{look}_2.png"))
        page.evaluate("window.scrollTo(0, 0); document.querySelector('.pp-stage').scrollTop = 0")
        page.screenshot(path=str(Path(folder) / f"pdf_desk_{look}.png"))
