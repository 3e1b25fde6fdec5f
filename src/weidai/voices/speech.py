"""Where somebody speaks: loudness over time, stretches of speech, and the one said in each window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weidai.voices.spectrum import RATE, STEP, mel_spectrogram

FRAMES_A_SECOND = RATE // STEP
MS_A_FRAME = 1000 // FRAMES_A_SECOND
_LOWEST_BAND = 3  # rumble below about 100 Hz says nothing
_DEEPEST = 60.0  # dB below the speech; quieter than that is silence however quiet
RISE_DB, SHARE = 6.0, 0.40  # speech begins so far above the noise, or at this share of the way up to the speech
GAP_FRAMES, LEAST_FRAMES, MOST_FRAMES = 10, 8, 120  # a pause inside a word; the shortest and the longest word
LATE_MS = 150  # nobody answers a digit sooner than this after it is shown, so what is said before belongs to the one before

Stretch = tuple[int, int]  # first frame, frame after the last


@dataclass(frozen=True, slots=True)
class Loudness:
    """Loudness of each 10 ms in dB below full scale, of the room (low) and of the speech in it (high)."""

    frames: np.ndarray
    noise: float
    speech: float

    @property
    def rise(self) -> float:
        """Return how far the speech stands above the noise, in dB."""
        return self.speech - self.noise


def loudness_of(sound: np.ndarray) -> Loudness:
    """Return how loud it is over time. The room is what the quietest tenth is, the speech what the loudest twentieth is."""
    power = mel_spectrogram(sound)[:, _LOWEST_BAND:].sum(axis=1)
    frames = 10 * np.log10(power / _FULL_SCALE + 1e-12)
    speech = float(np.percentile(frames, 95))
    frames = np.maximum(frames, speech - _DEEPEST)
    return Loudness(frames, float(np.percentile(frames, 10)), speech)


def stretches_of(loudness: Loudness) -> list[Stretch]:
    """Return where somebody speaks, short pauses inside words bridged, clicks left out."""
    smooth = np.convolve(np.pad(loudness.frames, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    is_speech = smooth > loudness.noise + max(RISE_DB, SHARE * loudness.rise)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_speech.astype(np.int8), [0]))))
    found: list[Stretch] = []
    for start, end in edges.reshape(-1, 2):
        if found and start - found[-1][1] <= GAP_FRAMES and end - found[-1][0] <= MOST_FRAMES:
            found[-1] = (found[-1][0], int(end))
        else:
            found.append((int(start), int(end)))
    return [(start, end) for start, end in found if end - start >= LEAST_FRAMES]


def words_in(stretches: Sequence[Stretch], loudness: Loudness, windows_ms: Sequence[tuple[int, int]]) -> list[Stretch | None]:
    """Return what is said for each window, None where nothing is: the stretch of most sound in it.

    A digit is often said a little late, so each window begins and ends LATE_MS after the page showed it. Somebody who does not
    pause between digits is cut where the next one begins.
    """
    begins = [(start + LATE_MS) // MS_A_FRAME for start, _ in windows_ms]
    last = (windows_ms[-1][1] + 2 * LATE_MS) // MS_A_FRAME
    begins[0] = max(0, begins[0] - 3 * LATE_MS // MS_A_FRAME)
    ends = [*begins[1:], last]
    power = 10 ** (loudness.frames / 10)
    found: list[Stretch | None] = []
    for begin, end in zip(begins, ends, strict=True):
        inside = [_inside(stretch, begin, end) for stretch in stretches]
        whole = [stretch for stretch in inside if stretch[1] - stretch[0] >= LEAST_FRAMES]
        found.append(max(whole, key=lambda each: float(power[each[0]:each[1]].sum())) if whole else None)
    return found


def _inside(stretch: Stretch, begin: int, end: int) -> Stretch:
    """Return what lies between two marks: a word whole where its middle lies, longer speech cut."""
    start, stop = max(stretch[0], begin), min(stretch[1], end)
    is_one_word = stretch[1] - stretch[0] <= MOST_FRAMES // 2
    if is_one_word:
        return stretch if begin <= (stretch[0] + stretch[1]) // 2 < end else (0, 0)
    return (start, stop) if stop > start else (0, 0)


_FULL_SCALE = float(mel_spectrogram(np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32))[50].sum())
