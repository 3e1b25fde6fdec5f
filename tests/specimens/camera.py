"""A phone's photograph of a specimen, bad on purpose, in three tiers (IDENTITY §1): 0 flat, 1 ordinary, 2 poor."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

PHOTO = (1280, 960)


@dataclass(frozen=True, slots=True)
class Tier:
    """Bounds of what goes wrong; degrees, share of the width, chances, sigma, grey levels, JPEG quality."""

    rotation: float
    perspective: float
    glare_chance: float
    glare_peak: tuple[float, float]
    blur: tuple[float, float]
    motion_chance: float
    noise: tuple[float, float]
    quality: tuple[int, int]


TIERS = {
    0: Tier(0, 0, 0, (0, 0), (0, 0), 0, (0, 0), (95, 95)),
    1: Tier(6, 0.0275, 0.35, (50, 100), (0.2, 1.0), 0, (2, 8), (70, 92)),
    2: Tier(12, 0.055, 0.7, (70, 130), (0.8, 2.0), 0.35, (8, 20), (45, 75)),
}


def photograph(picture: Image.Image, *, tier: int, seed: int) -> bytes:
    """Return a JPEG of 1280 × 960 of the paper lying on a desk; the same seed gives the same bytes."""
    bounds, dice = TIERS[tier], np.random.default_rng([seed, tier])
    paper = cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR)
    if tier == 0:
        return _jpeg(_scan(paper), 95)
    photo = _light(_laid_on_desk(paper, bounds, dice), bounds, dice)
    sigma = dice.uniform(*bounds.blur)
    photo = cv2.GaussianBlur(photo, (0, 0), sigma)
    if dice.random() < bounds.motion_chance:
        photo = _moved(photo, dice)
    photo = photo + dice.normal(0, dice.uniform(*bounds.noise), photo.shape)
    return _jpeg(np.clip(photo, 0, 255).astype(np.uint8), int(dice.integers(bounds.quality[0], bounds.quality[1] + 1)))


def _scan(paper: np.ndarray) -> np.ndarray:
    """Lay the paper flat and straight in the middle of a white page, filling most of it."""
    width, height = PHOTO
    scale = min(width * 0.9 / paper.shape[1], height * 0.92 / paper.shape[0])
    small = cv2.resize(paper, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    page = np.full((height, width, 3), 250, np.uint8)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    page[top:top + small.shape[0], left:left + small.shape[1]] = small
    return page


def _laid_on_desk(paper: np.ndarray, bounds: Tier, dice: np.random.Generator) -> np.ndarray:
    width, height = PHOTO
    desk = np.full((height, width, 3), dice.uniform(60, 170, 3), np.float64)
    desk += dice.normal(0, 9, (height, width, 1))
    rows, columns = paper.shape[:2]
    scale = min(width * dice.uniform(0.76, 0.86) / columns, height * 0.84 / rows)
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float64)
    middle = corners.mean(axis=0)
    angle = np.deg2rad(dice.uniform(-bounds.rotation, bounds.rotation))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    placed = (corners - middle) * scale @ turn.T + np.array([width / 2, height / 2])
    placed += dice.uniform(-1, 1, (4, 2)) * bounds.perspective * columns * scale
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), placed.astype(np.float32))
    laid = cv2.warpPerspective(paper, matrix, PHOTO, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full(paper.shape[:2], 255, np.uint8), matrix, PHOTO)[..., None] / 255.0
    return laid * mask + desk * (1 - mask)


def _light(photo: np.ndarray, bounds: Tier, dice: np.random.Generator) -> np.ndarray:
    """Shade the picture from one side, and let a lamp shine on it with the tier's chance."""
    height, width = photo.shape[:2]
    down, across = np.mgrid[0:height, 0:width]
    direction = dice.uniform(0, 2 * np.pi)
    slope = np.cos(direction) * (across / width - 0.5) + np.sin(direction) * (down / height - 0.5)
    photo = photo * (1 + 0.28 * slope)[..., None] * dice.uniform(0.85, 1.03)
    if dice.random() < bounds.glare_chance:
        x, y = dice.uniform(0.2, 0.8) * width, dice.uniform(0.2, 0.8) * height
        spread = dice.uniform(50, 130)
        lamp = np.exp(-(((across - x) / spread) ** 2 + ((down - y) / (spread * 0.7)) ** 2) / 2)
        photo = photo + dice.uniform(*bounds.glare_peak) * lamp[..., None]
    return photo


def _moved(photo: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    length = int(dice.integers(3, 8))
    kernel = np.zeros((length, length))
    kernel[length // 2] = 1 / length
    spin = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), dice.uniform(0, 180), 1)
    kernel = cv2.warpAffine(kernel, spin, (length, length))
    return cv2.filter2D(photo, -1, kernel / max(kernel.sum(), 1e-6))


def _jpeg(photo: np.ndarray, quality: int) -> bytes:
    return cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
