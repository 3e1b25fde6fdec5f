"""Reads the one kind of sound file weidai takes: WAV, whole numbers of 16 bits, one or two channels, 8 to 48 kHz."""

from __future__ import annotations

import struct
from math import gcd

import numpy as np

from weidai.voices.heard import LARGEST_WAV_BYTES
from weidai.voices.spectrum import RATE

LEAST_PART = 50  # of a second; with fewer samples there is nothing to look at
LEAST_RATE, GREATEST_RATE, MOST_SECONDS, MOST_CHUNKS = 8_000, 48_000, 40, 64
_PLAIN, _EXTENDED, _PLAIN_GUID = 1, 0xFFFE, bytes.fromhex("0100000000001000800000aa00389b71")


class NotAudio(Exception):
    """Not a file of this kind; nothing was computed."""


def wav_read(body: bytes, *, until_ms: int = MOST_SECONDS * 1000) -> np.ndarray:
    """Return one channel at 16 kHz between -1 and 1, as far as wanted. The header is believed within the bytes there are."""
    if len(body) > LARGEST_WAV_BYTES or body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        raise NotAudio
    form, samples = _chunks(body)
    if form is None or samples is None or len(form) < 16:
        raise NotAudio
    kind, channels, rate, _, block, bits = struct.unpack("<HHIIHH", form[:16])
    if kind == _EXTENDED and form[24:40] == _PLAIN_GUID:
        kind = _PLAIN
    if (kind, bits) != (_PLAIN, 16) or channels not in (1, 2) or block != 2 * channels:
        raise NotAudio
    if not LEAST_RATE <= rate <= GREATEST_RATE:
        raise NotAudio
    count = len(samples) // block
    if not rate // LEAST_PART <= count <= rate * MOST_SECONDS:
        raise NotAudio
    count = min(count, until_ms * rate // 1000)
    sound = np.frombuffer(samples, dtype="<i2", count=count * channels).reshape(count, channels)
    return at_rate(sound.astype(np.float32).mean(axis=1) / 32768, rate)


def _chunks(body: bytes) -> tuple[bytes | None, bytes | None]:
    """Return the format and the samples; a file cut off inside its samples gives those that are there."""
    form, at = None, 12
    for _ in range(MOST_CHUNKS):
        if at + 8 > len(body):
            return form, None
        name, length = body[at:at + 4], int.from_bytes(body[at + 4:at + 8], "little")
        if name == b"fmt ":
            form = body[at + 8:at + 8 + min(length, 64)]
        elif name == b"data":
            return form, body[at + 8:at + 8 + length]
        at += 8 + length + length % 2
    return form, None


def at_rate(sound: np.ndarray, rate: int) -> np.ndarray:
    """Return the sound at 16 kHz: its spectrum, cut or continued with nothing above."""
    if rate == RATE:
        return sound
    step = rate // gcd(rate, RATE)  # so many samples become a whole number of them
    padded = np.pad(sound, (0, -len(sound) % step))
    count = len(padded) * RATE // rate
    spectrum = np.fft.rfft(padded)
    kept = np.zeros(count // 2 + 1, dtype=complex)
    both = min(len(spectrum), len(kept))
    kept[:both] = spectrum[:both]
    return np.asarray(np.fft.irfft(kept, count) * (count / len(padded)), dtype=np.float32)[:len(sound) * RATE // rate]
