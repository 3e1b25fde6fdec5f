"""Whose voice: the speaker encoder of Resemblyzer (three LSTM layers, one linear layer) computed with numpy alone.

Trained by others on read English and on interviews; nothing about it was tuned here. ADR-0014 says why it runs without PyTorch.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from weidai.voices.spectrum import BANDS, STEP, mel_spectrogram
from weidai.voices.weights import WeightsUnreadable, tensors_read

LAYERS, HIDDEN, NUMBERS = 3, 256, 256
PART_FRAMES, PART_STEP = 160, 77  # 1.6 s of sound, one part about 1.3 times a second, as upstream
LEAST_COVERED = 0.75  # of the last part


class SpeakerEncoder:
    """Turns speech into a direction of 256 numbers; alike voices point alike ways."""

    def __init__(self, weights: Path) -> None:
        found = tensors_read(weights, part="model_state")
        try:
            self._layers = [_layer(found, number) for number in range(LAYERS)]
            self._out, self._bias = found["linear.weight"], found["linear.bias"]
        except KeyError as error:
            raise WeightsUnreadable("names") from error
        if self._layers[0][0].shape != (BANDS, 4 * HIDDEN) or self._out.shape != (NUMBERS, HIDDEN):
            raise WeightsUnreadable("shapes")

    def embed(self, speech: np.ndarray) -> np.ndarray:
        """Return the unit vector of speech at 16 kHz, as upstream computes it; silence should be taken out before."""
        missing = parts_of(len(speech))[-1] * STEP + PART_FRAMES * STEP - len(speech)
        return self.embed_frames(mel_spectrogram(np.pad(speech, (0, max(0, missing)))), samples=len(speech))

    def embed_frames(self, mel: np.ndarray, *, samples: int) -> np.ndarray:
        """Return the unit vector of frames that so many samples made; too short a sound is followed by silence."""
        parts = parts_of(samples)
        padded = np.pad(mel, ((0, max(0, parts[-1] + PART_FRAMES - len(mel))), (0, 0)))
        return unit(self.embed_parts(np.stack([padded[start:start + PART_FRAMES] for start in parts])).mean(axis=0))

    def embed_parts(self, mels: np.ndarray) -> np.ndarray:
        """Return one unit vector for each stretch of frames (stretches × frames × 40 bands)."""
        heard = mels.astype(np.float32)
        for layer in self._layers:
            heard = _lstm(heard, *layer)
        raw = np.maximum(heard[:, -1] @ self._out.T + self._bias, 0)
        return np.asarray(raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9))


def parts_of(samples: int) -> list[int]:
    """Return the first frame of each part of a sound; the last one is left out when mostly beyond the end."""
    frames = -(-(samples + 1) // STEP)
    starts = list(range(0, max(1, frames - PART_FRAMES + PART_STEP + 1), PART_STEP))
    if len(starts) > 1 and (samples - starts[-1] * STEP) / (PART_FRAMES * STEP) < LEAST_COVERED:
        starts.pop()
    return starts


def unit(vector: np.ndarray) -> np.ndarray:
    """Return the vector at length 1."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))


def _layer(found: dict[str, np.ndarray], number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    bias = found[f"lstm.bias_ih_l{number}"] + found[f"lstm.bias_hh_l{number}"]
    ways = [np.ascontiguousarray(found[f"lstm.weight_{way}_l{number}"].T) for way in ("ih", "hh")]
    return ways[0], ways[1], bias


def _lstm(heard: np.ndarray, ways_in: np.ndarray, ways_on: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Return the hidden states of one layer (gates in the order input, forget, cell, output)."""
    stretches, frames, _ = heard.shape
    given = heard @ ways_in + bias
    hidden = np.zeros((stretches, HIDDEN), np.float32)
    cell = np.zeros((stretches, HIDDEN), np.float32)
    said = np.empty((stretches, frames, HIDDEN), np.float32)
    for frame in range(frames):
        gates = given[:, frame] + hidden @ ways_on
        let_in, keep, out = (_sigmoid(gates[:, at:at + HIDDEN]) for at in (0, HIDDEN, 3 * HIDDEN))
        cell = keep * cell + let_in * np.tanh(gates[:, 2 * HIDDEN:3 * HIDDEN])
        hidden = out * np.tanh(cell)
        said[:, frame] = hidden
    return said


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values))
