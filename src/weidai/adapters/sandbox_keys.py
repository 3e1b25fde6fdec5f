"""The key folder shared with the sandbox world, made by whoever starts first, without a race (protocol §1.2)."""

from __future__ import annotations

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
    load_pem_public_key,
)


@dataclass(frozen=True, slots=True)
class SandboxKeys:
    """Our private key and the world's public one."""

    client: Ed25519PrivateKey
    world: Ed25519PublicKey


def sandbox_keys(folder: Path) -> SandboxKeys:
    """Return both keys; create what is missing, so that either side may start first."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for owner in ("client", "world"):
        _ensure(folder, owner)
    client = load_pem_private_key((folder / "client_private.pem").read_bytes(), None)
    world = load_pem_public_key((folder / "world_public.pem").read_bytes())
    assert isinstance(client, Ed25519PrivateKey)
    assert isinstance(world, Ed25519PublicKey)
    return SandboxKeys(client, world)


def tencent_secret(folder: Path) -> tuple[str, str]:
    """Return id and key of our account at the world's face vendor; made by whoever asks first (protocol §3)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "tencent_secret"
    if not path.exists():
        temporary = _written(folder, f"AKIDsandbox\n{secrets.token_hex(16)}".encode(), 0o600)
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass  # the world was first; its secret counts
        finally:
            temporary.unlink()
    secret_id, secret_key = path.read_text().split()
    return secret_id, secret_key


def _ensure(folder: Path, owner: str) -> None:
    private_path, public_path = folder / f"{owner}_private.pem", folder / f"{owner}_public.pem"
    if public_path.exists() and (private_path.exists() or owner == "world"):
        return  # in production the world's private key is somewhere else
    if not private_path.exists():
        fresh = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        temporary = _written(folder, fresh, 0o600)
        try:
            os.link(temporary, private_path)
        except FileExistsError:
            pass  # the other side was first; its key counts
        finally:
            temporary.unlink()
    key = load_pem_private_key(private_path.read_bytes(), None)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    os.replace(_written(folder, public, 0o644), public_path)


def _written(folder: Path, content: bytes, mode: int) -> Path:
    path = folder / f".{secrets.token_hex(8)}.tmp"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    return path
