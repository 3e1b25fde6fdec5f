"""Sealed files in a folder of this machine: the default shelf. Written whole or not at all, readable by the owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID


class LocalShelf:
    """Fills `files.ports.shelf` with `<folder>/<two letters>/<key>`; a key is a UUID, so it names nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, content: bytes) -> None:
        """Write beside, flush to the disk, then move into place."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{secrets.token_hex(8)}")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def get(self, key: str) -> bytes | None:
        """Return the bytes, None when there are none."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        """Remove the bytes."""
        self._path(key).unlink(missing_ok=True)

    def kept(self) -> Iterator[tuple[str, datetime]]:
        """Yield what lies in the folder; something that is no key is left alone."""
        for path in self._folder.glob("??/*"):
            try:
                yield str(UUID(path.name)), datetime.fromtimestamp(path.stat().st_mtime, UTC)
            except (ValueError, FileNotFoundError):
                continue

    def _path(self, key: str) -> Path:
        name = str(UUID(key))
        return self._folder / name[-2:] / name
