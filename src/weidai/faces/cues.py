"""Cues of a screen or a print before the camera. Review signals only, never a pass or a fail (IDENTITY.md §2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

Picture = np.ndarray[Any, Any]
_SIDE = 256
_MOVED_LEAST, _TRACKED_LEAST = 2.0, 15
_PLAY = 0.0135  # of the face's width: how far a point may lie off the sheet


def moire(parts: Sequence[Picture]) -> float:
    """Return how far the strongest lasting pattern in some pictures of the face stands out of its ring (in sigmas).

    The spectra are averaged, so that a screen's grid stays and the sensor's noise goes.
    """
    spectra = [_spectrum(part) for part in parts if min(part.shape) >= 64]
    if not spectra:
        return 0.0
    power = np.mean(spectra, axis=0)
    power = power - cv2.GaussianBlur(power, (0, 0), 4)
    rows, columns = np.indices(power.shape) - _SIDE // 2
    radius = np.hypot(rows, columns).astype(int)
    strongest = 0.0
    for ring in range(20, 120, 4):
        values = power[(radius >= ring) & (radius < ring + 4)]
        spread = 1.4826 * np.median(np.abs(values - np.median(values))) + 1e-9
        strongest = max(strongest, float((values.max() - np.median(values)) / spread))
    return round(strongest, 3)


def _spectrum(part: Picture) -> Picture:
    square = cv2.resize(part, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC).astype(np.float64)
    window = np.outer(np.hanning(_SIDE), np.hanning(_SIDE))
    return np.log1p(np.abs(np.fft.fftshift(np.fft.fft2((square - square.mean()) * window))))


def planarity(first: Picture, turned: Picture, box: tuple[int, int, int, int]) -> float | None:
    """Return the share of tracked points in the face that one flat sheet explains; None when too little moved.

    `first` faces the camera, `turned` shows the action. A head's nose leaves the plane of its cheeks; a print's does not.
    """
    left, top, right, bottom = box
    mask = np.zeros(first.shape, np.uint8)
    mask[max(top, 0):bottom, max(left, 0):right] = 255
    start = cv2.goodFeaturesToTrack(first, 160, 0.005, 5, mask=mask)
    if start is None or len(start) < _TRACKED_LEAST:
        return None
    found, is_found, _ = cv2.calcOpticalFlowPyrLK(first, turned, start, None, winSize=(25, 25), maxLevel=4)
    back, is_back, _ = cv2.calcOpticalFlowPyrLK(turned, first, found, None, winSize=(25, 25), maxLevel=4)
    good = (is_found.ravel() == 1) & (is_back.ravel() == 1) & (np.linalg.norm((back - start).reshape(-1, 2), axis=1) < 1.0)
    here, there = start.reshape(-1, 2)[good], found.reshape(-1, 2)[good]
    if len(here) < _TRACKED_LEAST or np.median(np.linalg.norm(there - here, axis=1)) < _MOVED_LEAST:
        return None
    sheet, is_explained = cv2.findHomography(here, there, cv2.RANSAC, _PLAY * (right - left))
    return None if sheet is None else round(float(is_explained.mean()), 3)
