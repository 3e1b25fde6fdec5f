"""One running world for each module, emptied before each test; a listener that collects its events."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sandbox_world.testing import RunningWorld, start
from tests.sandbox_world.client import Client


class Listener:
    """The lender's callback endpoint: verifies each event, remembers it, answers with `status`."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.status = 204
        self.world_public_path: Path | None = None
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.receive(self.path, dict(self.headers), body)
                self.send_response(listener.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/api/callbacks/sandbox?from=world"

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> None:
        assert self.world_public_path is not None
        public = load_pem_public_key(self.world_public_path.read_bytes())
        signed = f"POST\n{path}\n{headers['Sandbox-Timestamp']}\n{headers['Sandbox-Nonce']}\n".encode() + body
        public.verify(base64.b64decode(headers["Sandbox-Signature"]), signed)
        assert headers["Sandbox-Key-Id"] == "world"
        self.events.append(json.loads(body))

    def wait_for(self, count: int, *, seconds: float = 5.0) -> list[dict[str, Any]]:
        """Return the events once `count` of them are there."""
        wait_until(lambda: len(self.events) >= count, seconds=seconds)
        return self.events

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=5)


def wait_until(condition: Callable[[], bool], *, seconds: float = 5.0) -> None:
    """Wait for something that another thread brings about."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    """A running world."""
    world = start(tmp_path_factory.mktemp("world"))
    yield world
    world.stop()


@pytest.fixture
def client(running: RunningWorld) -> Iterator[Client]:
    """A signed client of an empty world without callback URL."""
    client = Client(running.base_url, running.keys_folder)
    client.post("/v1/control/reset")
    client.post("/v1/control/callback-url", {"url": None})
    yield client
    client.http.close()


@pytest.fixture
def listener(running: RunningWorld, client: Client) -> Iterator[Listener]:
    """The world's events arrive here."""
    listener = Listener()
    listener.world_public_path = running.keys_folder / "world_public.pem"
    client.post("/v1/control/callback-url", {"url": listener.url})
    yield listener
    client.post("/v1/control/callback-url", {"url": None})
    listener.stop()


@pytest.fixture
def person(client: Client) -> dict[str, Any]:
    """A salaried person whose main card is a Type I account."""
    people = client.get("/v1/control/people?persona=salaried&limit=100")["people"]
    found: dict[str, Any] = next(
        row for row in people if row["cards"][0]["account_class"] == "I" and row["id_card"]["status"] == "valid"
    )
    return found


@pytest.fixture
def payout(person: dict[str, Any]) -> dict[str, Any]:
    """The body of a good payout."""
    return {
        "request_id": "po-1",
        "card_number": person["cards"][0]["card_number"],
        "name": person["name"],
        "amount_fen": 500_000,
        "memo": "放款",
    }


@pytest.fixture
def debit(person: dict[str, Any]) -> dict[str, Any]:
    """The body of a good debit."""
    return {
        "request_id": "de-1",
        "card_number": person["cards"][0]["card_number"],
        "name": person["name"],
        "amount_fen": 12_345,
        "agreement_id": "ag-1",
        "memo": "扣款",
    }
