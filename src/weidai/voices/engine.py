"""Listens: from the bytes of recordings to a voiceprint or a verdict. Runs inside the voice process only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weidai.voices import digits, judge
from weidai.voices.heard import FAULTS, Enrolled, Fault, Heard, Recording
from weidai.voices.models import weights_file
from weidai.voices.speaker import SpeakerEncoder, unit
from weidai.voices.spectrum import RATE, STEP, mel_spectrogram
from weidai.voices.speech import loudness_of, stretches_of, words_in
from weidai.voices.voiceprint import Voiceprint, voiceprint_read, voiceprint_write
from weidai.voices.wav import NotAudio, wav_read

_FULL = 0.985  # of full scale: a sample there was probably cut off
_MODEL_LEVEL = 10 ** (-30 / 20)  # the loudness the speaker model was trained with
_EDGE_FRAMES = 10  # a word's quiet beginning and end, which loudness does not show


@dataclass(frozen=True, slots=True)
class _Listened:
    """One usable recording: its voice and its words, or its faults."""

    faults: tuple[Fault, ...]
    voice: np.ndarray
    shapes: np.ndarray


_NOTHING = np.zeros(0)


class Engine:
    """Holds the model; keeps nothing between calls."""

    def __init__(self) -> None:
        self._speaker = SpeakerEncoder(weights_file())

    def enrol(self, recordings: Sequence[Recording]) -> Enrolled:
        """Return a voiceprint of one person saying each digit twice, or what is wrong and with which recordings."""
        if not 0 < len(recordings) <= judge.MOST_RECORDINGS:
            return Enrolled(("digits_missing",))
        heard = [self._listen(recording) for recording in recordings]
        if wrong := {number for number, each in enumerate(heard) if each.faults}:
            return _refused({fault for each in heard for fault in each.faults}, wrong)
        said = "".join(recording.digits for recording in recordings)
        if not judge.is_covered(said) or len(said) > judge.MOST_DIGITS:
            return Enrolled(("digits_missing",))
        voices = np.stack([each.voice for each in heard])
        others = [float(each @ unit(voices.sum(axis=0) - each)) for each in voices] if len(voices) > 1 else [1.0]
        if wrong := judge.strange_voices(others):
            return _refused({"voices_differ"}, wrong)
        shapes = np.concatenate([each.shapes for each in heard])
        strange = judge.strange_digits(said, digits.distances(shapes, shapes).tolist())
        if strange:
            ends = np.cumsum([len(recording.digits) for recording in recordings])
            return _refused({"digits_missing"}, {int(np.searchsorted(ends, place, side="right")) for place in strange})
        return Enrolled((), voiceprint_write(Voiceprint(unit(voices.mean(axis=0)), said, shapes)))

    def verify(self, voiceprint: bytes, recording: Recording) -> Heard:
        """Return what is heard beside a voiceprint; raises VoiceprintUnknown."""
        enrolled = voiceprint_read(voiceprint)
        heard = self._listen(recording)
        asked = len(recording.digits)
        if heard.faults:
            return judge.unusable(heard.faults, asked)
        nearest = digits.distances(heard.shapes, enrolled.shapes).argmin(axis=1)
        right = sum(enrolled.digits[number] == digit for number, digit in zip(nearest, recording.digits, strict=True))
        return judge.verdict_on(float(heard.voice @ enrolled.voice), right, asked)

    def _listen(self, recording: Recording) -> _Listened:
        try:
            if not judge.windows_fit(recording.digits, recording.windows_ms):
                raise NotAudio
            sound = wav_read(recording.wav)
        except NotAudio:
            return _Listened(("not_audio",), _NOTHING, _NOTHING)
        loudness = loudness_of(sound)
        found = words_in(stretches_of(loudness), loudness, recording.windows_ms)
        measured = judge.Measured(
            len(sound) * 1000 // RATE, loudness.speech, loudness.rise, float((np.abs(sound) >= _FULL).mean()),
            tuple(word is not None for word in found))
        if faults := judge.recording_faults(measured, recording.windows_ms):
            return _Listened(faults, _NOTHING, _NOTHING)
        last = len(loudness.frames)
        words = [(max(0, word[0] - _EDGE_FRAMES), min(last, word[1] + _EDGE_FRAMES)) for word in found if word]
        return _Listened((), self._voice(sound, words), digits.word_shapes(mel_spectrogram(sound), words))

    def _voice(self, sound: np.ndarray, words: Sequence[tuple[int, int]]) -> np.ndarray:
        speech = np.concatenate([sound[start * STEP:end * STEP] for start, end in words])
        return self._speaker.embed(speech * (_MODEL_LEVEL / max(float(np.sqrt((speech**2).mean())), 1e-6)))


def _refused(faults: set[Fault], recordings: set[int]) -> Enrolled:
    return Enrolled(tuple(fault for fault in FAULTS if fault in faults), None, tuple(sorted(recordings)))
