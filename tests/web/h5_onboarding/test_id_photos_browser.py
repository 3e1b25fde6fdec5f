"""The ID card in headless Chromium with a real recogniser: files, quality told first, refused and missing camera (R1.4)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.specimens import camera, cards, fonts, people
from tests.support.browsers import NO_BROWSER, PICTURES
from tests.web.h5_onboarding.conftest import Borrower
from weidai.identity import selectors as identity
from weidai.vision import asking
from weidai.web.shared.borrower import COOKIE

pytestmark = [
    pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
]


@pytest.fixture(scope="module")
def recogniser() -> Iterator[None]:
    pytest.importorskip("rapidocr", reason="the vision group is not installed: make setup")
    process = subprocess.Popen([sys.executable, "-m", "weidai.cli", "reader"])
    for _ in range(200):
        if asking.is_available():
            break
        time.sleep(0.1)
    yield
    process.terminate()
    process.wait(timeout=10)


def specimen(borrower: Borrower, folder: Path) -> tuple[Path, Path]:
    """Both sides of the world's person, photographed ordinarily."""
    number = borrower.person.id_number
    who = people.Person(
        name=borrower.person.name, sex="女男"[int(number[16]) % 2], ethnicity="汉",
        birth_on=date(int(number[6:10]), int(number[10:12]), int(number[12:14])), address="湖南省长沙市岳麓区人民路8号3栋201室",
        number=number, authority="长沙市公安局岳麓分局", valid_from=date(2019, 9, 7), valid_to=date(2039, 9, 7))
    paths = folder / "front.jpg", folder / "back.jpg"
    for path, side in zip(paths, (cards.front, cards.back), strict=True):
        path.write_bytes(camera.photograph(side(who, fonts.BUILD[0], seed=7), tier=1, seed=9))
    return paths


def shot(page: Any, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, f"{name} scrolls sideways"
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def opened(browser: Any, host: str, borrower: Borrower, **more: Any) -> Any:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", timezone_id="Asia/Shanghai", **more)
    context.add_cookies([{"name": COOKIE, "value": borrower.client.cookies[COOKIE].value, "domain": "localhost", "path": "/h5/"}])
    page = context.new_page()
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda message: page.wrong.append(message.text) if message.type == "error" else None)
    return page


def test_r1_4_two_files_are_read_and_verified(
    browser: Any, live_server: Any, borrower: Borrower, recogniser: None, tmp_path: Path,
) -> None:
    host = live_server.url.replace("127.0.0.1", "localhost")
    borrower.sign_in().agree("real_name_check", "id_card_pictures")
    front, back = specimen(borrower, tmp_path)
    page = opened(browser, host, borrower)
    page.goto(f"{host}/h5/onboard/id-card")
    assert page.url.endswith("/photos")
    shot(page, "id_1_front")
    small = tmp_path / "small.jpg"
    from PIL import Image

    Image.open(front).resize((320, 240)).save(small)
    page.set_input_files("input[type=file]", str(small))
    page.get_by_text("照片太小").wait_for()
    assert not page.locator("#use").is_visible()
    shot(page, "id_2_small")
    page.set_input_files("input[type=file]", str(front))
    page.get_by_text("看得清姓名和号码吗？").wait_for()
    shot(page, "id_3_review")
    page.click("#use")
    page.get_by_role("heading", name="拍摄国徽面").wait_for()
    page.set_input_files("input[type=file]", str(front))  # the same side again
    page.click("#use")
    page.get_by_text("这是身份证的另一面").first.wait_for()
    shot(page, "id_4_other_side")
    page.set_input_files("input[type=file]", str(back))
    page.click("#use")
    page.wait_for_url("**/confirm")
    assert page.input_value("[name=id_number]") == borrower.person.id_number
    assert page.input_value("[name=name]") == borrower.person.name
    shot(page, "id_5_confirm")
    for look, query in (("dark_en", "?lang=en&theme=dark"),):
        page.goto(f"{host}/h5/onboard/id-card/confirm{query}")
        shot(page, f"id_5_confirm_{look}")
        page.goto(f"{host}/h5/onboard/id-card/photos?side=back&lang=en&theme=dark")
        shot(page, f"id_1_back_{look}")
    page.goto(f"{host}/h5/onboard/id-card/confirm?lang=zh&theme=light")
    page.click("button[type=submit]")
    page.wait_for_url("**/onboard/face")
    evidence = identity.id_card_evidence(borrower.customer_id)
    assert (evidence.source, evidence.corrected) == ("photos", ())
    wrong = [what for what in page.wrong if "422" not in what]  # the refused second picture
    assert wrong == []


def test_r1_4_a_refused_and_a_missing_camera_leave_the_file_and_typing(
    browser: Any, live_server: Any, borrower: Borrower, recogniser: None,
) -> None:
    host = live_server.url.replace("127.0.0.1", "localhost")
    borrower.sign_in().agree("real_name_check", "id_card_pictures")
    allowed = opened(browser, host, borrower, permissions=["camera"])
    allowed.goto(f"{host}/h5/onboard/id-card/photos")
    allowed.click("#open")
    allowed.get_by_text("把证件放进框内").wait_for()
    shot(allowed, "id_6_live")
    allowed.click("#shoot")
    allowed.locator("#again").wait_for()
    shot(allowed, "id_7_shot")
    assert allowed.wrong == []
    refused = opened(browser, host, borrower)
    refused.goto(f"{host}/h5/onboard/id-card/photos")
    refused.click("#open")
    refused.get_by_text("没有获得相机权限").wait_for()
    shot(refused, "id_8_refused")
    without = opened(browser, host, borrower)
    without.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))")
    without.goto(f"{host}/h5/onboard/id-card/photos")
    without.click("#open")
    without.get_by_text("没有找到可用的相机").wait_for()
    without.get_by_role("link", name="改为手动填写").click()
    without.get_by_role("link", name="改为拍照识别").wait_for()
    shot(without, "id_9_typed")
