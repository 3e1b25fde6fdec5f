"""The spoken check in headless Chromium with a fed microphone and the real engine, each end on its own page (R1.8).

The voices are made of arithmetic: this proves the protocol, not people.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.browsers import NO_BROWSER, PICTURES, chromium_running
from tests.web.h5_onboarding.conftest import PASSWORD, Borrower
from weidai.identity import policy, ports, selectors, services
from weidai.identity.models import VoiceChallenge, Voiceprint
from weidai.identity.services import Spoken
from weidai.identity.services import voices as drawing
from weidai.security import services as security
from weidai.voices.models import is_installed
from weidai.web.shared.borrower import COOKIE

voices = pytest.importorskip("tests.support.voices", reason="the group `analytics` is not installed", exc_type=ImportError)

pytestmark = [
    pytest.mark.browser, pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
    pytest.mark.skipif(not is_installed(), reason="the group `voice` is not installed"),
]
LEAD, BETWEEN, DIGIT_MS, OPENING_MS = 1_200, 1_000, 900, 120  # as in voice.js; how long the microphone takes to open here
# A reader of digits in place of the microphone: it says the next one when the page shows it, as a person does, so that
# a busy machine that shows digits late also hears them late. `SAID` holds base64 of one WAV a digit, then the room's noise.
READER = """(() => {
  const said = SAID, bytes = one => Uint8Array.from(atob(one), c => c.charCodeAt(0)).buffer;
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext({sampleRate: 48000}), out = context.createMediaStreamDestination();
    await context.resume();
    const sounds = await Promise.all(said.map(one => context.decodeAudioData(bytes(one))));
    const play = (sound, loop) => {
      const source = context.createBufferSource();
      source.buffer = sound; source.loop = loop; source.connect(out); source.start();
    };
    play(sounds.pop(), true);
    let next = 0;
    new MutationObserver(() => {
      if (/[0-9]/.test(document.getElementById("voice-digit").textContent)) { play(sounds[next], false); next += 1; }
    }).observe(document.getElementById("voice-digit"), {childList: true, characterData: true, subtree: true});
    return out.stream;
  };
})()"""
SPOKEN_AT_MS = 200  # a word begins some 350 ms into what `sound_make` returns; here some 150 ms after the digit is seen


@pytest.fixture(scope="module")
def listening() -> Iterator[Any]:
    from weidai.voices.process import VoiceProcess

    process = VoiceProcess()
    yield process
    process.close()


@pytest.fixture
def ready(borrower: Borrower, listening: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Borrower]:
    """A borrower whom the engine knows as LAN; the digits come a little faster than for people.

    The toy voice's 7 and 9 are taken for each other once in a while: the digits are the same in every run,
    and five of six are enough.
    """
    drawing.voice_digits_seed(4)
    asked = policy.current
    monkeypatch.setattr(policy, "current", lambda on: replace(asked(on), voice=replace(
        asked(on).voice, digit_milliseconds=DIGIT_MS, verify_digits=6)))
    before = ports.voice_engine._adapter
    ports.voice_engine.fill(listening)
    borrower.sign_in().verify().agree("voiceprint")
    yield borrower
    ports.voice_engine._adapter = before
    drawing.voice_digits_unseed()


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


def _reader(speaker: Any, parts: tuple[str, ...]) -> str:
    """The script of a reader who says these digits as they are shown."""
    rate, digits = 48_000, "".join(parts)
    skipped = SPOKEN_AT_MS * rate // 1000
    sounds = [voices.sound_make(speaker, digit, [(0, DIGIT_MS)], seed=50 + number, noise_db=55.0, rate=rate)[skipped:]
              for number, digit in enumerate(digits)]
    sounds.append(voices.sound_make(speaker, " ", [(0, 4_000)], seed=5, noise_db=55.0, rate=rate))
    return READER.replace("SAID", json.dumps([base64.b64encode(voices.wav_of(sound, rate=rate)).decode() for sound in sounds]))


@contextmanager
def _phone(playwright: Any, host: str, borrower: Borrower, address: str, *, reader: str = "", sound: Path | None = None,
           allowed: bool = True) -> Iterator[Any]:
    fed = [f"--use-file-for-fake-audio-capture={sound}%noloop"] if sound else []
    fake = ["--use-fake-ui-for-media-stream" if allowed else "--deny-permission-prompts", *fed,
            *(["--use-fake-device-for-media-stream"] if sound or not allowed else [])]
    with chromium_running(playwright, *fake) as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", timezone_id="Asia/Shanghai",
                                      permissions=["microphone"] if allowed else [])
        context.add_cookies([{"name": COOKIE, "value": borrower.client.cookies[COOKIE].value, "domain": "localhost",
                              "path": "/h5/"}])
        page = context.new_page()
        if reader:
            page.add_init_script(reader)
        page.goto(f"{host}{address}")
        yield page


def _end(page: Any, words: str, name: str) -> None:
    """Start, and see this heading on the page where it ends."""
    page.click("#voice-start")
    page.wait_for_url(lambda url: "/result?" in url or "/problem?" in url)
    judged = VoiceChallenge.objects.order_by("-issued_at")[0]
    assert page.inner_text("h1.wd-result__title") == words, (judged.outcome, judged.facts, page.inner_text("main"))
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/voice_{name}.png", full_page=True)


def test_a_genuine_voice_reading_the_digits_passes(playwright: Any, live_server: Any, ready: Borrower) -> None:
    _enrolled(ready)
    address, digits = _record_page(ready, "verify")
    with _phone(playwright, live_server.url, ready, address, reader=_reader(voices.LAN, digits)) as page:
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        _end(page, "声纹核验通过", "passed")
        assert wrong == []
    row = VoiceChallenge.objects.get(purpose="verify")
    assert (row.state, row.facts["digits_asked"]) == ("passed", 6)
    assert selectors.voiceprint_get(ready.customer_id).verified_at is not None  # type: ignore[union-attr]


@pytest.mark.long
def test_enrolling_in_the_browser_with_its_own_recordings(
        playwright: Any, live_server: Any, ready: Borrower) -> None:
    address, parts = _record_page(ready, "enrol")
    with _phone(playwright, live_server.url, ready, address, reader=_reader(voices.LAN, parts)) as page:
        _end(page, "声纹已录入", "enrolled")
    assert Voiceprint.objects.filter(customer_id=ready.customer_id).count() == 1


@pytest.mark.long
@pytest.mark.parametrize(("case", "words"), [
    ("wrong_voice", "没有匹配上"), ("wrong_digits", "没有匹配上"), ("silence", "声音太小")])
def test_what_does_not_match_ends_on_its_page_with_the_other_ways(
        playwright: Any, live_server: Any, ready: Borrower, case: str, words: str) -> None:
    security.payment_password_set(ready.customer_id, password=PASSWORD)
    _enrolled(ready)
    card = f"/h5/me/cards/{ready.cards()[0].id}/default"
    address, digits = _record_page(ready, "default_card", subject=str(ready.cards()[0].id), next=card)
    others = str.maketrans("0123456789", "5678901234")
    said = tuple(part.translate(others) for part in digits) if case == "wrong_digits" else digits
    if case == "silence":
        said = tuple(" " * len(part) for part in digits)
    reader = _reader(voices.BO if case == "wrong_voice" else voices.LAN, said)
    with _phone(playwright, live_server.url, ready, address, reader=reader) as page:
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
