"""Who holds the master key: the key file by default, a KMS or HSM where wiring puts one in (IDENTITY §5)."""

from __future__ import annotations

import secrets
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from weidai.platform.keys.keyfile import keyring


class MasterKey(Protocol):
    """Wraps and unwraps data keys; the key itself never leaves it."""

    def active_version(self) -> int:
        """Return the version new data keys are wrapped with."""

    def versions(self) -> tuple[int, ...]:
        """Return every version that can still unwrap."""

    def wrap(self, version: int, data_key: bytes, *, name: str) -> bytes:
        """Return the data key sealed; `name` is bound to it."""

    def unwrap(self, version: int, wrapped: bytes, *, name: str) -> bytes:
        """Return the data key; raises KeyError for a version that is gone."""


class FileMasterKey:
    """Master keys in the key file: AES-256-GCM over the data key, its name as associated data."""

    def active_version(self) -> int:
        """Return the version new data keys are wrapped with; a replaced file is noticed here."""
        return keyring(fresh=True).kek.active

    def versions(self) -> tuple[int, ...]:
        """Return every version in the file."""
        return tuple(sorted(keyring(fresh=True).kek.keys))

    def wrap(self, version: int, data_key: bytes, *, name: str) -> bytes:
        """Return nonce and sealed key, 60 bytes."""
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(keyring().kek.keys[version]).encrypt(nonce, data_key, name.encode())

    def unwrap(self, version: int, wrapped: bytes, *, name: str) -> bytes:
        """Return the data key."""
        keys = keyring().kek.keys
        if version not in keys:
            keys = keyring(fresh=True).kek.keys
        return AESGCM(keys[version]).decrypt(wrapped[:12], wrapped[12:], name.encode())


_master: list[MasterKey] = [FileMasterKey()]


def master_key() -> MasterKey:
    """Return who holds the master key."""
    return _master[0]


def master_key_fill(holder: MasterKey) -> None:
    """Put another holder in force (wiring at start-up, tests)."""
    _master[0] = holder
