"""Nothing unsigned is believed, a resting partner is left alone, keys survive a common start (R9.4)."""

import json
import threading
import time
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weidai.adapters import sandbox_client
from weidai.adapters.sandbox_client import QuestionRefused, SandboxClient, SandboxUnavailable
from weidai.adapters.sandbox_keys import sandbox_keys
from weidai.kernel.errors import PartnerUnavailable
from weidai.platform import clock


@pytest.fixture(autouse=True)
def _business_time():
    with clock.travel_to(clock.wall_now()):
        yield


class Forger(BaseHTTPRequestHandler):
    """Answers 200 with a body of its own and whatever signature the test wants."""

    forge = staticmethod(lambda _nonce, _body: {})
    calls = 0

    def do_GET(self):
        Forger.calls += 1
        body = b'{"state": "succeeded", "request_id": "po-1"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        for name, value in Forger.forge(self.headers["Sandbox-Nonce"], body).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        pass


@pytest.fixture
def forger():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Forger)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Forger.calls = 0
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def signed_by(key, nonce, body, status=200):
    stamp = str(int(time.time()))
    signature = key.sign(f"{stamp}\n{nonce}\n{status}\n".encode() + body)
    return {"Sandbox-Key-Id": "world", "Sandbox-Timestamp": stamp, "Sandbox-Nonce": nonce,
            "Sandbox-Signature": b64encode(signature).decode()}


@pytest.mark.parametrize("attack", ["unsigned", "wrong_key", "old_nonce", "changed_body", "garbage"])
def test_an_answer_that_is_not_the_worlds_own_is_unknown(forger, tmp_path, attack):
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    client = SandboxClient(forger, tmp_path, timeout_seconds=2)
    sandbox_keys(tmp_path)
    world = load_pem_private_key((tmp_path / "world_private.pem").read_bytes(), None)
    Forger.forge = staticmethod({
        "unsigned": lambda _nonce, _body: {},
        "wrong_key": lambda nonce, body: signed_by(Ed25519PrivateKey.generate(), nonce, body),
        "old_nonce": lambda _nonce, body: signed_by(world, "A" * 24, body),
        "changed_body": lambda nonce, _body: signed_by(world, nonce, b"{}"),
        "garbage": lambda nonce, body: signed_by(world, nonce, body) | {"Sandbox-Signature": "not base64 at all"},
    }[attack])
    with pytest.raises(SandboxUnavailable):
        client.get("bank", "/v1/bank/requests/po-1")
    assert Forger.calls == 3, "a question without effect is asked three times"
    Forger.forge = staticmethod(lambda nonce, body: signed_by(world, nonce, body))
    assert client.get("bank", "/v1/bank/requests/po-1")["state"] == "succeeded"
    client.close()


def test_five_failures_in_a_row_let_the_partner_rest(forger, tmp_path, monkeypatch):
    client = SandboxClient(forger, tmp_path, timeout_seconds=2)
    Forger.forge = staticmethod(lambda _nonce, _body: {})
    monkeypatch.setattr(sandbox_client, "_BACKOFF_SECONDS", (0.0, 0.0, 0.0))
    for _ in range(2):
        with pytest.raises(SandboxUnavailable):
            client.get("bank", "/v1/x")
    assert Forger.calls == 5
    with pytest.raises(SandboxUnavailable):
        client.get("bank", "/v1/x")
    assert Forger.calls == 5
    with pytest.raises(SandboxUnavailable):
        client.get("sms", "/v1/x")
    assert Forger.calls == 8, "other partners are still asked"
    moment = time.monotonic()
    monkeypatch.setattr(sandbox_client.time, "monotonic", lambda: moment + 11)
    with pytest.raises(SandboxUnavailable):
        client.get("bank", "/v1/x")
    assert Forger.calls == 9, "after ten seconds one call tries; its failure lets the partner rest again"
    client.close()


def test_nobody_listening_is_unknown_and_reads_as_partner_unavailable(tmp_path):
    client = SandboxClient("http://127.0.0.1:9", tmp_path, timeout_seconds=1)
    with pytest.raises(PartnerUnavailable) as refusal:
        client.post("bank", "/v1/bank/payouts", {"request_id": "po-1"})
    assert refusal.value.http_status == 503
    assert refusal.value.code == "adapters.partner_unavailable"
    client.close()


def test_a_refused_question_is_no_partner_failure(client):
    for _ in range(6):
        with pytest.raises(QuestionRefused) as refusal:
            client.post("registry", "/v1/registry/check", {"name": "王伟"})
        assert "request.field_missing" in refusal.value.problem
    assert client.get("cards", "/v1/cards/banks")["banks"]


def test_both_sides_may_start_first_and_together(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(sandbox_keys(tmp_path))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clients = {keys.client.public_key().public_bytes_raw() for keys in found}
    worlds = {keys.world.public_bytes_raw() for keys in found}
    assert (len(found), len(clients), len(worlds)) == (12, 1, 1)
    assert (tmp_path / "client_private.pem").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".*.tmp"))


def callback(key, body, *, path="/api/callbacks/sandbox", stamp=None, key_id="world"):
    stamp, nonce = stamp or str(int(time.time())), "n" * 24
    signature = key.sign(f"POST\n{path}\n{stamp}\n{nonce}\n".encode() + body)
    return {"Sandbox-Key-Id": key_id, "Sandbox-Timestamp": stamp, "Sandbox-Nonce": nonce,
            "Sandbox-Signature": b64encode(signature).decode()}


def test_a_callback_is_believed_only_with_the_worlds_fresh_signature(tmp_path):
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    client = SandboxClient("http://127.0.0.1:9", tmp_path)
    ours = sandbox_keys(tmp_path).client
    world = load_pem_private_key((tmp_path / "world_private.pem").read_bytes(), None)
    body, path = json.dumps({"event_id": "e1"}).encode(), "/api/callbacks/sandbox"
    good = callback(world, body)
    assert client.verify_callback(path=path, headers=good, body=body)
    old = str(int(time.time()) - 301)
    for headers, sent in (
        ({}, body), (good, body + b" "), (callback(ours, body), body), (callback(world, body, stamp=old), body),
        (callback(world, body, path="/other"), body), (callback(world, body, key_id="client"), body),
        (good | {"Sandbox-Timestamp": "soon"}, body), (good | {"Sandbox-Signature": "é"}, body),
    ):
        assert not client.verify_callback(path=path, headers=headers, body=sent)
    client.close()
