"""The pages of the voiceprint: its own consent, prepare, record, every end with its way out, being rid of it (R1.8, R1.9)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.web.h5_onboarding.conftest import PASSWORD, Borrower
from weidai.identity import ports
from weidai.identity.models import VoiceChallenge, Voiceprint
from weidai.security import services as security
from weidai.voices.heard import Enrolled, Heard, Recording
from weidai.web.shared.borrower import COOKIE
from weidai.web.shared.settings_part import PERMISSIONS_POLICY, PERMISSIONS_POLICY_VOICE

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 400
MATCH, NO_MATCH = Heard((), 8_700, 6, 6, "match"), Heard((), 3_000, 6, 6, "no_match")


@dataclass
class Engine:
    """Hears what a test says."""

    heard: Heard = MATCH

    def enrol(self, recordings: list[Recording]) -> Enrolled:
        assert sorted("".join(one.digits for one in recordings)) == sorted("0123456789" * 2)
        return Enrolled((), b"print")

    def verify(self, voiceprint: bytes, recording: Recording) -> Heard:
        assert voiceprint == b"print"
        assert len(recording.windows_ms) == len(recording.digits) == 6
        return self.heard


@pytest.fixture
def engine() -> Iterator[Engine]:
    before, played = ports.voice_engine._adapter, Engine()
    ports.voice_engine.fill(played)
    yield played
    ports.voice_engine._adapter = before


def handed_in(borrower: Borrower, record_url: str, wav: bytes = WAV, **values: Any) -> str:
    """Post recordings as the script does; the page that tells what was heard."""
    page = borrower.client.get(record_url)
    assert page.status_code == 200
    parts = json.loads(re.search(r'id="voice-digits" type="application/json">(.*?)</script>', page.content.decode())[1])  # type: ignore[index]
    marks = [[len(wav), [[1000 + 1400 * n, 2400 + 1400 * n] for n in range(len(digits))]] for digits in parts]
    content = {"marks": json.dumps(marks), "recordings": SimpleUploadedFile("r.bin", wav * len(parts)), **values}
    answer = borrower.client.post(record_url.split("/record")[0] + "/recordings", content)
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.json()["next"])


def started(borrower: Borrower, **values: str) -> str:
    answer = borrower.post("/h5/voice/start", **values)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def heading(borrower: Borrower, address: str) -> str:
    page = borrower.client.get(address).content.decode()
    return re.search(r'<h1 class="wd-(?:result__)?title">(.*?)</h1>', page)[1]  # type: ignore[index]


def test_from_consent_to_a_changed_card_and_rid_of_it_again(borrower: Borrower, engine: Engine) -> None:
    borrower.sign_in().verify()
    security.payment_password_set(borrower.customer_id, password=PASSWORD)
    asked = borrower.client.get("/h5/voice/start?purpose=enrol")
    assert asked.headers["Location"].startswith("/h5/consent/voiceprint?")  # a consent of its own, first
    text = borrower.client.get(asked.headers["Location"]).content.decode()
    assert "没有任何不利" in text and "checked" not in text
    borrower.agree("voiceprint")
    for wrong in ({}, {"password": "864209"}):
        page = borrower.post("/h5/voice/start", purpose="enrol", **wrong)
        assert page.status_code == 422 and "wd-pin is-wrong" in page.content.decode()
    assert VoiceChallenge.objects.count() == 0
    record = started(borrower, purpose="enrol", password=PASSWORD)
    assert borrower.client.get(record).headers["Permissions-Policy"] == PERMISSIONS_POLICY_VOICE
    assert borrower.client.get("/h5/voice/").headers["Permissions-Policy"] == PERMISSIONS_POLICY
    assert heading(borrower, handed_in(borrower, record)) == "声纹已录入"
    assert borrower.client.get(record).status_code == 302  # the back button finds the result, not the digits
    assert "待核验" in borrower.client.get("/h5/voice/").content.decode()
    assert heading(borrower, handed_in(borrower, started(borrower, purpose="verify"))) == "声纹核验通过"
    assert "已得 10 分" in borrower.client.get("/h5/onboard/").content.decode()

    card = _second_card(borrower)
    default = f"/h5/me/cards/{card.id}/default"
    page = borrower.client.get(default).content.decode()
    way = re.search(r'href="(/h5/voice/start[^"]*)"', page)[1].replace("&amp;", "&")  # type: ignore[index]
    assert "使用其他方式" in borrower.client.get(way).content.decode()
    engine.heard = NO_MATCH
    step = {"purpose": "default_card", "subject": str(card.id), "next": default}
    result = handed_in(borrower, started(borrower, **step), next=default)
    page = borrower.client.get(result).content.decode()
    assert "没有匹配上" in page and f'href="{default}">使用其他方式' in page and "不影响您的额度" in page
    assert "wd-pin" in borrower.client.get(default).content.decode()  # the payment password, as before
    engine.heard = MATCH
    handed_in(borrower, started(borrower, **step), next=default)
    page = borrower.client.get(default).content.decode()
    assert "已用声纹确认" in page and "wd-pin" not in page
    borrower.step(default, password="")
    assert next(one for one in borrower.cards() if one.is_default).id == card.id

    assert "立即销毁" in borrower.client.get("/h5/voice/remove").content.decode()
    borrower.step("/h5/voice/remove")
    assert Voiceprint.objects.count() == 0
    assert borrower.post("/h5/voice/remove").status_code == 409  # a double click changes nothing
    assert "声纹已销毁" in borrower.client.get("/h5/me/privacy/").content.decode()
    assert "未录入" in borrower.client.get("/h5/voice/").content.decode()


def _second_card(borrower: Borrower) -> Any:
    from weidai.identity.models import BankCard

    first = BankCard.objects.get(customer_id=borrower.customer_id)
    assert first.is_default
    return BankCard.objects.create(customer_id=borrower.customer_id, card_number="6222020000000000456", digest="x" * 64,
                                    bank_code=first.bank_code, bank_name_zh=first.bank_name_zh, account_class="I",
                                    masked="6222********0456", bound_at=first.bound_at)


@pytest.fixture
def ready(borrower: Borrower, engine: Engine) -> Borrower:
    """Enrolled, before there is a payment password."""
    borrower.sign_in().verify().agree("voiceprint")
    handed_in(borrower, started(borrower, purpose="enrol"))
    return borrower


@pytest.mark.long
def test_every_way_to_end_has_its_words_and_a_way_out_in_both_languages(ready: Borrower, engine: Engine) -> None:
    from weidai.voices.heard import FAULTS
    from weidai.web.h5.voice_words import BROWSER_PROBLEMS, SERVER_PROBLEMS

    assert set(FAULTS) <= set(SERVER_PROBLEMS)
    for kind, words in {**BROWSER_PROBLEMS, **SERVER_PROBLEMS}.items():
        for language, title in (("zh", words.title.zh), ("en", words.title.en)):
            ready.client.cookies["weidai_lang"] = language
            page = ready.client.get(f"/h5/voice/problem?kind={kind}").content.decode()
            assert title in page and "/h5/voice/" in page, kind
    ready.client.cookies["weidai_lang"] = "zh"
    engine.heard = Heard(("too_quiet", "noisy"), 0, 0, 6, "unusable")
    page = ready.client.get(handed_in(ready, started(ready, purpose="verify"))).content.decode()
    assert "声音太小" in page and "背景噪声" in page and "再试一次" in page


@pytest.mark.long
def test_hostile_recordings_are_refused_in_words_and_spend_nothing(ready: Borrower, engine: Engine) -> None:
    record = started(ready, purpose="verify")
    address, picture = record.split("/record")[0] + "/recordings", b"\xff\xd8\xff\xe0" + b"x" * 400
    good = json.dumps([[len(WAV), [[0, 900]] * 6]])
    hostile: list[dict[str, Any]] = [
        {}, {"marks": good}, {"marks": "[", "recordings": WAV}, {"marks": "[[1e999,[]]]", "recordings": WAV},
        {"marks": "[" * 9000, "recordings": WAV}, {"marks": json.dumps([[-5, []], [len(WAV) + 5, []]]), "recordings": WAV},
        {"marks": json.dumps([[len(picture), [[0, 900]] * 6]]), "recordings": picture},
        {"marks": good, "recordings": WAV + b"more"}, {"marks": good, "recordings": b"RIFF" + bytes(9 * 1024 * 1024)},
    ]
    for values in hostile:
        sent = {name: SimpleUploadedFile("r", value) if isinstance(value, bytes) else value for name, value in values.items()}
        answer = ready.client.post(address, sent)
        assert answer.status_code == 200, values.get("marks")
        assert "identity.voice_recording_" in answer.json()["next"]
        assert "重新录音" in ready.client.get(answer.json()["next"]).content.decode()
    assert heading(ready, handed_in(ready, record)) == "声纹核验通过"


@pytest.mark.long
def test_without_an_engine_it_is_not_offered_and_another_session_finds_nothing(ready: Borrower) -> None:
    record = started(ready, purpose="verify")
    other = Borrower(ready.world, ready.person)
    other.client.cookies[COOKIE] = security.session_start(ready.customer_id, user_agent="another phone", ip="203.0.113.9")
    assert "voice_challenge_not_found" in handed_in(other, record)
    ports.voice_engine._adapter = None
    page = ready.client.get("/h5/voice/").content.decode()
    assert "目前不提供声纹" in page and "/h5/voice/remove" in page  # being rid of it is always possible
    assert ready.post("/h5/voice/start", purpose="verify").status_code == 409
