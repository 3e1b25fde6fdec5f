"""Sound as numbers: the mel spectrogram the voice model was trained with, and cepstra for telling words apart."""

from __future__ import annotations

from functools import cache

import numpy as np

RATE = 16_000  # samples a second, everywhere behind the WAV reader
WINDOW, STEP = 400, 160  # 25 ms and 10 ms
BANDS = 40


def mel_spectrogram(sound: np.ndarray) -> np.ndarray:
    """Return power in 40 mel bands, one row each 10 ms: what `librosa.feature.melspectrogram` gives with its defaults."""
    padded = np.pad(sound.astype(np.float32), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::STEP]
    power = np.abs(np.fft.rfft(frames * _hann(), axis=1)) ** 2
    return np.asarray(power @ _mel_filters().T, dtype=np.float32)


def cepstra(mel: np.ndarray, *, count: int) -> np.ndarray:
    """Return cepstral coefficients 0 to `count` - 1 of a mel spectrogram, one row a frame."""
    return np.asarray(np.log(mel + 1e-8) @ _cosines(count).T)


@cache
def _hann() -> np.ndarray:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW), dtype=np.float32)


@cache
def _cosines(count: int) -> np.ndarray:
    order, band = np.arange(count)[:, None], np.arange(BANDS)[None, :]
    return np.asarray(np.sqrt(2 / BANDS) * np.cos(np.pi * order * (band + 0.5) / BANDS))


@cache
def _mel_filters() -> np.ndarray:
    """Triangles of equal area, evenly spaced on Slaney's mel scale from 0 Hz to half the rate."""
    edges = _hertz(np.linspace(_mel(0.0), _mel(RATE / 2), BANDS + 2))
    bins = np.linspace(0, RATE / 2, WINDOW // 2 + 1)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * area[:, None], dtype=np.float32)


def _mel(hertz: float) -> float:
    return float(hertz / (200 / 3) if hertz < 1000 else 15 + 27 * np.log(hertz / 1000) / np.log(6.4))


def _hertz(mel: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27)))
