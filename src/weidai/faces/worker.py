"""The face process: reads captures from its standard input, one after the other, and ends with it.

Pictures of strangers are decoded here and nowhere else: a fault in a decoder ends this process, not the server's.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from typing import IO, Any

LARGEST_MESSAGE = 64 * 1024 * 1024
MEMORY_BYTES = 3 * 1024**3  # of addresses; about 250 MB of it is really used


def message_write(stream: IO[bytes], head: dict[str, Any], *parts: bytes) -> None:
    """Write one message: lengths, a JSON head, and the pictures after it."""
    text = json.dumps({**head, "parts": [len(part) for part in parts]}).encode()
    stream.write(struct.pack(">I", len(text)) + text)
    for part in parts:
        stream.write(part)
    stream.flush()


def message_read(stream: IO[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Return the next message; EOFError when the other side has gone."""
    (length,) = struct.unpack(">I", _exactly(stream, 4))
    if length > LARGEST_MESSAGE:
        raise EOFError
    head: dict[str, Any] = json.loads(_exactly(stream, length))
    return head, [_exactly(stream, int(size)) for size in head.pop("parts")]


def _exactly(stream: IO[bytes], count: int) -> bytes:
    found = stream.read(count)
    if len(found) != count:
        raise EOFError
    return found


def main() -> None:
    """Answer until standard input ends. Nothing about a picture is printed or kept."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from weidai.faces.engine import Engine, PictureUnreadable, Shot

    engine, heard, said = Engine(), sys.stdin.buffer, sys.stdout.buffer
    message_write(said, {"ready": True})
    while True:
        try:
            head, parts = message_read(heard)
        except EOFError:
            return
        portrait = parts.pop() if head["has_portrait"] else None
        shots = [Shot(step, at_ms, part) for (step, at_ms), part in zip(head["marks"], parts, strict=True)]
        try:
            message_write(said, {"seen": engine.look(shots, portrait).to_json()})
        except PictureUnreadable:
            message_write(said, {"error": "unreadable"})


if __name__ == "__main__":
    main()
