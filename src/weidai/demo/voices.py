"""Voices made of arithmetic: a few resonances over a buzz, enough for the voice engine to tell speakers and digits apart.

They sound like toys and are nobody's. `recording_make` returns what a browser would send.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weidai.voices.heard import Recording

RATE = 16_000
WINDOW_MS, LEAD_MS, ANSWER_MS = 1_200, 400, 350
# Resonances (Hz) a digit moves through, as in líng, yī, èr, sān, sì, wǔ, liù, qī, bā, jiǔ; hiss before it: (ms, Hz); its tone.
_PATHS: dict[str, tuple[tuple[tuple[int, int, int], ...], tuple[int, int] | None, tuple[float, float, float]]] = {
    "0": (((350, 1300, 2500), (300, 2200, 2900), (320, 1500, 2400)), None, (0.95, 0.95, 1.15)),
    "1": (((280, 2250, 3000), (270, 2300, 3050), (280, 2250, 3000)), None, (1.15, 1.15, 1.15)),
    "2": (((650, 1250, 2400), (550, 1350, 1900), (450, 1400, 1700)), None, (1.2, 1.0, 0.8)),
    "3": (((800, 1350, 2500), (780, 1450, 2500), (500, 1500, 2500)), (110, 5500), (1.15, 1.15, 1.15)),
    "4": (((400, 1350, 2600), (400, 1380, 2650), (390, 1350, 2600)), (150, 6000), (1.2, 1.0, 0.8)),
    "5": (((330, 750, 2250), (340, 650, 2300), (330, 620, 2300)), None, (0.95, 0.85, 1.0)),
    "6": (((330, 2000, 2700), (450, 1300, 2400), (400, 800, 2350)), None, (1.2, 1.0, 0.8)),
    "7": (((290, 2200, 2950), (280, 2250, 3000), (280, 2250, 3000)), (130, 3800), (1.15, 1.15, 1.15)),
    "8": (((500, 1100, 2400), (820, 1250, 2500), (800, 1250, 2500)), (12, 900), (1.15, 1.15, 1.15)),
    "9": (((330, 2100, 2800), (480, 1200, 2400), (420, 850, 2350)), (70, 3400), (0.95, 0.85, 1.0)),
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """A made-up voice: height (Hz), length of the throat (1 = usual), how dark it sounds, how breathy, how fast."""

    name: str
    height: float
    throat: float
    darkness: float
    breath: float = 0.02
    pace: float = 1.0


LAN = Speaker("lan", 225.0, 0.86, 0.80, 0.03, 1.0)  # a high, light voice
BO = Speaker("bo", 105.0, 1.10, 0.95, 0.01, 1.1)  # a low, dark one


def speaker_draw(seed: int) -> Speaker:
    """Return some voice; different seeds need not sound very different."""
    rng = np.random.default_rng(seed)
    return Speaker(f"drawn-{seed}", float(rng.uniform(90, 260)), float(rng.uniform(0.82, 1.15)), float(rng.uniform(0.75, 0.96)),
                   float(rng.uniform(0.005, 0.05)), float(rng.uniform(0.9, 1.15)))


def recording_make(speaker: Speaker, digits: str, *, seed: int = 0, said: str | None = None, noise_db: float = 55.0,
                   rate: int = RATE, windows_ms: Sequence[tuple[int, int]] | None = None) -> Recording:
    """Return a recording of `said` (as asked unless given) at the windows; the same seed is the same recording.

    A space in `said` is a window in which nothing is said; `noise_db` is how far the room lies below the speech.
    """
    windows = tuple(windows_ms) if windows_ms is not None else windows_for(len(digits))
    sound = sound_make(speaker, said if said is not None else digits, windows, seed=seed, noise_db=noise_db, rate=rate)
    return Recording(digits, windows, wav_of(sound, rate=rate))


def pack_make(speaker: Speaker, *, seed: int = 0, recordings: int = 4, noise_db: float = 55.0) -> list[Recording]:
    """Return recordings to enrol with: every digit twice, in an order drawn from the seed."""
    order = np.random.default_rng(seed).permutation(list("01234567890123456789"))
    return [recording_make(speaker, "".join(part), seed=seed * 100 + number, noise_db=noise_db)
            for number, part in enumerate(np.array_split(order, recordings))]


def windows_for(count: int) -> tuple[tuple[int, int], ...]:
    """Return windows at a fixed pace."""
    return tuple((LEAD_MS + number * WINDOW_MS, LEAD_MS + (number + 1) * WINDOW_MS) for number in range(count))


def wav_of(sound: np.ndarray, *, rate: int = RATE) -> bytes:
    """Return a WAV file: 16 bits, one channel."""
    body = io.BytesIO()
    with wave.open(body, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return body.getvalue()


def sound_make(speaker: Speaker, said: str, windows_ms: Sequence[tuple[int, int]], *, seed: int, noise_db: float,
               rate: int = RATE) -> np.ndarray:
    """Return the sound of digits said some 350 ms after each window opens."""
    rng = np.random.default_rng((seed, sum(speaker.name.encode())))
    sound = rng.normal(size=(windows_ms[-1][1] + 300) * rate // 1000) * 0.1 * 10 ** (-noise_db / 20)
    for digit, (start, _) in zip(said, windows_ms, strict=True):
        if digit in _PATHS:
            word = _word(speaker, digit, rng, rate) * rng.uniform(0.8, 1.0)
            at = int((start + ANSWER_MS + rng.integers(-60, 60)) * rate / 1000)
            sound[at:at + len(word)] += word[:len(sound) - at]
    return sound.astype(np.float32)


def _word(speaker: Speaker, digit: str, rng: np.random.Generator, rate: int) -> np.ndarray:
    path, hiss, tone = _PATHS[digit]
    length = int(rate * 0.34 / speaker.pace * rng.uniform(0.92, 1.08))
    along = np.linspace(0, 1, length)
    height = speaker.height * np.interp(along, (0, 0.5, 1), tone) * rng.uniform(0.97, 1.03)
    phase = np.cumsum(height / rate) + rng.uniform()
    buzz = np.diff(np.floor(phase), prepend=np.floor(phase[0])) + rng.normal(size=length) * speaker.breath
    marks = np.array(path, float) / speaker.throat * rng.uniform(0.98, 1.02, size=(3, 3))
    word = _through_throat(buzz, marks, speaker, rate)
    word *= np.interp(along, (0, 0.08, 0.75, 1), (0, 1, 0.8, 0)) / max(np.abs(word).max(), 1e-9)
    if hiss is None:
        return word * 0.35
    count = int(hiss[0] * rate / 1000 * rng.uniform(0.9, 1.1))
    hertz = np.fft.rfftfreq(count, 1 / rate)
    air = np.fft.irfft(np.fft.rfft(rng.normal(size=count)) * _resonance(hertz, hiss[1] / speaker.throat**0.5, 1200), count)
    air *= np.hanning(count) / max(np.abs(air).max(), 1e-9)
    return np.concatenate((air * 0.12, word * 0.35))


def _through_throat(buzz: np.ndarray, marks: np.ndarray, speaker: Speaker, rate: int) -> np.ndarray:
    """Return the buzz through resonances that move along three marks, in pieces of 32 ms that overlap by half."""
    half = rate * 16 // 1000
    padded = np.pad(buzz, (half, 3 * half))
    out = np.zeros(len(padded) + 6 * half)
    hertz = np.fft.rfftfreq(8 * half, 1 / rate)
    darker = 1 / np.abs(1 - speaker.darkness * np.exp(-2j * np.pi * hertz / rate))
    window = np.hanning(2 * half + 1)[:-1]
    for start in range(0, len(buzz) + half, half):
        at = min(start / len(buzz), 1.0)
        courses = [np.interp(at, (0, 0.45, 1), marks[:, number]) for number in range(3)]
        answer = darker * 1.0
        for course, width in zip([*courses, 3500 / speaker.throat, 4500 / speaker.throat], (70, 100, 150, 220, 280), strict=True):
            answer = answer * _resonance(hertz, course, width / speaker.throat)
        piece = np.fft.rfft(padded[start:start + 2 * half] * window, 8 * half)
        out[start:start + 8 * half] += np.fft.irfft(piece * answer, 8 * half)
    return out[half:half + len(buzz)]


def _resonance(hertz: np.ndarray, middle: float, width: float) -> np.ndarray:
    """Return how much of each frequency a resonance lets through: all of the lowest, more around its middle, little above."""
    return np.asarray(middle**2 / np.abs(middle**2 - hertz**2 + 1j * hertz * width))
