"""A signed client for the tests, written from the protocol page alone."""

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key


@dataclass
class Client:
    """Calls a running world and verifies every answer."""

    base_url: str
    keys_folder: Path
    business_time: str | None = "2026-11-23T02:00:00Z"
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10))

    def headers(self, method: str, path: str, body: bytes, *, nonce: str | None = None) -> dict[str, str]:
        """Compute the signed headers of one request."""
        private = load_pem_private_key((self.keys_folder / "client_private.pem").read_bytes(), None)
        timestamp, nonce = str(int(time.time())), nonce or secrets.token_urlsafe(18)
        signed = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body
        headers = {
            "Sandbox-Key-Id": "client",
            "Sandbox-Timestamp": timestamp,
            "Sandbox-Nonce": nonce,
            "Sandbox-Signature": base64.b64encode(private.sign(signed)).decode(),
        }
        if self.business_time:
            headers["Sandbox-Business-Time"] = self.business_time
        return headers

    def send(self, method: str, path: str, content: Any = None, **options: Any) -> httpx.Response:
        """Send one request and return the verified answer."""
        body = b"" if content is None else content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = self.headers(method, path, body)
        if body:
            headers["Content-Type"] = "application/json"
        answer = self.http.request(method, self.base_url + path, content=body, headers=headers, **options)
        self.verify(answer, nonce=headers["Sandbox-Nonce"])
        return answer

    def verify(self, answer: httpx.Response, *, nonce: str) -> None:
        """Check the world's signature."""
        head = answer.headers
        assert (head["Sandbox-Key-Id"], head["Sandbox-Nonce"]) == ("world", nonce)
        world = load_pem_public_key((self.keys_folder / "world_public.pem").read_bytes())
        signed = f"{head['Sandbox-Timestamp']}\n{nonce}\n{answer.status_code}\n".encode() + answer.content
        world.verify(base64.b64decode(head["Sandbox-Signature"]), signed)

    def post(self, path: str, content: Any = None) -> Any:
        """POST and return the body of a 200."""
        answer = self.send("POST", path, {} if content is None else content)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        """GET and return the body of a 200."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()
