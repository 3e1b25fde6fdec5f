"""The pages in headless Chromium, light, dark, English and care: they fit, load cleanly and pass axe (R9.1)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.browsers import AXE, NO_BROWSER, PICTURES
from tests.web.h5_onboarding.conftest import PASSWORD, PICTURE, PRODUCT, Borrower
from weidai.web.shared.borrower import COOKIE

LOOKS = {
    "light": {}, "dark_en": {"weidai_theme": "dark", "weidai_lang": "en"}, "care": {"weidai_care": "1"},
}
pytestmark = [pytest.mark.browser, pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)")]


class Viewer:
    """Looks at pages in each look and collects what is wrong."""

    def __init__(self, browser: Any, host: str) -> None:
        self.host, self.wrong, self.looks, self.seen = host, [], {}, 0
        for name, cookies in LOOKS.items():
            context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=1, locale="zh-CN",
                                          timezone_id="Asia/Shanghai")
            context.add_cookies([{"name": key, "value": value, "url": host} for key, value in cookies.items()])
            context.add_init_script(AXE)
            page = context.new_page()
            page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: self.wrong.append(str(error)))
            self.looks[name] = page

    def sign_in(self, borrower: Borrower) -> None:
        for page in self.looks.values():
            page.context.add_cookies([{"name": COOKIE, "value": borrower.client.cookies[COOKIE].value,
                                       "domain": "localhost", "path": "/h5/"}])

    def _looks_now(self) -> list[str]:
        """Light and one other look in turn; every look of every page with WEIDAI_ALL_LOOKS=1 (make test-long)."""
        light, *others = LOOKS
        return list(LOOKS) if os.environ.get("WEIDAI_ALL_LOOKS") == "1" else [light, others[self.seen % len(others)]]

    def look(self, name: str, address: str) -> None:
        self.seen += 1
        for look in self._looks_now():
            page = self.looks[look]
            page.goto(f"{self.host}{address}")
            where = f"{name} {look}"
            if page.evaluate("document.documentElement.scrollWidth") > 390:
                self.wrong.append(f"{where}: scrolls sideways")
            if page.evaluate("!!document.querySelector('input[type=checkbox][checked]')"):
                self.wrong.append(f"{where}: ticked beforehand")
            for found in page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]:
                if found["impact"] in ("serious", "critical"):
                    nodes = "; ".join(node["html"][:120] for node in found["nodes"][:3])
                    self.wrong.append(f"{where}: {found['id']}: {nodes}")
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/{name}_{look}.png", full_page=True)


def test_every_page_on_the_way_fits_and_is_accessible(browser: Any, live_server: Any, borrower: Borrower) -> None:
    viewer = Viewer(browser, live_server.url)
    viewer.look("01_login", "/h5/login")
    viewer.look("02_legal", "/h5/legal/terms")
    borrower.sign_in()
    viewer.sign_in(borrower)
    viewer.look("03_home_new", "/h5/")
    viewer.look("04_onboard_new", "/h5/onboard/")
    viewer.look("05_consent", "/h5/consent/real_name_check")
    borrower.agree("real_name_check", "bank_card_check", "mobile_check")
    viewer.look("06_id_card", "/h5/onboard/id-card")
    borrower.step("/h5/onboard/id-card", name=borrower.person.name, id_number=borrower.person.id_number)
    viewer.look("07_face_no_consent", "/h5/onboard/face")
    borrower.agree("face")
    viewer.look("08_face", "/h5/onboard/face")
    viewer.look("08_face_camera", "/h5/face/camera?purpose=real_name")
    viewer.look("08_face_refused", "/h5/face/problem?kind=still&purpose=real_name")
    borrower.verify()
    viewer.look("09_bank_card", "/h5/onboard/bank-card")
    viewer.look("10_mobile", "/h5/onboard/mobile")
    viewer.look("11_profile", "/h5/onboard/profile")
    viewer.look("12_onboard_done", "/h5/onboard/")
    viewer.look("13_credit_empty", "/h5/credit/")
    viewer.look("14_products", "/h5/products/")
    viewer.look("15_apply_closed", f"/h5/apply/{PRODUCT}/")
    borrower.agree("payment_data", "social_data", "credit_report", "credit_reporting").step("/h5/credit/").step("/h5/credit/")
    viewer.look("16_credit", "/h5/credit/")
    viewer.look("17_apply", f"/h5/apply/{PRODUCT}/")
    progress = borrower.applied()
    viewer.look("18_progress", progress)
    borrower.deliver()
    viewer.look("19_offer", progress)
    activate = borrower.post(f"{progress}accept").headers["Location"]
    viewer.look("20_accepted", progress)
    viewer.look("21_home_granted", "/h5/")
    viewer.look("22_activate_card", activate)
    borrower.step(f"{activate}card", card_id=str(borrower.cards()[0].id))
    viewer.look("23_activate_password", activate)
    borrower.step(f"{activate}password", password=PASSWORD, again=PASSWORD)
    viewer.look("24_activate_face", activate)
    borrower.step(f"{activate}face", picture=borrower.picture())
    viewer.look("25_activate_done", activate)
    viewer.look("26_home", "/h5/")
    viewer.look("27_limit", "/h5/limit/")
    viewer.look("28_messages", "/h5/messages/")
    viewer.look("29_consents", "/h5/me/consents/")
    viewer.look("30_withdraw", "/h5/me/consents/credit_report/withdraw")
    viewer.look("31_applications", "/h5/applications/")
    assert viewer.wrong == [], "\n".join(viewer.wrong)


def test_clicking_through_registration_and_progress(
    browser: Any, live_server: Any, borrower: Borrower, tmp_path: Path,
) -> None:
    """Real clicks: code, consent, ID card, picture from a file; then a result that arrives without a reload."""
    import re

    (tmp_path / "face.jpg").write_bytes(PICTURE)
    page = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN").new_page()
    page.goto(f"{live_server.url}/h5/")
    page.fill("[name=mobile]", borrower.person.mobile)
    page.check("[name=agrees]")
    page.click("text=获取验证码")
    page.wait_for_url("**/h5/login/code**")
    borrower.deliver()
    code = re.search(r"\d{6}", borrower.world.last_sms(borrower.person.mobile) or "")
    assert code is not None
    page.fill("[name=code]", code[0])
    page.click(".wd-action button")
    page.wait_for_url("**/h5/")
    page.click("text=去认证")
    page.click(".wd-action button")  # agree to the identity check
    page.wait_for_url("**/h5/onboard/id-card")
    page.fill("[name=name]", borrower.person.name)
    page.fill("[name=id_number]", borrower.person.id_number)
    page.click(".wd-action button")
    page.wait_for_url("**/h5/onboard/face")
    page.click("text=阅读单独同意书")
    page.click(".wd-action button")
    page.click("text=演示：没有摄像头？")
    page.set_input_files("[name=picture]", str(tmp_path / "face.jpg"))
    page.click("text=模拟比对")
    page.wait_for_url("**/h5/onboard/")
    assert page.get_by_text("实名认证已完成").is_visible()
    borrower.client.cookies[COOKIE] = next(
        cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE)
    progress = borrower.applied()
    page.goto(f"{live_server.url}{progress}")
    borrower.deliver()
    page.get_by_text("额度是这样算的").or_(page.get_by_text("本次申请未通过")).wait_for()
