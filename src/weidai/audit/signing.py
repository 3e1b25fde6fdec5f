"""The Ed25519 key that signs seals: made at the first use, private part 0600 in the key directory."""

from __future__ import annotations

import os
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from weidai.platform.crypto import key_directory


@lru_cache(maxsize=1)
def signing_key() -> Ed25519PrivateKey:
    """Return the private key; of two processes starting at once, the first one's key holds."""
    path = key_directory() / "seal_private.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        temporary = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(pem)
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass  # the other process's key holds
        finally:
            temporary.unlink()
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def public_key() -> Ed25519PublicKey:
    """Return the key by which anybody can check a seal."""
    return signing_key().public_key()
