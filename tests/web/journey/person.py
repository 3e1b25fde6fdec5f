"""A person with a phone: taps what the page offers, reads codes from the inbox, and notices what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.browsers import chromium_running, playwright_running
from tests.web.journey.stack import Stack, main_card

PASSWORD = "274916"
_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


class Watched:
    """One browser window; whatever a visitor would call broken is collected in `wrong`."""

    def __init__(self, browser: Any, base: str, *, width: int, pictures: Path, wrong: list[str]) -> None:
        context = browser.new_context(viewport={"width": width, "height": 844}, locale="zh-CN",
                                      timezone_id="Asia/Shanghai", accept_downloads=True)
        self.page, self.base, self._pictures, self._wrong = context.new_page(), base, pictures, wrong
        self._host = urlsplit(base).netloc
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("request", self._request)
        self.page.on("response", lambda answer: self._note(f"{answer.status} {answer.url}")
                     if answer.status >= 500 else None)

    def _note(self, what: str) -> None:
        self._wrong.append(f"{urlsplit(self.page.url).path}: {what}")

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self._note(message.text)

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._host:
            self._note(f"outside request {request.url}")

    def open(self, path: str) -> Watched:
        self.page.goto(f"{self.base}{path}")
        return self

    def see(self, *words: str) -> Watched:
        for word in words:
            self.page.get_by_text(word).locator("visible=true").first.wait_for()
        return self

    def tap(self, words: str) -> Watched:
        """Press the button or follow the link with these words."""
        self.page.locator("button, a, summary").filter(has_text=words).locator("visible=true").first.click()
        self.page.wait_for_load_state("load")
        return self

    def fill(self, **values: str) -> Watched:
        for name, value in values.items():
            self.page.fill(f"[name={name}]", value)
        return self

    def choose(self, name: str, value: str = "") -> Watched:
        """Choose from a list or tick a radio (the first one without a value)."""
        if self.page.locator(f"select[name={name}]").count():
            self.page.select_option(f"[name={name}]", value)
            return self
        wanted = f"[name={name}][value='{value}']" if value else f"[name={name}]"
        self.page.locator(wanted).first.check(force=True)
        return self

    def text(self) -> str:
        return str(self.page.inner_text("main, body"))

    def shot(self, name: str) -> Watched:
        """Keep a picture; a phone page must not scroll sideways."""
        if self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") > 1:
            self._note("scrolls sideways")
        size = self.page.viewport_size
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(height, 6000))})
        self.page.screenshot(path=str(self._pictures / f"{name}.png"))
        self.page.set_viewport_size(size)
        return self


class Person(Watched):
    """A borrower at the phone pages of a running installation."""

    def __init__(self, browser: Any, stack: Stack, facts: dict[str, Any], *, pictures: Path, wrong: list[str]) -> None:
        super().__init__(browser, stack.web, width=390, pictures=pictures, wrong=wrong)
        self.stack, self.facts = stack, facts
        self.outside = Watched(browser, stack.world, width=1100, pictures=pictures, wrong=wrong)
        self._codes_used: set[str] = set()
        self.face = pictures / "face.jpg"
        self.face.write_bytes(b"\xff\xd8\xff\xe0" + b"face" * 64)

    def code(self) -> str:
        """Read the newest code in the inbox, as soon as a new one is there."""
        for _ in range(100):
            self.outside.open(f"/sms?mobile={self.facts['mobile']}")
            found = _CODE.findall(self.outside.text().replace(self.facts["mobile"], ""))
            if found and found[0] not in self._codes_used:
                self._codes_used.add(found[0])
                return str(found[0])
            self.page.wait_for_timeout(300)
        raise AssertionError("no code came")

    def ask_for_code(self) -> None:
        """Ask for a code; a number gets one a minute, so wait as long as the page says."""
        self.tap("获取验证码")
        if (found := re.search(r"(\d+) 秒后可重新获取", self.text())) and "暂时无法办理" in self.text():
            self._wrong[:] = [what for what in self._wrong if not ("/code/send" in what and "429" in what)]
            self.page.wait_for_timeout(int(found[1]) * 1000)
            self.tap("获取验证码")

    def come(self, path: str) -> Person:
        """Open a page, signing in again when the session has ended meanwhile."""
        self.open(path)
        if urlsplit(self.page.url).path.startswith("/h5/login"):
            self.sign_in()
            self.open(path)
        return self

    def sign_in(self) -> None:
        self.fill(mobile=self.facts["mobile"])
        self.page.check("[name=agrees]", force=True)
        self.tap("获取验证码")
        self.page.wait_for_url("**/login/code**")
        self.fill(code=self.code())
        self.page.click(".wd-action button")
        self.page.wait_for_url(re.compile(r"/h5/(?!login)"))

    def agree(self) -> None:
        """Read one consent and agree; the button of the same weight beside it says not now."""
        self.page.locator(".wd-action button").filter(has_text="同意").click()
        self.page.wait_for_url(re.compile(r"^(?!.*/consent/)"))

    def agreed_tap(self, words: str) -> Person:
        """Tap; agree wherever a separate consent is asked for on the way."""
        self.tap(words)
        while "/consent/" in self.page.url:
            self.page.locator(".wd-action button").filter(has_text="同意").click()
            self.page.wait_for_load_state("load")
        return self

    def show_face(self) -> None:
        """Give the separate consent when it is missing and let the sandbox's vendor play the check."""
        if self.page.get_by_text("阅读单独同意书").count():
            self.agreed_tap("阅读单独同意书")
        self.tap("演示：没有摄像头？")
        self.page.set_input_files("[name=picture]", str(self.face))
        self.tap("模拟比对")

    def card(self) -> str:
        number = main_card(self.facts)
        assert number is not None
        return number

    def money_in_bank(self, yuan: int) -> None:
        """Set the main account at the bank, without salary from now on."""
        self.outside.open(f"/people/{self.facts['id_number']}")
        form = self.outside.page.locator("form", has=self.outside.page.locator(f"input[value='{self.card()}']")).filter(
            has=self.outside.page.locator("[name=balance]")).first
        form.evaluate("form => { const fold = form.closest('details'); if (fold) { fold.open = true; } }")
        form.locator("[name=balance]").fill(str(yuan))
        form.locator("[name=freeze_income]").check()
        form.locator("button").first.click()
        self.outside.page.wait_for_load_state("load")

    def days_left(self) -> int:
        """Return how many days the bills page says there are until the next due day."""
        found = re.search(r"还有 (\d+) 天", self.come("/h5/bills/").text())
        assert found is not None, self.text()
        return int(found[1])

    def repay(self, kind: str, name: str) -> Person:
        """Pay from the bound card: `due` or `settle`; ends on the page of its result."""
        self.come("/h5/bills/").tap("还款")
        self.choose("kind", kind)
        if not self.page.locator("[name=card]:checked").count():
            self.choose("card")
        self.shot(f"{name}_1_ask")
        self.tap("下一步")
        self.shot(f"{name}_2_confirm")
        self.tap("确认还款")
        self.page.wait_for_url("**/debits/**")
        self.page.locator("h1:not(:has-text('银行正在扣款'))").first.wait_for()  # the bank may take its seconds
        return self


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Headless Chromium; its event loop lives in this thread, so nothing here touches the database."""
    with playwright_running(database=False) as playwright, chromium_running(playwright) as browser:
        yield browser
