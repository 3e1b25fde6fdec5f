"""Decides by arithmetic on what was measured: whether recordings can be used, belong together, and whose they are (R1.8).

Every number here was chosen on synthetic voices (`bench.voice`, development seeds). None says anything about people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weidai.voices.heard import Fault, Heard

LEAST_SPEECH_DB = -60.0  # below full scale; microphones without gain control are quiet, and the room below them decides
LEAST_RISE_DB = 10.0  # of the speech above the room
MOST_CLIPPED = 0.002  # share of samples at full scale
MISSING_END_MS = 300  # a recording may end so long before its last window does
MATCH_E4 = 8_200  # similarity to the enrolled voice, ten-thousandths
SAME_VOICE_E4 = 7_500  # of one enrolment recording to the others
FAR_RANK, LEAST_ALIKE = 6, 0.7  # see `is_said_twice`
LEAST_DIGITS_FOR_ONE_WRONG = 5  # so few digits, and all have to be right
SAYINGS = 2
MOST_DIGITS, MOST_RECORDINGS, LEAST_WINDOW_MS, MOST_WINDOW_MS, AFTER_MS = 24, 10, 300, 4_000, 1_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One recording: its length, the level of the speech, how far that is above the room, and words found (frames) or not."""

    length_ms: int
    speech_db: float
    rise_db: float
    clipped: float
    is_said: tuple[bool, ...]


def windows_fit(digits: str, windows_ms: Sequence[tuple[int, int]]) -> bool:
    """Say whether the windows can belong to the digits: one each, in order, none absurd."""
    if not 0 < len(digits) <= MOST_DIGITS or len(windows_ms) != len(digits) or not (digits.isascii() and digits.isdigit()):
        return False
    if not all(type(mark) is int for window in windows_ms for mark in window):
        return False
    ends = (0, *(end for _, end in windows_ms))
    return all(before <= start and LEAST_WINDOW_MS <= end - start <= MOST_WINDOW_MS
               for before, (start, end) in zip(ends, windows_ms, strict=False))


def recording_faults(measured: Measured, windows_ms: Sequence[tuple[int, int]]) -> tuple[Fault, ...]:
    """Return what is wrong with one recording; what makes the rest meaningless comes alone."""
    if measured.length_ms < windows_ms[-1][1] - MISSING_END_MS:
        return ("too_short",)
    if measured.speech_db < LEAST_SPEECH_DB:
        return ("too_quiet",)
    found: list[Fault] = []
    if measured.clipped > MOST_CLIPPED:
        found.append("clipped")
    if measured.rise_db < LEAST_RISE_DB:
        found.append("noisy")
    elif not all(measured.is_said):
        found.append("no_speech")
    return tuple(found)


def is_covered(digits: str) -> bool:
    """Say whether every digit is asked for twice in a pack."""
    return all(digits.count(digit) >= SAYINGS for digit in "0123456789")


def strange_digits(digits: str, distances: Sequence[Sequence[float]]) -> set[int]:
    """Return the places of words that do not sound like the other saying of the same digit.

    A word's own second saying must be among the FAR_RANK words most like it; if for too many words the most alike one is another
    digit, all of those are returned, since nothing can be told by such a pack.
    """
    far, unlike = set(), set()
    for place, row in enumerate(distances):
        order = sorted((number for number in range(len(digits)) if number != place), key=row.__getitem__)
        rank = next(rank for rank, number in enumerate(order) if digits[number] == digits[place])
        if rank >= FAR_RANK:
            far.add(place)
        if rank > 0:
            unlike.add(place)
    return unlike if len(unlike) > (1 - LEAST_ALIKE) * len(digits) else far


def recordings_with(strange: set[int], lengths: Sequence[int]) -> set[int]:
    """Return the recordings that hold most of those words: either of two sayings may be the wrong one, so often it is two."""
    counts, begin = [], 0
    for length in lengths:
        counts.append(sum(begin <= place < begin + length for place in strange))
        begin += length
    return {number for number, count in enumerate(counts) if count == max(counts)}


def strange_voices(similarities: Sequence[float]) -> set[int]:
    """Return the recordings of an enrolment whose voice is not that of the others (cosines, each with the mean of the others)."""
    return {number for number, value in enumerate(similarities) if e4(value) < SAME_VOICE_E4}


def verdict_on(similarity: float, digits_right: int, digits_asked: int) -> Heard:
    """Return the verdict: the enrolled voice, and every digit asked for; of five and more one may have been misheard."""
    may_miss = 1 if digits_asked >= LEAST_DIGITS_FOR_ONE_WRONG else 0
    is_match = e4(similarity) >= MATCH_E4 and digits_right >= digits_asked - may_miss
    return Heard((), e4(similarity), digits_right, digits_asked, "match" if is_match else "no_match")


def unusable(faults: tuple[Fault, ...], digits_asked: int) -> Heard:
    """Return what is said about a recording that cannot be judged."""
    return Heard(faults, 0, 0, digits_asked, "unusable")


def e4(value: float) -> int:
    """Return a cosine in ten-thousandths, rounded down."""
    return max(0, int(value * 10_000))
