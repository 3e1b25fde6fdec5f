"""Where sealed content lies: a folder of this machine by default, an S3-compatible store by setting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from weidai.platform.ports import PortSlot


class FileShelf(Protocol):
    """Keeps sealed bytes under a key. It never sees what is inside."""

    def put(self, key: str, content: bytes) -> None:
        """Keep the bytes; the same key again replaces them. Returns after they are safe."""

    def get(self, key: str) -> bytes | None:
        """Return the bytes, None when there are none."""

    def delete(self, key: str) -> None:
        """Remove the bytes; nothing there is no fault."""

    def kept(self) -> Iterator[tuple[str, datetime]]:
        """Yield every key with the instant it was put at."""


shelf: PortSlot[FileShelf] = PortSlot("files.shelf")
