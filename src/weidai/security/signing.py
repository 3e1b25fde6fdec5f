"""What a bound device signs, word for word, and whether a signature holds: ECDSA over P-256 with SHA-256 (R6.2, R8.4).

The text is UTF-8, one `name=value` a line in a fixed order under a first line that says what it is for. The signature is r
and s of 32 bytes each, base64, as WebCrypto gives it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from uuid import UUID

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

_COORDINATE = 32
_LONGEST_KEY = 400
_ALGORITHM = ec.ECDSA(hashes.SHA256())


def key_text(customer_id: UUID, *, nonce: str) -> str:
    """Return what a new key signs to show that it is in the device's hand."""
    return _text("device_key", customer=customer_id, nonce=nonce)


def deed_text(customer_id: UUID, *, deed: str, subject: str, nonce: str) -> str:
    """Return what is signed to change how an account is protected."""
    return _text(deed, customer=customer_id, subject=subject, nonce=nonce)


def drawdown_summary(
    customer_id: UUID, *, drawdown_id: UUID, agreement_sha256: str, amount_fen: int, term_months: int,
) -> str:
    """Return the transaction that code and signature are for: no other amount, term or agreement (R6.2)."""
    return _text("drawdown", customer=customer_id, drawdown=drawdown_id, agreement_sha256=agreement_sha256,
                 amount_fen=amount_fen, term_months=term_months)


def drawdown_text(summary: str, *, challenge_id: UUID) -> str:
    """Return what is signed to borrow: the transaction, and the number of the code as its nonce, which counts once."""
    return f"{summary}\nnonce={challenge_id}"


def fingerprint(public_key: str) -> str:
    """Return the name of a key: SHA-256 of its SPKI, hex; raises ValueError for what is no P-256 key."""
    _loaded(public_key)
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()


def signature_holds(public_key: str, *, text: str, signature: str) -> bool:
    """Say whether this key signed this text."""
    try:
        raw = base64.b64decode(signature, validate=True)
        if len(raw) != 2 * _COORDINATE:
            return False
        numbers = int.from_bytes(raw[:_COORDINATE]), int.from_bytes(raw[_COORDINATE:])
        _loaded(public_key).verify(encode_dss_signature(*numbers), text.encode(), _ALGORITHM)
    except (ValueError, binascii.Error, InvalidSignature):
        return False
    return True


def _loaded(public_key: str) -> ec.EllipticCurvePublicKey:
    if len(public_key) > _LONGEST_KEY:
        raise ValueError("too long for a P-256 key")
    try:
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
    except UnsupportedAlgorithm as error:  # another curve or kind of key
        raise ValueError("no P-256 key") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise ValueError("no P-256 key")
    return key


def _text(what: str, **parts: object) -> str:
    return "\n".join([f"weidai.{what}.v1", *(f"{name}={value}" for name, value in parts.items())])
