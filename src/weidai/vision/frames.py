"""How the processes speak: a frame is a length of four bytes and that many bytes, nothing longer than LIMIT_BYTES."""

from __future__ import annotations

import os
import struct
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from weidai.platform.postgres import home_directory

LIMIT_BYTES = 12 * 1024 * 1024
_LENGTH = struct.Struct("!I")
_PATH_LIMIT = 100  # bytes; the system allows a few more


class Stream(Protocol):
    """What can be read from blockingly: a pipe, a socket's file."""

    def read(self, size: int, /) -> bytes | None:
        """Return up to `size` bytes, none at the end."""


def packed(body: bytes) -> bytes:
    """Return the frame of a body."""
    assert len(body) <= LIMIT_BYTES, len(body)
    return _LENGTH.pack(len(body)) + body


def joined(head: bytes, content: bytes) -> bytes:
    """Return two parts as one body."""
    return packed(head) + content


def parted(body: bytes) -> tuple[bytes, bytes]:
    """Return the two parts of a body that `joined` made; ValueError when it is something else."""
    if len(body) < _LENGTH.size or len(body) < (end := _LENGTH.size + length_of(body[:_LENGTH.size])):
        raise ValueError("not two parts")
    return body[_LENGTH.size:end], body[end:]


def length_of(head: bytes) -> int:
    """Return the length a frame's head announces; ValueError when it is more than allowed."""
    (length,) = _LENGTH.unpack(head)
    if length > LIMIT_BYTES:
        raise ValueError("frame too long")
    return int(length)


def read_frame(stream: Stream) -> bytes | None:
    """Return the next frame's body, None at the end of the stream."""
    head = _exactly(stream, _LENGTH.size)
    return None if head is None else _exactly(stream, length_of(head))


def _exactly(stream: Stream, size: int) -> bytes | None:
    body = b""
    while len(body) < size:
        part = stream.read(size - len(body))
        if not part:
            return None
        body += part
    return body


def socket_path() -> Path:
    """Return where the reading process listens: in the home, or in a short private folder when that path is too long."""
    usual = home_directory() / "vision.sock"
    if len(os.fsencode(usual)) <= _PATH_LIMIT:
        return usual
    name = sha256(os.fsencode(usual)).hexdigest()[:16]
    return Path(f"/tmp/weidai-vision-{os.getuid()}-{name}/vision.sock")  # noqa: S108 (made 0700, owner checked)
