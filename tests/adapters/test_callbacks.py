"""Partners' events arrive signed, are kept once and name nobody (R9.4, R9.6)."""

import json

import pytest
from django.test import Client

from weidai.platform import inbox
from weidai.platform.crypto import decrypt_text
from weidai.platform.models import InboxMessage
from weidai.web.api.ports import sandbox_callbacks

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]
PATH = "/api/callbacks/sandbox"
EVENT = {"event_id": "evt-1", "type": "bank.test.updated", "request_id": "po-1", "state": "succeeded"}


class Verifier:
    """Believes what carries the word `good` and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def verify_callback(self, *, path, headers, body):
        self.asked.append((path, body))
        return headers.get("Sandbox-Signature") == "good"


@pytest.fixture
def verifier():
    before, played = sandbox_callbacks._adapter, Verifier()
    sandbox_callbacks.fill(played)
    yield played
    sandbox_callbacks._adapter = before


@pytest.fixture
def applied(monkeypatch):
    got = []
    monkeypatch.setitem(inbox._handlers, "bank.test.updated", got.append)
    return got


def post(body, *, signature="good", path=PATH):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client(enforce_csrf_checks=True).post(
        path, content, content_type="application/json", headers={"Sandbox-Signature": signature})


def test_an_event_is_applied_once_however_often_it_comes(verifier, applied):
    for _ in range(3):
        answer = post(EVENT)
        assert (answer.status_code, answer.json()) == (200, {"state": "applied"})
    assert applied == [EVENT]
    assert InboxMessage.objects.get().partner == "bank"
    assert verifier.asked[0] == (PATH, json.dumps(EVENT).encode())


def test_the_signature_covers_the_query(verifier, applied):
    post(EVENT, path=PATH + "?a=1")
    assert verifier.asked[0][0] == PATH + "?a=1"


def test_an_event_nobody_can_apply_yet_is_kept_and_answered_with_200(verifier, monkeypatch):
    def too_early(_payload):
        raise inbox.Park("no such payout")

    monkeypatch.setitem(inbox._handlers, "bank.test.updated", too_early)
    assert post(EVENT).json() == {"state": "parked"}
    assert post(EVENT | {"event_id": "evt-2", "type": "bank.unheard.of"}).json() == {"state": "parked"}
    assert InboxMessage.objects.count() == 2


def test_a_forged_event_is_refused_and_not_kept(verifier, applied):
    assert post(EVENT, signature="bad").status_code == 401
    assert applied == []
    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"event_id": 1, "type": "bank.x"}', b'{"event_id": "", "type": "bank.x"}',
    b'{"event_id": "e"}', b'{"event_id": "e", "type": ["bank"]}', b'{"event_id": "' + b"e" * 200 + b'", "type": "b.x"}',
    b"[" * 5000,
])
def test_a_signed_body_that_is_no_event_is_refused(verifier, body):
    assert post(body).status_code == 400
    assert not InboxMessage.objects.exists()


def test_too_large_a_body_and_other_methods_are_refused(verifier):
    assert post(b"x" * 70_000).status_code == 413
    assert Client().get(PATH).status_code == 405


def test_a_payers_name_and_card_are_sealed_before_the_event_is_kept(verifier, applied):
    post(EVENT | {"payer_name": "王伟", "payer_card_number": "6225880000000000123", "payer_masked": "6225********0123",
                  "memo": "王伟还款"})
    kept = InboxMessage.objects.get().payload
    assert "王伟" not in json.dumps(kept, ensure_ascii=False)
    assert "6225880000000000123" not in json.dumps(kept)
    assert kept["payer_masked"] == "6225********0123"
    assert decrypt_text(kept["payer_name_sealed"], "inbox.payload") == "王伟"
    assert decrypt_text(kept["payer_card_number_sealed"], "inbox.payload") == "6225880000000000123"
    assert decrypt_text(kept["memo_sealed"], "inbox.payload") == "王伟还款"
