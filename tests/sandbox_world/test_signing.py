"""Requests without a good signature are refused; answers carry one of their own."""

import secrets
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sandbox_world.keys import keys_ensure
from sandbox_world.testing import RunningWorld
from tests.sandbox_world.client import Client

PATH = "/v1/cards/banks"


def refused(
    client: Client, headers: dict[str, str], *, path: str = PATH, method: str = "GET", body: bytes = b""
) -> str:
    answer = client.http.request(method, client.base_url + path, headers=headers, content=body)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == 401
    return str(problem["code"])


def test_a_good_signature_is_answered(client: Client) -> None:
    assert len(client.get(PATH)["banks"]) == 17


@pytest.mark.parametrize("name", ["Sandbox-Key-Id", "Sandbox-Timestamp", "Sandbox-Nonce", "Sandbox-Signature"])
def test_each_header_is_needed(client: Client, name: str) -> None:
    headers = client.headers("GET", PATH, b"")
    del headers[name]
    assert refused(client, headers) == "signature.header_missing"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Sandbox-Key-Id", "world", "signature.key_unknown"),
        ("Sandbox-Timestamp", "now", "signature.timestamp_refused"),
        ("Sandbox-Timestamp", "-400", "signature.timestamp_refused"),
        ("Sandbox-Timestamp", "+900", "signature.timestamp_refused"),
        ("Sandbox-Nonce", "short", "signature.nonce_invalid"),
        ("Sandbox-Nonce", "another-nonce-of-good-length", "signature.invalid"),
        ("Sandbox-Signature", "not base64!", "signature.invalid"),
        ("Sandbox-Signature", "AAAA", "signature.invalid"),
    ],
)
def test_changed_headers_are_refused(client: Client, name: str, value: str, code: str) -> None:
    if value in ("-400", "+900"):  # seconds from now, worked out here so that parallel workers collect the same tests
        value = str(int(time.time()) + int(value))
    assert refused(client, {**client.headers("GET", PATH, b""), name: value}) == code


def test_a_nonce_works_once_even_with_a_new_signature(client: Client) -> None:
    nonce = secrets.token_urlsafe(18)
    assert (
        client.http.get(client.base_url + PATH, headers=client.headers("GET", PATH, b"", nonce=nonce)).status_code
        == 200
    )
    assert refused(client, client.headers("GET", PATH, b"", nonce=nonce)) == "signature.nonce_replayed"


def test_a_bad_signature_does_not_use_up_the_nonce(client: Client) -> None:
    headers = client.headers("GET", PATH, b"")
    assert refused(client, {**headers, "Sandbox-Signature": "AAAA"}) == "signature.invalid"
    assert client.http.get(client.base_url + PATH, headers=headers).status_code == 200


def test_method_path_query_and_body_are_signed(client: Client) -> None:
    assert refused(client, client.headers("GET", PATH, b""), path=PATH + "?x=1") == "signature.invalid"
    assert refused(client, client.headers("GET", PATH, b""), method="POST") == "signature.invalid"
    headers = client.headers("POST", "/v1/registry/check", b"{}")
    assert refused(client, headers, path="/v1/registry/check", method="POST", body=b"{ }") == "signature.invalid"


def test_unknown_paths_are_refused_with_and_without_signature(client: Client) -> None:
    assert client.http.get(client.base_url + "/v1/nothing").status_code == 401
    answer = client.send("GET", "/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "request.path_unknown")
    answer = client.send("DELETE", PATH)
    assert (answer.status_code, answer.json()["code"]) == (405, "request.method_refused")


def test_health_is_unsigned(running: RunningWorld, client: Client) -> None:
    health = client.http.get(running.base_url + "/health")
    assert health.json()["status"] == "ok"


def test_keys_made_by_many_at_once_are_one_pair(tmp_path: Path) -> None:
    made, gate = [], threading.Barrier(8)

    def make() -> None:
        gate.wait()
        made.append(keys_ensure(tmp_path / "keys"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    publics = {(keys.world.public_key().public_bytes_raw(), keys.client_public.public_bytes_raw()) for keys in made}
    assert len(publics) == 1
    names = sorted(path.name for path in (tmp_path / "keys").iterdir())
    assert names == ["client_private.pem", "client_public.pem", "world_private.pem", "world_public.pem"]
    assert all(stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600 for name in names if "private" in name)
