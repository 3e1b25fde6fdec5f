"""The shared key directory: made by whoever starts first, without a race (docs/reference/sandbox-protocol.md, 1.2)."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

OWNERS = ("client", "world")


@dataclass(frozen=True, slots=True)
class Keys:
    """The world's own key and the public key of its only client; the client's private key is here for tests alone."""

    world: Ed25519PrivateKey
    client_public: Ed25519PublicKey


def keys_ensure(folder: Path) -> Keys:
    """Create what is missing in the key directory and load it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = {owner: _pair_ensure(folder, owner) for owner in OWNERS}
    return Keys(world=private["world"], client_public=private["client"].public_key())


def private_key_load(folder: Path, owner: str) -> Ed25519PrivateKey:
    """Load the private key of `client` or `world`."""
    key = load_pem_private_key((folder / f"{owner}_private.pem").read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{owner}_private.pem does not hold an Ed25519 key")
    return key


def _pair_ensure(folder: Path, owner: str) -> Ed25519PrivateKey:
    private_path, public_path = folder / f"{owner}_private.pem", folder / f"{owner}_public.pem"
    if not private_path.exists():
        text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        temporary = _temporary_file(folder, text, mode=0o600)
        try:
            os.link(temporary, private_path)
        except FileExistsError:
            pass  # the other side was first; its key counts
        finally:
            temporary.unlink()
    key = private_key_load(folder, owner)
    public_text = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if not public_path.exists() or public_path.read_bytes() != public_text:
        _temporary_file(folder, public_text, mode=0o644).replace(public_path)
    return key


def _temporary_file(folder: Path, content: bytes, *, mode: int) -> Path:
    path = folder / f".{secrets.token_hex(8)}.tmp"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return path


def tencent_secret_load(folder: Path) -> tuple[str, str]:
    """Return id and key of the account at the face vendor; made by whoever asks first."""
    path = folder / "tencent_secret"
    if not path.exists():
        temporary = _temporary_file(folder, f"AKIDsandbox\n{secrets.token_hex(16)}".encode(), mode=0o600)
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass  # the other side was first; its secret counts
        finally:
            temporary.unlink()
    secret_id, secret_key = path.read_text().split()
    return secret_id, secret_key
