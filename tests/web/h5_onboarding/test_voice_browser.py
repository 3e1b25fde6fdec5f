"""The spoken check in headless Chromium with a fed microphone and the real engine, each end on its own page (R1.8).

The voices are made of arithmetic: this proves the protocol, not people.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.web.h5_onboarding.conftest import PASSWORD, Borrower
from tests.web.h5_onboarding.test_browser import CHROMIUM, FLAGS, NO_BROWSER
from weidai.identity import policy, ports, selectors, services
from weidai.identity.models import VoiceChallenge, Voiceprint
from weidai.identity.services import Spoken
from weidai.security import services as security
from weidai.voices.models import is_installed
from weidai.web.shared.borrower import COOKIE

voices = pytest.importorskip("tests.support.voices", reason="the group `analytics` is not installed", exc_type=ImportError)

pytestmark = [
    pytest.mark.browser, pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
    pytest.mark.skipif(not is_installed(), reason="the group `voice` is not installed"),
]
PICTURES = os.environ.get("WEIDAI_SCREENSHOTS")
LEAD, BETWEEN, DIGIT_MS, OPENING_MS = 1_200, 1_000, 900, 120  # as in voice.js; how long the microphone takes to open here


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
    with sync_playwright() as started:
        yield started
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def listening() -> Iterator[Any]:
    from weidai.voices.process import VoiceProcess

    process = VoiceProcess()
    yield process
    process.close()


@pytest.fixture
def ready(borrower: Borrower, listening: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Borrower]:
    """A borrower whom the engine knows as LAN; the digits come a little faster than for people."""
    asked = policy.current
    monkeypatch.setattr(policy, "current", lambda on: replace(asked(on), voice=replace(
        asked(on).voice, digit_milliseconds=DIGIT_MS, verify_digits=4)))
    before = ports.voice_engine._adapter
    ports.voice_engine.fill(listening)
    borrower.sign_in().verify().agree("voiceprint")
    yield borrower
    ports.voice_engine._adapter = before


def _enrolled(borrower: Borrower) -> None:
    """Enrol without a browser, with what it would have sent."""
    challenge = services.voice_challenge_issue(borrower.customer_id, purpose="enrol", session="s", payment_password=PASSWORD)
    said = [voices.recording_make(voices.LAN, digits, seed=number) for number, digits in enumerate(challenge.digits)]
    row = services.voice_challenge_submit(borrower.customer_id, challenge_id=challenge.id, session="s", recordings=[
        Spoken(one.windows_ms, one.wav) for one in said])
    assert row.is_passed, row


def _record_page(borrower: Borrower, purpose: str, **values: str) -> tuple[str, tuple[str, ...]]:
    answer = borrower.post("/h5/voice/start", purpose=purpose, **values)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"]), tuple(VoiceChallenge.objects.order_by("-issued_at")[0].digits)


def _sound(path: Path, speaker: Any, parts: tuple[str, ...]) -> Path:
    """What the microphone hears: every digit of every part at the page's own pace."""
    windows, begin = [], LEAD + OPENING_MS
    for digits in parts:
        windows += [(begin + n * DIGIT_MS, begin + (n + 1) * DIGIT_MS) for n in range(len(digits))]
        begin += len(digits) * DIGIT_MS + BETWEEN + LEAD
    path.write_bytes(voices.recording_make(speaker, "".join(parts), seed=5, windows_ms=windows, rate=48_000).wav)
    return path


@contextmanager
def _phone(playwright: Any, host: str, borrower: Borrower, address: str, *, sound: Path | None = None,
           allowed: bool = True) -> Iterator[Any]:
    fed = [f"--use-file-for-fake-audio-capture={sound}%noloop"] if sound else []
    fake = ["--use-fake-ui-for-media-stream" if allowed else "--deny-permission-prompts", *fed,
            *(["--use-fake-device-for-media-stream"] if sound or not allowed else [])]
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *fake])
    try:
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", timezone_id="Asia/Shanghai",
                                      permissions=["microphone"] if allowed else [])
        context.add_cookies([{"name": COOKIE, "value": borrower.client.cookies[COOKIE].value, "domain": "localhost",
                              "path": "/h5/"}])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{host}{address}")
        yield page
    finally:
        browser.close()


