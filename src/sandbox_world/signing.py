"""Signed requests and answers (docs/reference/sandbox-protocol.md, 1.3 and 1.4)."""

import base64
import binascii
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sandbox_world.problems import Problem

NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
TIMESTAMP = re.compile(r"[0-9]{1,12}")
CLOCK_TOLERANCE_SECONDS = 300
HEADERS = ("Sandbox-Key-Id", "Sandbox-Timestamp", "Sandbox-Nonce", "Sandbox-Signature")


class HasHeaders(Protocol):
    """Whatever gives a header by its name."""

    def get(self, name: str, default: str, /) -> str:
        """Return one header."""
        ...


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The parts of a request that are signed."""

    method: str
    path_with_query: str
    body: bytes


def request_bytes(request: SignedRequest, *, timestamp: str, nonce: str) -> bytes:
    """Return the bytes that a request signature covers."""
    return f"{request.method}\n{request.path_with_query}\n{timestamp}\n{nonce}\n".encode() + request.body


def request_headers(request: SignedRequest, *, key: Ed25519PrivateKey, key_id: str) -> dict[str, str]:
    """Sign a request now and return its headers."""
    timestamp, nonce = str(int(time.time())), secrets.token_urlsafe(18)
    signature = key.sign(request_bytes(request, timestamp=timestamp, nonce=nonce))
    return dict(zip(HEADERS, (key_id, timestamp, nonce, base64.b64encode(signature).decode()), strict=True))


def answer_headers(status: int, body: bytes, *, nonce: str, key: Ed25519PrivateKey) -> dict[str, str]:
    """Sign an answer with the nonce of its request, or a fresh one when the request had none."""
    timestamp = str(int(time.time()))
    nonce = nonce if NONCE.fullmatch(nonce) else secrets.token_urlsafe(18)
    signature = key.sign(f"{timestamp}\n{nonce}\n{status}\n".encode() + body)
    return dict(zip(HEADERS, ("world", timestamp, nonce, base64.b64encode(signature).decode()), strict=True))


def request_verify(
    request: SignedRequest,
    headers: HasHeaders,
    *,
    public_key: Ed25519PublicKey,
    key_id: str,
    nonce_take: Callable[[str], bool],
) -> None:
    """Refuse a request whose signature, time or nonce is not in order; only a good signature uses up a nonce."""
    values = [headers.get(name, "") for name in HEADERS]
    missing = [name for name, value in zip(HEADERS, values, strict=True) if not value]
    if missing:
        raise Problem(401, "signature.header_missing", f"Send the headers {', '.join(missing)}.")
    sent_key_id, timestamp, nonce, signature = values
    if sent_key_id != key_id:
        raise Problem(401, "signature.key_unknown", f"The key id must be {key_id}.")
    if not TIMESTAMP.fullmatch(timestamp) or abs(int(timestamp) - time.time()) > CLOCK_TOLERANCE_SECONDS:
        raise Problem(401, "signature.timestamp_refused", "Sign with the present unix time; 300 seconds are tolerated.")
    if not NONCE.fullmatch(nonce):
        raise Problem(401, "signature.nonce_invalid", "A nonce has 16 to 64 letters, digits, - or _.")
    try:
        public_key.verify(
            base64.b64decode(signature, validate=True), request_bytes(request, timestamp=timestamp, nonce=nonce)
        )
    except (InvalidSignature, binascii.Error, ValueError):
        raise Problem(401, "signature.invalid", "The signature does not fit the request.") from None
    if not nonce_take(nonce):
        raise Problem(401, "signature.nonce_replayed", "This nonce was used before; sign again with a fresh one.")
