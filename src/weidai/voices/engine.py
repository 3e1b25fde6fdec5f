"""Listens: from the bytes of recordings to a voiceprint or a verdict. Runs inside the voice process only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from weidai.voices import digits, judge
from weidai.voices.heard import FAULTS, Enrolled, Fault, Heard, Recording
from weidai.voices.models import weights_file
from weidai.voices.speaker import SpeakerEncoder, unit
from weidai.voices.spectrum import RATE, STEP, mel_spectrogram
from weidai.voices.speech import Stretch, loudness_of, stretches_of, words_in
from weidai.voices.voiceprint import Voiceprint, voiceprint_read, voiceprint_write
from weidai.voices.wav import NotAudio, wav_read

_FULL = 0.985  # of full scale: a sample there was probably cut off
_MODEL_LEVEL = 1e-3  # mean square: the loudness the speaker model was trained with
_VOICE_NOISE = 3.0  # so many times the power of the room is taken out of each band before the voice is compared
_WORD_EDGE, _VOICE_EDGE = 10, 3  # frames: a word's quiet beginning and end, which loudness does not show


_NOTHING = np.zeros(0)


@dataclass(frozen=True, slots=True)
class Listened:
    """One usable recording: the digits asked for, its voice and its words; or its faults."""

    digits: str
    faults: tuple[Fault, ...] = ()
    voice: np.ndarray = field(default_factory=lambda: _NOTHING)
    shapes: np.ndarray = field(default_factory=lambda: _NOTHING)


class Engine:
    """Holds the model; keeps nothing between calls."""

    def __init__(self) -> None:
        self._speaker = SpeakerEncoder(weights_file())

    def enrol(self, recordings: Sequence[Recording]) -> Enrolled:
        """Return a voiceprint of one person saying each digit twice, or what is wrong and with which recordings."""
        if not 0 < len(recordings) <= judge.MOST_RECORDINGS:
            return Enrolled(("digits_missing",))
        said = "".join(recording.digits for recording in recordings)
        if len(said) > judge.MOST_DIGITS:
            return Enrolled(("digits_missing",))
        heard = [self.listen(recording) for recording in recordings]
        if wrong := {number for number, each in enumerate(heard) if each.faults}:
            return _refused({fault for each in heard for fault in each.faults}, wrong)
        if not judge.is_covered(said):
            return Enrolled(("digits_missing",))
        voices = np.stack([each.voice for each in heard])
        others = [float(each @ unit(voices.sum(axis=0) - each)) for each in voices] if len(voices) > 1 else [1.0]
        if wrong := judge.strange_voices(others):
            return _refused({"voices_differ"}, wrong)
        shapes = np.concatenate([each.shapes for each in heard])
        if strange := judge.strange_digits(said, digits.distances(shapes, shapes).tolist()):
            return _refused({"digits_missing"}, judge.recordings_with(strange, [len(each.digits) for each in recordings]))
        return Enrolled((), voiceprint_write(Voiceprint(unit(voices.mean(axis=0)), said, shapes)))

    def verify(self, voiceprint: bytes, recording: Recording) -> Heard:
        """Return what is heard beside a voiceprint; raises VoiceprintUnknown."""
        return heard_beside(voiceprint_read(voiceprint), self.listen(recording))

    def listen(self, recording: Recording) -> Listened:
        """Return what is in one recording, whoever it may be."""
        try:
            if not judge.windows_fit(recording.digits, recording.windows_ms):
                raise NotAudio
            sound = wav_read(recording.wav, until_ms=recording.windows_ms[-1][1] + judge.AFTER_MS)
        except NotAudio:
            return Listened(recording.digits, ("not_audio",))
        loudness = loudness_of(sound)
        found = words_in(stretches_of(loudness), loudness, recording.windows_ms)
        measured = judge.Measured(
            len(sound) * 1000 // RATE, loudness.speech, loudness.rise, float((np.abs(sound) >= _FULL).mean()),
            tuple(word is not None for word in found))
        if faults := judge.recording_faults(measured, recording.windows_ms):
            return Listened(recording.digits, faults)
        mel, words = mel_spectrogram(sound), [word for word in found if word]
        voice = self._voice(sound, mel, [_wider(word, _VOICE_EDGE, len(mel)) for word in words])
        shapes = digits.word_shapes(mel, [_wider(word, _WORD_EDGE, len(mel)) for word in words])
        return Listened(recording.digits, (), voice, shapes)

    def _voice(self, sound: np.ndarray, mel: np.ndarray, words: Sequence[Stretch]) -> np.ndarray:
        """Return the direction of the voice, from what is said without the room."""
        speech = np.concatenate([sound[start * STEP:end * STEP] for start, end in words])
        room = _VOICE_NOISE * np.percentile(mel, 10, axis=0)
        frames = np.maximum(np.concatenate([mel[start:end] for start, end in words]) - room, 0)
        louder = _MODEL_LEVEL / max(float((speech**2).mean()), 1e-12)
        return self._speaker.embed_frames(frames * louder, samples=len(frames) * STEP)


def _wider(word: Stretch, frames: int, last: int) -> Stretch:
    return max(0, word[0] - frames), min(last, word[1] + frames)


def heard_beside(enrolled: Voiceprint, heard: Listened) -> Heard:
    """Return the verdict on a recording beside a voiceprint: whose voice, and which digits."""
    if heard.faults:
        return judge.unusable(heard.faults, len(heard.digits))
    nearest = digits.distances(heard.shapes, enrolled.shapes).argmin(axis=1)
    right = sum(enrolled.digits[number] == digit for number, digit in zip(nearest, heard.digits, strict=True))
    return judge.verdict_on(float(heard.voice @ enrolled.voice), right, len(heard.digits))


def _refused(faults: set[Fault], recordings: set[int]) -> Enrolled:
    return Enrolled(tuple(fault for fault in FAULTS if fault in faults), None, tuple(sorted(recordings)))
