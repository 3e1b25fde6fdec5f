"""Tencent Cloud FaceID over HTTP against the sandbox world: signatures, answers, refusals, silence (R1.5, R9.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from weidai.adapters.motion_jpeg import avi_of_jpegs, jpeg_size
from weidai.adapters.sandbox_keys import tencent_secret
from weidai.adapters.tencent_faceid import Credentials, FaceIdUnavailable, Question, TencentFaceId, authorization
from weidai.identity.ports import LiveCapture, MatchResult
from weidai.platform import clock

# A frame header of 48 × 32 pixels is all that the film needs to know.
PICTURE = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x20\x00\x30\x03" + b"\x00" * 12 + b"\xff\xd9"
CAPTURE = LiveCapture(tuple((number * 250, PICTURE) for number in range(12)), ("turn_left", "nod"))


@pytest.fixture(autouse=True)
def _business_time() -> Iterator[None]:
    with clock.travel_to(clock.wall_now()):
        yield


@pytest.fixture
def vendor(running: Any) -> Iterator[TencentFaceId]:
    made = TencentFaceId(lambda: Credentials(*tencent_secret(running.keys_folder)), host=running.base_url)
    yield made
    made.close()


@pytest.fixture
def people(client: Any, running: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Somebody without a trap, and somebody whose face is never that of the portrait."""
    everybody = running.world.population.people
    found = [next(one for one in everybody if one.trap == trap and one.cards) for trap in (None, "face_mismatch")]
    rows = [client.get("control", f"/v1/control/people/{one.id_number}") for one in found]
    return rows[0], rows[1]


def test_signature_is_the_one_of_the_published_example() -> None:
    """签名方法 v3, worked example of Tencent Cloud's documentation (its key is printed with stars)."""
    payload = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    question = Question("cvm.tencentcloudapi.com", "DescribeInstances", payload, 1_551_113_065)
    keys = Credentials("AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******", "Gu5t9xGARNpq86cd98joQYCN3*******")
    assert authorization(question, keys, service="cvm") == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, Signature=2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c")


def test_a_film_is_a_riff_file_with_its_index() -> None:
    film = avi_of_jpegs(CAPTURE.frames)
    assert film[:4] == b"RIFF" and film[8:12] == b"AVI " and int.from_bytes(film[4:8], "little") == len(film) - 8
    assert film.count(b"00dc") == 24 and film.index(b"idx1") > film.index(b"movi")
    assert jpeg_size(PICTURE) == (48, 32)


def test_answers_follow_the_person(vendor: TencentFaceId, people: Any) -> None:
    good, trap = people
    found = vendor.verify_live("face-1", good["name"], good["id_number"], CAPTURE)
    assert (found.result, found.is_alive, found.assurance) == (MatchResult.MATCH, True, "certified") and found.score >= 80
    assert vendor.verify_live("face-2", "别人", good["id_number"], CAPTURE).result is MatchResult.MISMATCH
    assert vendor.verify_live("face-3", trap["name"], trap["id_number"], CAPTURE).result is MatchResult.MISMATCH
    assert vendor.verify_live("face-4", "别人", "110105199001019999", CAPTURE).result is MatchResult.NOT_FOUND
    assert vendor.id_card_match("id-1", good["name"], good["id_number"]) is MatchResult.MATCH
    assert vendor.id_card_match("id-2", "别人", good["id_number"]) is MatchResult.MISMATCH
    assert vendor.mobile_match("m-1", good["name"], good["id_number"], good["mobile"]) is MatchResult.MATCH
    assert vendor.mobile_match("m-2", good["name"], good["id_number"], trap["mobile"]) is MatchResult.MISMATCH
    card = good["cards"][0]["card_number"]
    assert vendor.bank_card_match("b-1", good["name"], good["id_number"], card, good["mobile"]) is MatchResult.MATCH
    assert vendor.bank_card_match("b-2", good["name"], good["id_number"], card, trap["mobile"]) is MatchResult.MISMATCH
    assert vendor.compare_live("c-1", PICTURE, CAPTURE).result is MatchResult.MATCH


def test_silence_and_wrong_keys_are_no_answer(vendor: TencentFaceId, people: Any, client: Any, running: Any) -> None:
    good, _ = people
    fault = {"partner": "face", "call": "liveness", "count": 1}
    client.post("control", "/v1/control/faults", fault | {"mode": "error_5xx"})
    with pytest.raises(FaceIdUnavailable):
        vendor.verify_live("face-5", good["name"], good["id_number"], CAPTURE)
    client.post("control", "/v1/control/faults", fault | {"mode": "reject", "reason": "LivessDetectFake"})
    fake = vendor.verify_live("face-6", good["name"], good["id_number"], CAPTURE)
    assert (fake.result, fake.is_alive) == (MatchResult.MISMATCH, False)
    client.post("control", "/v1/control/faults", fault | {"mode": "reject", "reason": "SilentFaceQualityFail"})
    assert vendor.verify_live("face-7", good["name"], good["id_number"], CAPTURE).result is MatchResult.INCONCLUSIVE
    stranger = TencentFaceId(lambda: Credentials("AKIDsandbox", "wrong"), host=running.base_url)
    with pytest.raises(FaceIdUnavailable):
        stranger.verify_live("face-8", good["name"], good["id_number"], CAPTURE)
    stranger.close()
    told = httpx.post(f"{running.base_url}/", json={}, headers={"X-TC-Action": "LivenessRecognition"}, trust_env=False)
    assert told.json()["Response"]["Error"]["Code"] == "AuthFailure.InvalidAuthorization"
