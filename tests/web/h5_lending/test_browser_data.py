"""Devices and one's own data in headless Chromium: they fit, pass axe; a browser holds a key no script can read (R8.4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.browsers import NO_BROWSER
from tests.support.hostile_files import picture
from tests.web.h5_lending.conftest import Reader
from tests.web.h5_onboarding.test_browser import Viewer
from weidai.files import services as files
from weidai.security import selectors, services
from weidai.security.asking import asked_from
from weidai.security.models import Device
from weidai.web.shared.borrower import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.skipif(NO_BROWSER, reason="no Chromium here")]


def test_the_pages_fit_and_are_accessible(browser: Any, live_server: Any, reader: Reader) -> None:
    services.payment_password_set(reader.who.id, password="250918")
    with asked_from(ip="203.0.113.9", device="lost phone"):
        token = services.session_start(reader.who.id, user_agent="Android MicroMessenger", ip="203.0.113.9")
    with asked_from(ip="203.0.113.9", device="laptop"):
        services.session_start(reader.who.id, user_agent="Windows Chrome", ip="203.0.113.9")
    lost = selectors.session_get(token).device_id
    services.device_lock(reader.who.id, device_id=selectors.devices_for(reader.who.id)[0].id, here=None)
    files.file_store(reader.who.id, kind="document", content=picture(), name="a.jpg")
    files.file_delete(reader.who.id, files.file_store(reader.who.id, kind="face_frame", content=picture()).id,
                      reason="customer_request")
    viewer = Viewer(browser, live_server.url)
    viewer.look("79_login", "/h5/login")
    viewer.sign_in(reader)
    viewer.look("80_me", "/h5/me/")
    viewer.look("81_security", "/h5/me/security/")
    viewer.look("82_devices", "/h5/me/security/devices/")
    viewer.look("83_lock", f"/h5/me/security/devices/{lost}/lock")
    viewer.look("84_unlock", f"/h5/me/security/devices/{lost}/unlock")
    viewer.look("85_number", "/h5/me/security/number")
    viewer.look("86_privacy", "/h5/me/privacy/")
    viewer.look("87_biometrics", "/h5/me/privacy/biometrics")
    viewer.look("88_account", "/h5/me/privacy/account")
    viewer.look("89_consents", "/h5/me/consents/")
    assert viewer.wrong == [], "\n".join(viewer.wrong)


def test_a_browser_proves_the_key_it_holds_and_keeps_it(browser: Any, live_server: Any, reader: Reader) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN").new_page()
    page.goto(f"{live_server.url}/h5/login")
    page.fill("input[name=mobile]", reader.who.mobile if hasattr(reader.who, "mobile") else "13800000001")
    page.check("input[name=agrees]")
    page.click("button[form], button[type=submit]")
    page.wait_for_url("**/login/code**")
    from weidai.security.models import SmsChallenge

    page.fill("input[name=code]", SmsChallenge.objects.order_by("-created_at").first().code)
    page.click(".wd-action button[type=submit]")
    page.wait_for_url("**/h5/**")
    customer = selectors.session_get(
        next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE)).customer_id
    page.goto(f"{live_server.url}/h5/me/security/devices/")
    page.wait_for_selector("#wd-device[data-state=proved]", state="attached")
    first = Device.objects.get(customer_id=customer).public_key
    assert first
    page.reload()
    page.wait_for_selector("#wd-device[data-state=proved]", state="attached")
    assert Device.objects.get(customer_id=customer).public_key == first  # the same key, kept by the browser
    assert "已绑定设备密钥" in page.content()
    readable = page.evaluate("""async () => {
        const kept = await new Promise((done) => { const opening = indexedDB.open("weidai", 1); opening.onsuccess = () => {
            const asked = opening.result.transaction("keys").objectStore("keys").get("device");
            asked.onsuccess = () => done(asked.result); }; });
        try { await crypto.subtle.exportKey("jwk", kept.privateKey); return true; } catch { return false; } }""")
    assert readable is False
