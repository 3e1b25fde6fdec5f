"""Synthetic speakers for `bench.voice`: espeak-ng says Mandarin digits in many voices; rooms, lines and splices are arithmetic.

The speakers of development (thresholds were chosen on them) and of the measurement share no voice variant.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from tests.support.voices import wav_of, windows_for

from weidai.voices.heard import Recording
from weidai.voices.spectrum import RATE
from weidai.voices.wav import wav_read

_NAMES = (
    "f1 f2 f3 f4 f5 m1 m2 m3 m4 m5 m6 m7 m8 Alex Alicia Andrea Andy Annie Denis Diogo Gene Jacky Lee Mario Michael Mike "
    "Nguyen Reed Robert Steph Storm Travis Tweaky anika aunty belinda benjamin boris caleb croak david ed edward grandma "
    "grandpa iven john kaukovalta klatt klatt2 linda marcelo max michel miguel norbert pablo paul pedro quincy rob shelby "
    "victor zac"
)
_VARIANTS = _NAMES.split()
DEVELOPMENT, MEASURED = _VARIANTS[::2], _VARIANTS[1::2]
_WORDS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
Sound = np.ndarray


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice of espeak-ng with a pitch and a speed of its own."""

    variant: str
    pitch: int
    speed: int

    def alike(self) -> Speaker:
        """Return somebody with the same voice but for the pitch: the hardest impostor there is here."""
        return Speaker(self.variant, self.pitch + (18 if self.pitch < 50 else -18), self.speed + 12)


def speakers_draw(variants: Sequence[str], count: int, *, seed: int) -> list[Speaker]:
    """Return speakers, one a variant."""
    rng = np.random.default_rng(seed)
    return [Speaker(name, int(rng.integers(25, 76)), int(rng.integers(130, 186))) for name in variants[:count]]


def digits_draw(count: int, *, seed: Sequence[int]) -> str:
    """Return digits as a challenge would ask for them."""
    return "".join(str(digit) for digit in np.random.default_rng(seed).integers(0, 10, count))


def said(speaker: Speaker, digits: str, *, seed: Sequence[int]) -> Sound:
    """Return the digits at the windows of `windows_for`, each said a little differently, in a silent room."""
    rng = np.random.default_rng(seed)
    windows = windows_for(len(digits))
    sound = np.zeros((windows[-1][1] + 300) * RATE // 1000, np.float32)
    mood, haste = int(rng.integers(-3, 4)), int(rng.integers(-8, 9))
    for digit, (start, _) in zip(digits, windows, strict=True):
        pitch = min(99, max(0, speaker.pitch + mood + 2 * int(rng.integers(-1, 2))))
        word = _word(speaker.variant, pitch, speaker.speed + haste, digit) * rng.uniform(0.7, 1.0)
        at = int((start + rng.uniform(280, 480)) * RATE / 1000)
        sound[at:at + len(word)] += word[:len(sound) - at]
    return sound * 0.5


def clean(sound: Sound, *, seed: Sequence[int]) -> Sound:
    """Return the sound with the hiss of a good microphone."""
    return np.asarray(sound + np.random.default_rng(seed).normal(size=len(sound)) * 5e-4, dtype=np.float32)


def room(sound: Sound, *, seed: Sequence[int]) -> Sound:
    """Return the sound in a living room: 0.15 to 0.35 s of echo, noise 15 to 30 dB below the speech."""
    rng = np.random.default_rng(seed)
    return _noisy(_echo(sound, rng, (0.15, 0.35), 0.05), rng, (15, 30), 8000)


def phone(sound: Sound, *, seed: Sequence[int]) -> Sound:
    """Return the sound over a telephone band of 300 to 3400 Hz, with echo, noise 12 to 25 dB below the speech."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(_echo(sound, rng, (0.12, 0.3), 0.06))
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum /= np.sqrt((1 + (300 / np.maximum(hertz, 1)) ** 8) * (1 + (hertz / 3400) ** 16))
    return _noisy(np.fft.irfft(spectrum, len(sound)), rng, (12, 25), 3400)


def loudspeaker(sound: Sound, *, seed: Sequence[int]) -> Sound:
    """Return a recording played again before a phone: nothing below 250 Hz, and the room once more."""
    spectrum = np.fft.rfft(sound)
    spectrum /= np.sqrt(1 + (250 / np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE), 1)) ** 6)
    return room(np.fft.irfft(spectrum, len(sound)).astype(np.float32), seed=seed)


def recorded(sound: Sound, digits: str) -> Recording:
    """Return what the page would send for the digits asked."""
    return Recording(digits, windows_for(len(digits)), wav_of(sound))


def spliced(sources: Sequence[tuple[Sound, str]], digits: str) -> Sound:
    """Return the digits cut window by window out of recordings of the same person that hold them all."""
    windows = windows_for(len(digits))
    found = np.zeros((windows[-1][1] + 300) * RATE // 1000, np.float32)
    for digit, (start, end) in zip(digits, windows, strict=True):
        sound, place = next((sound, text.index(digit)) for sound, text in sources if digit in text)
        begin = windows_for(place + 1)[place][0]
        piece = sound[begin * RATE // 1000:(begin + end - start) * RATE // 1000]
        found[start * RATE // 1000:start * RATE // 1000 + len(piece)] = piece
    return found


@lru_cache(maxsize=4096)
def _word(variant: str, pitch: int, speed: int, digit: str) -> Sound:
    command = ["espeak-ng", "-v", f"cmn+{variant}", "-p", str(pitch), "-s", str(speed), "--stdout", _WORDS[digit]]
    sound = wav_read(subprocess.run(command, capture_output=True, check=True).stdout)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    return sound[loud[0]:loud[-1] + 1]


def _echo(sound: Sound, rng: np.random.Generator, seconds: tuple[float, float], strength: float) -> Sound:
    at = np.arange(int(RATE * 0.3)) / RATE
    answer = rng.normal(size=len(at)) * np.exp(-6.9 * at / rng.uniform(*seconds)) * strength
    answer[0] = 1.0
    room_for = len(sound) + len(answer)
    return np.fft.irfft(np.fft.rfft(sound, room_for) * np.fft.rfft(answer, room_for), room_for)[:len(sound)]


def _noisy(sound: Sound, rng: np.random.Generator, below_db: tuple[float, float], highest: int) -> Sound:
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    shape = np.sqrt(1 / np.maximum(hertz, 60)) / np.sqrt(1 + (hertz / highest) ** 16)
    noise = np.fft.irfft(np.fft.rfft(rng.normal(size=len(sound))) * shape, len(sound))
    loud = np.abs(sound) > 0.02 * np.abs(sound).max()
    level = np.sqrt((sound[loud] ** 2).mean()) * 10 ** (-rng.uniform(*below_db) / 20)
    return np.asarray(sound + noise / noise.std() * level, dtype=np.float32)
