"""Sealed values: `v1|key id|nonce|ciphertext`, bound to the place they stand in (IDENTITY §5).

The associated data is `table:column:row`, so that a value copied to another row or column cannot be opened there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from weidai.platform.keys import datakeys
from weidai.platform.keys.datakeys import INSTITUTION, Scope
from weidai.platform.keys.keyfile import keyring

_MARK = "v1|"
SECRET_MARK = "s:"  # noqa: S105 (a mark before a digest)


def seal(value: str, place: str, *, customer_id: UUID = INSTITUTION, scope: Scope = "i") -> str:
    """Return a text sealed with a person's key (the institution's by default), bound to `place`."""
    name, data_key = datakeys.key_for_writing(customer_id, scope)
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(data_key).encrypt(nonce, value.encode(), place.encode())
    return f"{_MARK}{name}|{base64.b64encode(nonce).decode()}|{base64.b64encode(sealed).decode()}"


def unseal(sealed: str, place: str, *, legacy_purpose: str = "") -> str:
    """Return the plain text; raises InvalidTag for another place or an altered value, KeyDestroyed when it is gone.

    `legacy_purpose` is what values of older homes (`k<number>.…`) were bound to.
    """
    if not sealed.startswith(_MARK):
        return _unseal_legacy(sealed, legacy_purpose or place)
    _, name, nonce, body = sealed.split("|", 3)
    opened = AESGCM(datakeys.key_open(name)).decrypt(base64.b64decode(nonce), base64.b64decode(body), place.encode())
    return opened.decode()


def sealed_by_nobody(customer_id: UUID) -> str:
    """Return what stands where an erased person's value is emptied: it names their destroyed key and holds nothing."""
    return f"{_MARK}{datakeys.key_id(customer_id, 'p', 1)}||"


def is_legacy(sealed: str) -> bool:
    """Say whether a stored value is still sealed the way older homes did it."""
    return not sealed.startswith(_MARK)


def key_name(sealed: str) -> str | None:
    """Return the id of the data key of a sealed value, None for a value of an older home."""
    return sealed.split("|", 2)[1] if sealed.startswith(_MARK) else None


def seal_bytes(content: bytes, place: str, *, customer_id: UUID, scope: Scope) -> tuple[str, bytes]:
    """Return key id and sealed bytes (12 of nonce before the ciphertext) of a file."""
    name, data_key = datakeys.key_for_writing(customer_id, scope)
    nonce = secrets.token_bytes(12)
    return name, nonce + AESGCM(data_key).encrypt(nonce, content, place.encode())


def unseal_bytes(sealed: bytes, place: str, *, key: str) -> bytes:
    """Return the content of a sealed file."""
    return AESGCM(datakeys.key_open(key)).decrypt(sealed[:12], sealed[12:], place.encode())


def digest_text(value: str, purpose: str) -> str:
    """Return the keyed digest of what is compared without plain text, under the newest key: for what is new."""
    return digest_texts(value, purpose)[-1]


def digest_texts(value: str, purpose: str) -> tuple[str, ...]:
    """Return the digests under which a value may stand, one per version of the digest key in force, the newest last."""
    ring = keyring(fresh=True)
    numbers = sorted(ring.digests.keys, key=lambda number: (number == ring.digests.active, number))
    return tuple(ring.digest(value, purpose, number) for number in numbers)


def secret_digest(secret: str, purpose: str) -> str:
    """Return the digest of a long random secret (token, name of a device): nobody guesses it, so it needs no key."""
    return SECRET_MARK + hashlib.sha256(f"{purpose}\n{secret}".encode()).hexdigest()


def secret_digests(secret: str, purpose: str) -> tuple[str, ...]:
    """Return the digests a long random secret may be found by: `secret_digest`, and the keyed one of older homes."""
    ring = keyring(fresh=True)
    return secret_digest(secret, purpose), *([ring.digest(secret, purpose, 1)] if 1 in ring.digests.keys else [])


def same_digest(first: str, second: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(first, second)


def _unseal_legacy(sealed: str, purpose: str) -> str:
    version, _, body = sealed.partition(".")
    try:
        key = keyring().legacy[int(version[1:])]
        raw = base64.b64decode(body, validate=True)
    except (KeyError, ValueError) as error:
        raise InvalidTag from error
    return AESGCM(key).decrypt(raw[:12], raw[12:], purpose.encode()).decode()
