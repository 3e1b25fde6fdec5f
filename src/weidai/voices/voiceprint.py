"""A voiceprint as bytes: a mark with the version, the voice's direction, and the shapes of the digits. It holds no sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from weidai.voices.digits import FRAMES
from weidai.voices.digits import NUMBERS as SHAPE_NUMBERS
from weidai.voices.heard import ENGINE_VERSION, VoiceprintUnknown
from weidai.voices.speaker import NUMBERS

MARK = b"WDVP" + bytes([ENGINE_VERSION])
LARGEST_BYTES = 64 * 1024
_SHAPE = FRAMES * SHAPE_NUMBERS


@dataclass(frozen=True, slots=True)
class Voiceprint:
    """A unit vector, and the words a person enrolled with their digits."""

    voice: np.ndarray
    digits: str
    shapes: np.ndarray


def voiceprint_write(made: Voiceprint) -> bytes:
    """Return the bytes; ValueError when there are more words than fit."""
    body = b"".join((MARK, bytes([len(made.digits)]), made.digits.encode(), made.voice.astype("<f4").tobytes(),
                     made.shapes.astype("<f2").tobytes()))
    if len(body) > LARGEST_BYTES:
        raise ValueError("too many words")
    return body


def voiceprint_read(body: bytes) -> Voiceprint:
    """Return what `voiceprint_write` wrote; raises VoiceprintUnknown."""
    count = body[len(MARK)] if len(body) > len(MARK) and body.startswith(MARK) else 0
    at = len(MARK) + 1
    if not count or len(body) != at + count + 4 * NUMBERS + 2 * _SHAPE * count:
        raise VoiceprintUnknown
    digits = body[at:at + count]
    voice = np.frombuffer(body, "<f4", NUMBERS, at + count)
    shapes = np.frombuffer(body, "<f2", _SHAPE * count, at + count + 4 * NUMBERS).astype(np.float32)
    if not digits.isdigit() or not (np.isfinite(voice).all() and np.isfinite(shapes).all()):
        raise VoiceprintUnknown
    return Voiceprint(voice, digits.decode("ascii"), shapes.reshape(count, FRAMES, SHAPE_NUMBERS))
