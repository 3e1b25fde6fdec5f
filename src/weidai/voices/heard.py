"""Plain records of what is heard in recordings of spoken digits; they hold no sound but the one handed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Fault = Literal[
    "too_short", "too_quiet", "clipped", "noisy", "no_speech", "digits_missing", "voices_differ", "not_audio",
]
"""Why a recording cannot be used, so that the person knows what to do differently.

not_audio: no WAV this engine reads, or the windows do not belong to it. too_short: it ends before the last digit.
too_quiet, clipped (too loud), noisy: the sound itself. no_speech: a window without speech. digits_missing (enrolment): the
pack does not hold every digit twice, or one of them does not sound like its second saying. voices_differ (enrolment): not one
person throughout.
"""
LARGEST_WAV_BYTES = 8 * 1024 * 1024
FAULTS: tuple[Fault, ...] = get_args(Fault)
Verdict = Literal["match", "no_match", "unusable"]
ENGINE_VERSION = 1  # another model, other shapes: another number, and voiceprints made before are unknown


class VoiceprintUnknown(Exception):
    """These bytes are no voiceprint of this version of the engine; the person enrols again."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Digits asked for, one window (start, end) in milliseconds from the start of the recording for each, and the WAV."""

    digits: str
    windows_ms: tuple[tuple[int, int], ...]
    wav: bytes


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A voiceprint to be sealed by the caller (opaque, versioned, at most 64 KiB), or the faults that prevent one.

    `to_repeat` are the places of the recordings to be made again; the others of the pack may be sent again as they are.
    """

    faults: tuple[Fault, ...]
    voiceprint: bytes | None = None
    to_repeat: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording beside a voiceprint. `unusable` says nothing about the person; the faults say why.

    `similarity_e4` is the cosine of two voices in ten-thousandths; a match needs it and the digits (`judge.verdict_on`, R1.8).
    """

    faults: tuple[Fault, ...]
    similarity_e4: int
    digits_right: int
    digits_asked: int
    verdict: Verdict