def _end(page: Any, words: str, name: str) -> None:
    """Start, and see this heading on the page where it ends."""
    page.click("#voice-start")
    page.wait_for_url(lambda url: "/result?" in url or "/problem?" in url)
    assert page.inner_text("h1.wd-result__title") == words, page.inner_text("main")
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/voice_{name}.png", full_page=True)


def test_a_genuine_voice_reading_the_digits_passes(playwright: Any, live_server: Any, ready: Borrower, tmp_path: Path) -> None:
    _enrolled(ready)
    address, digits = _record_page(ready, "verify")
    with _phone(playwright, live_server.url, ready, address, sound=_sound(tmp_path / "s.wav", voices.LAN, digits)) as page:
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        _end(page, "声纹核验通过", "passed")
        assert wrong == []
    row = VoiceChallenge.objects.get(purpose="verify")
    assert (row.state, row.facts["digits_right"], row.facts["digits_asked"]) == ("passed", 4, 4)
    assert selectors.voiceprint_get(ready.customer_id).verified_at is not None  # type: ignore[union-attr]


@pytest.mark.long
def test_enrolling_in_the_browser_with_its_own_recordings(
        playwright: Any, live_server: Any, ready: Borrower, tmp_path: Path) -> None:
    address, parts = _record_page(ready, "enrol")
    with _phone(playwright, live_server.url, ready, address, sound=_sound(tmp_path / "s.wav", voices.LAN, parts)) as page:
        _end(page, "声纹已录入", "enrolled")
    assert Voiceprint.objects.filter(customer_id=ready.customer_id).count() == 1


@pytest.mark.long
@pytest.mark.parametrize(("case", "words"), [
    ("wrong_voice", "没有匹配上"), ("wrong_digits", "没有匹配上"), ("silence", "声音太小")])
def test_what_does_not_match_ends_on_its_page_with_the_other_ways(
        playwright: Any, live_server: Any, ready: Borrower, tmp_path: Path, case: str, words: str) -> None:
    security.payment_password_set(ready.customer_id, password=PASSWORD)
    _enrolled(ready)
    card = f"/h5/me/cards/{ready.cards()[0].id}/default"
    address, digits = _record_page(ready, "default_card", subject=str(ready.cards()[0].id), next=card)
    others = str.maketrans("0123456789", "5678901234")
    said = tuple(part.translate(others) for part in digits) if case == "wrong_digits" else digits
    sound = tmp_path / "s.wav"
    _sound(sound, voices.BO if case == "wrong_voice" else voices.LAN, said)
    if case == "silence":
        sound.write_bytes(sound.read_bytes()[:44] + bytes(len(sound.read_bytes()) - 44))
    with _phone(playwright, live_server.url, ready, address, sound=sound) as page:
        _end(page, words, case)
        page.get_by_role("link", name="使用其他方式").click()
        page.get_by_text("支付密码").first.wait_for()
    assert VoiceChallenge.objects.get(purpose="default_card").state == "refused"


@pytest.mark.long
@pytest.mark.parametrize(("case", "words"), [("refused", "未获得麦克风权限"), ("none", "没有找到麦克风")])
def test_no_microphone_is_no_obstacle_and_does_not_count(
        playwright: Any, live_server: Any, ready: Borrower, case: str, words: str) -> None:
    _enrolled(ready)
    left = selectors.voice_attempts_left(ready.customer_id)
    address, _ = _record_page(ready, "verify")
    with _phone(playwright, live_server.url, ready, address, allowed=case == "none") as page:
        _end(page, words, f"mic_{case}")
        assert page.get_by_text("暂不进行").is_visible()
    assert selectors.voice_attempts_left(ready.customer_id) == left


@pytest.mark.long
def test_an_old_browser_without_worklets_records_too(
        playwright: Any, live_server: Any, ready: Borrower, tmp_path: Path) -> None:
    _enrolled(ready)
    address, digits = _record_page(ready, "verify")
    with _phone(playwright, live_server.url, ready, address, sound=_sound(tmp_path / "s.wav", voices.LAN, digits)) as page:
        page.evaluate("delete window.AudioWorkletNode")
        page.click("#voice-start")
        page.wait_for_url(lambda url: "/result?" in url)
    row = VoiceChallenge.objects.get(purpose="verify")
    # every digit was heard in its window; on a busy machine this way drops sound, so no more is asked
    assert row.facts["faults"] == []
    assert row.outcome in ("passed", "no_match")
