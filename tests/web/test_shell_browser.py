"""The shell in headless Chromium: no sideways scrolling, no blocked or outside request, no script error (R9.1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.browsers import AXE, NO_BROWSER
from tests.web.staff_session import staff_client
from weidai.staff.rules import Role
from weidai.web.shared.style_guide import PAGES

LOOKS = {
    "light": {"weidai_theme": "light"}, "dark_en": {"weidai_theme": "dark", "weidai_lang": "en"},
    "care": {"weidai_care": "1"}, "care_en": {"weidai_care": "1", "weidai_lang": "en"},
}
pytestmark = [
    pytest.mark.browser, pytest.mark.urls("tests.web.shell_urls"), pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
]


def _page(
    browser: Any, host: str, width: int, cookies: dict[str, str], **options: Any,
) -> tuple[Any, list[str]]:
    context = browser.new_context(viewport={"width": width, "height": 844}, locale="zh-CN",
                                  timezone_id="Asia/Shanghai", **options)
    context.add_cookies([{"name": name, "value": value, "url": host} for name, value in cookies.items()])
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((host, "data:", "blob:"))
            else wrong.append(f"outside request {request.url}"))
    return page, wrong


@pytest.mark.parametrize("look", LOOKS)
def test_borrower_components_fit_and_load_cleanly(browser: Any, live_server: Any, look: str) -> None:
    for width in (390, 320):
        page, wrong = _page(browser, live_server.url, width, LOOKS[look])
        for name in PAGES:
            page.goto(f"{live_server.url}/style-guide/h5/{name}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        assert wrong == []
        page.context.close()


@pytest.mark.parametrize("look", ["light", "dark_en"])
def test_console_components_load_cleanly_and_the_chart_is_drawn(browser: Any, live_server: Any, look: str) -> None:
    page, wrong = _page(browser, live_server.url, 1440, LOOKS[look])
    page.goto(f"{live_server.url}/style-guide/console")
    page.wait_for_selector(".wd-chart__canvas canvas")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    assert wrong == []
    page.context.close()


def test_reading_holds_the_button_until_time_and_end(browser: Any, live_server: Any) -> None:
    page, _ = _page(browser, live_server.url, 390, {})
    page.goto(f"{live_server.url}/style-guide/h5/reading")
    assert page.is_disabled("#confirm-button")
    page.evaluate("document.querySelector('.wd-reading__text').scrollTop = 99999")
    assert page.is_disabled("#confirm-button"), "the end alone is not enough"
    page.wait_for_selector("#confirm-button:not([disabled])")
    page.context.close()


def test_form_works_without_scripts(browser: Any, live_server: Any) -> None:
    page, _ = _page(browser, live_server.url, 390, {}, java_script_enabled=False)
    page.goto(f"{live_server.url}/style-guide/h5/form")
    page.fill("#id_amount_fen", "1.234")
    page.click("button[form=example]")
    assert page.inner_text("#id_amount_fen_error") == "金额最多两位小数。"
    assert page.input_value("#id_amount_fen") == "1.234"
    page.context.close()


def _violations(page: Any) -> list[str]:
    """What axe finds against WCAG 2.1 AA on the open page."""
    checked, found = page.evaluate(
        "async () => { const r = await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']});"
        "return [r.passes.map(p => p.id), r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map("
        "n => n.target.join(' ') + ' ' + (n.any[0] || {}).message))]; }")
    assert "color-contrast" in checked + [item.split(":")[0] for item in found], "axe looked at nothing"
    return [f"{page.url} {item}" for item in found]


@pytest.mark.parametrize("look", ["light", "dark_en"])
def test_borrower_pages_pass_axe(browser: Any, live_server: Any, look: str) -> None:
    page, _ = _page(browser, live_server.url, 390, LOOKS[look], bypass_csp=True)
    page.add_init_script(AXE)
    found: list[str] = []
    for path in ("/", "/h5/preferences", "/nope", *(f"/style-guide/h5/{name}" for name in PAGES)):
        page.goto(f"{live_server.url}{path}")
        found += _violations(page)
    page.goto(f"{live_server.url}/style-guide/h5/form")
    page.click("button[form=example]")
    page.wait_for_selector("#id_amount_fen_error")
    assert found + _violations(page) == []
    page.context.close()


@pytest.mark.parametrize("look", ["light", "dark_en"])
def test_console_pages_pass_axe(browser: Any, live_server: Any, look: str) -> None:
    session = staff_client(Role.ADMINISTRATOR).cookies["weidai_staff"].value
    page, _ = _page(browser, live_server.url, 1440, {**LOOKS[look], "weidai_staff": session}, bypass_csp=True)
    page.add_init_script(AXE)
    found: list[str] = []
    for path in ("/console/", "/console/staff", "/console/staff/permissions", "/style-guide/console",
                 "/console/account/2fa/", "/console/account/password/", "/console/nope"):
        page.goto(f"{live_server.url}{path}")
        found += _violations(page)
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/console/account/login/")
    assert found + _violations(page) == []
    page.context.close()
