"""Evidence arithmetic: event digests and RFC 6962 Merkle trees. Pure and short, so that a stranger can check it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any


def event_digest(event: Mapping[str, Any]) -> str:
    """Return SHA-256 (hex) of the event's canonical JSON: sorted keys, UTF-8, no spaces."""
    canonical = json.dumps(event, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def leaf_hash(digest: str) -> bytes:
    """Return the tree's leaf for an event digest (RFC 6962: prefix 0x00)."""
    return hashlib.sha256(b"\x00" + bytes.fromhex(digest)).digest()


def merkle_root(digests: Sequence[str]) -> str:
    """Return the RFC 6962 tree head (hex) over event digests in order; the empty tree is SHA-256 of nothing."""
    if not digests:
        return hashlib.sha256(b"").hexdigest()
    return _head([leaf_hash(digest) for digest in digests]).hex()


def _head(level: list[bytes]) -> bytes:
    """Join pairs level by level; a lonely last node moves up, which equals RFC 6962's largest-power-of-two split."""
    while len(level) > 1:
        joined = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = joined + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def seal_statement(*, number: int, day: str, tree_size: int, root: str, previous: str) -> bytes:
    """Return the bytes a seal signs: what was sealed and the digest of the seal before it."""
    return f"weidai-seal-1\n{number}\n{day}\n{tree_size}\n{root}\n{previous}\n".encode()


def statement_digest(statement: bytes) -> str:
    """Return the digest by which the next seal chains to this one."""
    return hashlib.sha256(statement).hexdigest()
