"""The desk in headless Chromium: boxes light up with fields, zoom, turn, keys, take-over; axe finds nothing (R4.1, R9.1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.services.credit_support import customer_make
from tests.support.browsers import AXE, NO_BROWSER
from tests.web.console.paper_rows import page_row, slip, statement
from tests.web.console.rows import case_row
from tests.web.staff_session import staff_client, staff_user
from weidai.origination.models import ReviewTask
from weidai.staff.rules import Role

pytestmark = [
    pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
]
LOOKS = {"light": {"weidai_theme": "light"}, "dark_en": {"weidai_theme": "dark", "weidai_lang": "en"}}


def _case() -> tuple[str, list[str]]:
    """A case this person holds for years: the server's threads live in real time."""
    application, task = case_row(customer_make(1))
    pages = [page_row(application, "payslip", slip(), shade=20),
             page_row(application, "salary_statement", statement(broken=3), shade=120)]
    holder = staff_user([Role.REVIEWER], "one")
    ReviewTask.objects.filter(id=task.id).update(claimed_by=str(holder.pk), locked_until=datetime(2090, 1, 1, tzinfo=UTC))
    case = f"/console/applications/{application.id}"
    return case, [f"{case}/papers/{page.id}" for page in pages]


def _page(browser: Any, host: str, look: dict[str, str]) -> tuple[Any, list[str]]:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    session = {key: part.value for key, part in staff_client(Role.REVIEWER, username="one").cookies.items()}
    context.add_cookies([{"name": name, "value": value, "url": host} for name, value in (look | session).items()])
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return page, wrong


@pytest.mark.parametrize("look", LOOKS)
def test_r9_1_case_and_desk_are_clean_in_both_languages_and_looks(browser: Any, live_server: Any, look: str) -> None:
    case, desks = _case()
    page, wrong = _page(browser, live_server.url, LOOKS[look])
    for address in (case, *desks):
        page.goto(f"{live_server.url}{address}")
        page.evaluate(AXE)
        found = page.evaluate("async () => (await axe.run()).violations.map(one => [one.id, one.nodes[0].html])")
        assert found == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 1400, address
    assert wrong == []


def test_r4_1_boxes_and_fields_light_up_together_and_keys_judge(browser: Any, live_server: Any) -> None:
    case, (desk, _) = _case()
    page, wrong = _page(browser, live_server.url, {})
    page.goto(f"{live_server.url}{desk}")
    lit = page.locator(".pp-box.is-lit")
    page.locator('[data-field="net_fen"]').hover()
    assert lit.get_attribute("data-box") == "net_fen"
    page.locator('[data-box="name"] polygon').click()
    assert (lit.get_attribute("data-box"), page.evaluate("document.activeElement.name")) == ("name", "verdict.name")
    for key in ("+", "r", "a", "d"):  # larger, turned, the name is right, the employer is in doubt
        page.keyboard.press(key)
    assert page.locator("[data-scale]").inner_text() == "125%"
    assert page.locator(".pp-picture").get_attribute("viewBox") == "0 0 480 640"
    assert page.locator('input[name="verdict.name"][value="accepted"]').is_checked()
    assert page.locator('input[name="verdict.employer"][value="doubted"]').is_checked()
    page.fill('input[name="note.employer"]', "add-r 0")  # letters typed into a field are no keys
    assert page.locator("[data-scale]").inner_text() == "125%"
    page.locator('button[name="rest"]').click()
    page.wait_for_url(lambda url: "/papers/" in url and desk not in url)  # nothing open here: on to the statement
    page.goto(f"{live_server.url}{case}")
    page.locator("[data-fill]").click()
    assert page.input_value("#id_verified_monthly_income_fen") == "4000.00"  # 12,000 over three months
    assert wrong == []
