"""The server's log: one file with a bound.

The server appends to the open file for as long as it lives, so the bound is kept by copying the end aside and
cutting the file, at each start and each status; at most two bounds' worth of text is ever kept by us.
"""

from __future__ import annotations

import os
from pathlib import Path

from .places import same_owner

BOUND_BYTES = 10_000_000
TAIL_BYTES = 4_000


def journal_open(path: Path) -> int:
    """Return a handle the server can append to."""
    is_new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if is_new:
        same_owner(path)
    return handle


def journal_bound(path: Path, *, bound_bytes: int = BOUND_BYTES) -> None:
    """Cut a log that has outgrown its bound; its last part is kept beside it as `<name>.1`."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return
    if size <= bound_bytes:
        return
    previous = path.with_name(f"{path.name}.1")
    previous.unlink(missing_ok=True)
    handle = os.open(previous, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as target, path.open("rb") as source:
        source.seek(size - bound_bytes)
        target.write(source.read(bound_bytes))
    same_owner(previous)
    os.truncate(path, 0)


def journal_size(path: Path) -> int:
    """Return the present length, to read later only what came after."""
    return path.stat().st_size if path.exists() else 0


def journal_tail(path: Path, *, since: int = 0) -> str:
    """Return the last lines, none from before the offset `since`."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(min(since, size), size - TAIL_BYTES))
            return file.read(TAIL_BYTES).decode(errors="replace").strip()
    except FileNotFoundError:
        return ""
