"""Signed HTTP to the sandbox world, and back (docs/reference/sandbox-protocol.md §1).

No usable answer (time-out, 5xx, a signature that is not the world's) raises PartnerUnavailable: unknown, never "no".
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from weidai.adapters.sandbox_keys import SandboxKeys, sandbox_keys
from weidai.kernel.errors import PartnerUnavailable, Refused
from weidai.kernel.text import Text
from weidai.platform import clock

log = structlog.get_logger(__name__)

DEFAULT_TIMEOUT_SECONDS = 5.0
FAILURES_UNTIL_OPEN = 5
OPEN_SECONDS = 10.0
CLOCK_TOLERANCE_SECONDS = 300
READ_TRIES = 3
_BACKOFF_SECONDS = (0.0, 0.1, 0.4)


class SandboxUnavailable(PartnerUnavailable):
    """The sandbox world gave no usable answer."""

    code = "adapters.partner_unavailable"
    text = Text("{partner}暂时没有答复，您的资料没有变化，请稍后重试。",
                "The {partner} gave no answer. Nothing was changed; please try again later.")


class QuestionRefused(Refused):
    """The world refused the question itself (4xx): malformed input or a conflict of ids, never a partner's "no"."""

    code = "adapters.question_refused"
    text = Text("{partner}不接受这次请求（{problem}）。", "The {partner} does not accept this request ({problem}).")
    next_step = Text("请检查填写的内容；仍有问题请联系客服。",
                     "Please check what you entered; if that does not help, contact customer service.")

    def __init__(self, *, partner: str, problem: str) -> None:
        super().__init__(partner=partner, problem=problem)
        self.partner, self.problem = partner, problem


class Breaker:
    """Stops asking a partner that failed five times in a row, for ten real seconds; one call then tries again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[str, int] = {}
        self._open_until: dict[str, float] = {}

    def before(self, partner: str) -> None:
        """Refuse at once while the partner rests."""
        with self._lock:
            if time.monotonic() < self._open_until.get(partner, 0.0):
                raise SandboxUnavailable(partner=partner)

    def succeeded(self, partner: str) -> None:
        """Forget earlier failures."""
        with self._lock:
            self._failures.pop(partner, None)
            self._open_until.pop(partner, None)

    def failed(self, partner: str) -> None:
        """Count a failure; at the fifth in a row the partner rests."""
        with self._lock:
            count = self._failures.get(partner, 0) + 1
            self._failures[partner] = count
            if count >= FAILURES_UNTIL_OPEN:
                self._open_until[partner] = time.monotonic() + OPEN_SECONDS


class SandboxClient:
    """One connection pool to one world. Safe to share between threads."""

    def __init__(self, base_url: str, key_folder: Path, *, timeout_seconds: float | None = None) -> None:
        seconds = timeout_seconds or float(os.environ.get("WEIDAI_PARTNER_TIMEOUT", DEFAULT_TIMEOUT_SECONDS))
        self._key_folder = key_folder
        self._loaded: SandboxKeys | None = None
        self._breaker = Breaker()
        self._http = httpx.Client(
            base_url=base_url, timeout=httpx.Timeout(seconds), follow_redirects=False, trust_env=False,
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
        )

    def close(self) -> None:
        """Close the pool."""
        self._http.close()

    def get(self, partner: str, path: str, query: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        """Ask a question without effect; an unknown outcome is tried again twice."""
        full = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        return self._tried("GET", partner, full, b"", tries=READ_TRIES)

    def post(self, partner: str, path: str, body: Mapping[str, Any], *, repeatable: bool = False) -> dict[str, Any]:
        """Send a request; `repeatable` says that asking again has no further effect: a time-out is then tried again."""
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self._tried("POST", partner, path, content, tries=READ_TRIES if repeatable else 1)

    def verify_callback(self, *, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Say whether a callback is signed by the world and fresh (§8); `path` is path and query of our own address."""
        stamp, nonce = headers.get("Sandbox-Timestamp", ""), headers.get("Sandbox-Nonce", "")
        if headers.get("Sandbox-Key-Id") != "world" or not stamp.isdecimal() or len(stamp) > 12 or not nonce:
            return False
        if abs(clock.wall_now().timestamp() - int(stamp)) > CLOCK_TOLERANCE_SECONDS:
            return False
        signed = f"POST\n{path}\n{stamp}\n{nonce}\n".encode() + body
        return _is_signed(self._keys.world, headers.get("Sandbox-Signature", ""), signed)

    @property
    def _keys(self) -> SandboxKeys:
        if self._loaded is None:
            self._loaded = sandbox_keys(self._key_folder)
        return self._loaded

    def _tried(self, method: str, partner: str, path: str, content: bytes, *, tries: int) -> dict[str, Any]:
        for attempt in range(tries):
            time.sleep(_BACKOFF_SECONDS[attempt])
            try:
                return self._once(method, partner, path, content)
            except SandboxUnavailable:
                if attempt + 1 == tries:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    def _once(self, method: str, partner: str, path: str, content: bytes) -> dict[str, Any]:
        self._breaker.before(partner)
        nonce = secrets.token_urlsafe(18)
        try:
            headers = _headers(self._keys.client, method, path, nonce, content)
            answer = self._http.request(method, path, content=content or None, headers=headers)
        except httpx.HTTPError as error:
            raise self._unknown(partner, type(error).__name__) from error
        if not _answer_is_signed(self._keys.world, answer, nonce):
            raise self._unknown(partner, "answer_not_signed")
        if answer.status_code >= 500:
            raise self._unknown(partner, f"status_{answer.status_code}")
        self._breaker.succeeded(partner)
        try:
            body = answer.json()
        except ValueError as error:
            raise self._unknown(partner, "answer_not_json") from error
        if answer.status_code != 200:
            problem = f"{body.get('code', answer.status_code)} {body.get('field') or ''}".strip()
            raise QuestionRefused(partner=partner, problem=problem)
        return dict(body)

    def _unknown(self, partner: str, reason: str) -> SandboxUnavailable:
        self._breaker.failed(partner)
        log.warning("sandbox.no_usable_answer", partner=partner, reason=reason)
        return SandboxUnavailable(partner=partner)


def _headers(key: Ed25519PrivateKey, method: str, path: str, nonce: str, content: bytes) -> dict[str, str]:
    stamp = str(int(clock.wall_now().timestamp()))
    signature = key.sign(f"{method}\n{path}\n{stamp}\n{nonce}\n".encode() + content)
    return {
        "Content-Type": "application/json", "Sandbox-Key-Id": "client", "Sandbox-Timestamp": stamp,
        "Sandbox-Nonce": nonce, "Sandbox-Signature": base64.b64encode(signature).decode(),
        "Sandbox-Business-Time": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _answer_is_signed(key: Ed25519PublicKey, answer: httpx.Response, nonce: str) -> bool:
    head = answer.headers
    if head.get("Sandbox-Key-Id") != "world" or head.get("Sandbox-Nonce") != nonce:
        return False
    signed = f"{head.get('Sandbox-Timestamp', '')}\n{nonce}\n{answer.status_code}\n".encode() + answer.content
    return _is_signed(key, head.get("Sandbox-Signature", ""), signed)


def _is_signed(key: Ed25519PublicKey, signature: str, signed: bytes) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), signed)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
