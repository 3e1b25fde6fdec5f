"""Two file locks keep one cluster from being started twice.

`start.lock` is held by a starting command, so that two of them take turns. `run.lock` is inherited by the server
and by initdb: it stays held as long as any process of the cluster lives, even one that this machine's process
list does not show (another container on the same volume). Both vanish with their holders; no stale lock is possible.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import PostgresBusy
from .places import same_owner

POLL_SECONDS = 0.05


def lock_try(path: Path) -> int | None:
    """Return an open handle that holds the lock, or None when somebody else holds it."""
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if is_new:
        same_owner(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def lock_is_held(path: Path) -> bool:
    """Say whether anybody holds the lock just now."""
    if not path.exists():
        return False
    handle = lock_try(path)
    if handle is not None:
        os.close(handle)
    return handle is None


@contextmanager
def lock_held(
    path: Path, *, seconds: float, refusal: str, between: Callable[[float], None] = lambda _: None
) -> Iterator[int]:
    """Hold the lock for the block; wait for it up to `seconds`, calling `between` with the seconds waited."""
    began = time.monotonic()
    while (handle := lock_try(path)) is None:
        waited = time.monotonic() - began
        if waited > seconds:
            raise PostgresBusy(refusal)
        between(waited)
        time.sleep(POLL_SECONDS)
    try:
        yield handle
    finally:
        os.close(handle)
