"""JPEG frames as one AVI file (Motion JPEG, RIFF): the moving picture that face vendors take."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_HAS_INDEX, _IS_KEYFRAME = 0x10, 0x10


def avi_of_jpegs(frames: Sequence[tuple[int, bytes]]) -> bytes:
    """Return an AVI of frames (instant in milliseconds, JPEG) at their mean rate; all of one size."""
    assert frames, "a film has frames"
    width, height = jpeg_size(frames[0][1])
    span_ms = max(frames[-1][0] - frames[0][0], 1)
    frame_us = max(span_ms * 1000 // max(len(frames) - 1, 1), 1)
    largest = max(len(data) for _, data in frames)
    main = struct.pack("<14I", frame_us, largest * 1_000_000 // frame_us, 0, _HAS_INDEX, len(frames), 0, 1, largest,
                       width, height, 0, 0, 0, 0)
    stream = b"vidsMJPG" + struct.pack("<IHHIIIIIIIIhhhh", 0, 0, 0, 0, frame_us, 1_000_000, 0, len(frames), largest, 10_000,
                                       0, 0, 0, width, height)
    picture = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", width * height * 3, 0, 0, 0, 0)
    header = _list(b"hdrl", _chunk(b"avih", main) + _list(b"strl", _chunk(b"strh", stream) + _chunk(b"strf", picture)))
    film, index = _film(frames)
    body = b"AVI " + header + _list(b"movi", film) + _chunk(b"idx1", index)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height out of a JPEG's frame header; raises ValueError when there is none."""
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        kind, length = data[place + 1], int.from_bytes(data[place + 2:place + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[place + 7:place + 9], "big"), int.from_bytes(data[place + 5:place + 7], "big")
        place += 2 + length
    raise ValueError("no JPEG frame header")


def _film(frames: Sequence[tuple[int, bytes]]) -> tuple[bytes, bytes]:
    film, index, offset = [], [], 4
    for _, data in frames:
        chunk = _chunk(b"00dc", data)
        index.append(b"00dc" + struct.pack("<III", _IS_KEYFRAME, offset, len(data)))
        film.append(chunk)
        offset += len(chunk)
    return b"".join(film), b"".join(index)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(name: bytes, data: bytes) -> bytes:
    return _chunk(b"LIST", name + data)
