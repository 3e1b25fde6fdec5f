"""Which digit: each word beside the person's own two sayings of every digit, by dynamic time warping. No speech recognizer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from weidai.voices.spectrum import cepstra

FRAMES, BAND = 32, 7  # every word is laid on 32 frames; it may run ahead of or behind another by 7 of them
COEFFICIENTS = 12  # cepstra 1 to 12 with their slopes; loudness and the resting colour of the channel are left out
NUMBERS = 2 * COEFFICIENTS
_SLOPE = 4
_FLOOR = 1e-3  # of the loudest; what is quieter is taken for silence


def word_shapes(mel: np.ndarray, words: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return the words of one recording (words × 32 frames × 24 numbers), free of level, noise floor and channel colour."""
    noise = np.percentile(mel, 10, axis=0)
    clean = np.maximum(mel - noise, 0)
    loudest = float(np.percentile(np.concatenate([clean[start:end] for start, end in words]), 99))
    shape = cepstra(np.maximum(clean / max(loudest, 1e-12), _FLOOR), count=COEFFICIENTS + 1)[:, 1:]
    spoken = np.concatenate([shape[start:end] for start, end in words])
    middle, spread = spoken.mean(axis=0), np.maximum(spoken.std(axis=0), 1e-6)
    return np.stack([_laid_out((shape[start:end] - middle) / spread) for start, end in words])


def _laid_out(shape: np.ndarray) -> np.ndarray:
    at = np.linspace(0, len(shape) - 1, FRAMES)
    below = np.floor(at).astype(int)
    above = np.minimum(below + 1, len(shape) - 1)
    share = (at - below)[:, None]
    still = shape[below] * (1 - share) + shape[above] * share
    edged = np.pad(still, ((_SLOPE, _SLOPE), (0, 0)), mode="edge")
    slope = edged[2 * _SLOPE:] - edged[:-2 * _SLOPE]
    return np.concatenate((still, slope), axis=1)


def distances(words: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return how unlike each word is to each other word (words × others), by the cheapest way through both."""
    gaps = np.sqrt(np.maximum(
        (words**2).sum(-1).T[:, None, :, None] + (others**2).sum(-1).T[None, :, None, :]
        - 2 * np.tensordot(words, others, axes=(2, 2)).transpose(1, 3, 0, 2), 0))
    far = np.full((FRAMES + 1, len(words), len(others)), np.inf)
    row = far.copy()
    row[0] = 0.0
    for one in range(1, FRAMES + 1):
        above, row = row, far.copy()
        for other in range(max(1, one - BAND), min(FRAMES, one + BAND) + 1):
            best = np.minimum(np.minimum(above[other], row[other - 1]), above[other - 1])
            np.add(best, gaps[one - 1, other - 1], out=row[other])
    return np.asarray(row[FRAMES] / FRAMES)
