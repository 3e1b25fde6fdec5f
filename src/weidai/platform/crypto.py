"""Field encryption with key versions, and keyed digests for look-up without plain text (R9.6, R1.1).

The key file (`keys/field_keys.json` under the home directory, mode 0600) holds numbered AES-256 keys, the active number
and one digest key. New values use the active key; old ones stay readable until they are re-encrypted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

_KEY_FILE = "field_keys.json"


def key_directory() -> Path:
    """Return the folder of private keys: $WEIDAI_KEY_DIR, else `keys` under the home directory."""
    from weidai.platform.postgres import home_directory

    return Path(os.environ.get("WEIDAI_KEY_DIR") or home_directory() / "keys")


def _create_key_file(path: Path) -> None:
    """Write a first key file; another process that was faster wins (link never overwrites)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = {"active": 1, "keys": {"1": _random_key()}, "digest_key": _random_key()}
    temporary = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        json.dump(content, handle)
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass  # the other process's keys hold
    finally:
        temporary.unlink()


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@lru_cache(maxsize=1)
def _keys() -> tuple[int, dict[int, AESGCM], bytes]:
    path = key_directory() / _KEY_FILE
    if not path.exists():
        _create_key_file(path)
    content = json.loads(path.read_text())
    keys = {int(number): AESGCM(base64.b64decode(key)) for number, key in content["keys"].items()}
    return int(content["active"]), keys, base64.b64decode(content["digest_key"])


def encrypt_text(value: str, purpose: str) -> str:
    """Return `value` sealed under the active key as `k<version>.<base64>`; `purpose` is bound as associated data."""
    version, keys, _ = _keys()
    nonce = secrets.token_bytes(12)
    sealed = keys[version].encrypt(nonce, value.encode(), purpose.encode())
    return f"k{version}.{base64.b64encode(nonce + sealed).decode()}"


def decrypt_text(sealed: str, purpose: str) -> str:
    """Return the plain text; raises InvalidTag when the value was altered or meant for another purpose."""
    version, _, body = sealed.partition(".")
    raw = base64.b64decode(body)
    return _keys()[1][int(version[1:])].decrypt(raw[:12], raw[12:], purpose.encode()).decode()


def digest_text(value: str, purpose: str) -> str:
    """Return the keyed digest (64 hex) by which a value is found again without storing it in plain."""
    return hmac.new(_keys()[2], f"{purpose}\n{value}".encode(), hashlib.sha256).hexdigest()


def same_digest(first: str, second: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(first, second)


class EncryptedTextField(models.TextField):
    """A text column that holds only sealed values; reading decrypts. It cannot be searched: use a digest beside it."""

    def __init__(self, *args: object, purpose: str = "field", **kwargs: object) -> None:
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def deconstruct(self):  # type: ignore[no-untyped-def]
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose}

    def get_prep_value(self, value: str | None) -> str | None:
        return None if value is None else encrypt_text(str(value), self.purpose)

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> str | None:
        return None if value is None else decrypt_text(value, self.purpose)
