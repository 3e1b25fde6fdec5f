"""How a paper of the second style is photographed: on something, from somewhere, by cameras of several sizes."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tier:
    """The bounds of a tier (IDENTITY §1): degrees, share of the side, chance, pixels at a card 1,000 wide, grey levels."""

    rotation: float
    perspective: float
    glare_chance: float
    blur: tuple[float, float]
    motion_chance: float
    noise: tuple[float, float]
    quality: tuple[int, int]
    fill: tuple[float, float]


TIERS = (
    Tier(0.0, 0.0, 0.0, (0.0, 0.0), 0.0, (0.0, 1.0), (88, 96), (0.97, 1.0)),
    Tier(6.0, 0.0275, 0.35, (0.2, 1.0), 0.0, (2.0, 8.0), (70, 92), (0.55, 0.92)),
    Tier(12.0, 0.055, 0.7, (0.8, 2.0), 0.35, (8.0, 20.0), (45, 75), (0.55, 0.88)),
)
# width, height, share of the pictures, least fill: a small picture must be filled better to show anything
CAMERAS = (((1280, 960), 5, 0.5), ((1920, 1080), 4, 0.5), ((3000, 4000), 2, 0.5), ((640, 480), 1, 0.86), ((2048, 1536), 2, 0.4))
_ORIENTATION = {90: 6, 180: 3, 270: 8}  # what the camera writes when it was held turned


def photograph(picture: Image.Image, *, tier: int, seed: int, most_side: int = 4000) -> bytes:
    """Return a JPEG of the paper as a tier shows it; the same for the same seed."""
    dice, bounds = random.Random(f"camera {tier} {seed}"), TIERS[tier]
    noise = np.random.default_rng(seed * 7 + tier)
    if tier == 0:
        shot = _scanned(picture, dice)
    else:
        shot = _shot(picture, bounds, dice, noise, most_side)
    shot += noise.normal(0, dice.uniform(*bounds.noise) or 0.01, shot.shape[:2])[..., None].astype(np.float32)
    return _kept(np.clip(shot, 0, 255).astype(np.uint8), dice, dice.randint(*bounds.quality))


def _scanned(picture: Image.Image, dice: random.Random) -> Pixels:
    side = dice.choice((0.8, 1.0, 1.3)) if max(picture.size) < 1200 else 1.0
    scan = picture.resize((round(picture.width * side), round(picture.height * side)), Image.Resampling.LANCZOS)
    edge = dice.choice((0, 8, 60))
    edged = ImageOps.expand(scan, edge, dice.choice(("white", "black", (200, 200, 200))))
    return cv2.cvtColor(np.asarray(edged.convert("RGB")), cv2.COLOR_RGB2BGR).astype(np.float32)


def _shot(picture: Image.Image, bounds: Tier, dice: random.Random, noise: np.random.Generator, most_side: int) -> Pixels:
    cameras = [camera for camera in CAMERAS if max(camera[0]) <= most_side]
    (width, height), _, least = dice.choices(cameras, weights=[camera[1] for camera in cameras])[0]
    paper_is_tall = picture.height > picture.width
    if paper_is_tall != (height > width) and dice.random() < 0.8:
        width, height = height, width  # most people turn the camera the way the paper lies
    fill = max(dice.uniform(*bounds.fill), least)
    if max(picture.size) > 1200:
        fill = max(fill, 0.8)  # a sheet is photographed as large as it goes
    sheet = cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR)
    corners, across = _corners(sheet.shape[1], sheet.shape[0], (width, height), fill, bounds, dice)
    shrink = across / sheet.shape[1]
    if shrink < 0.7:
        sheet = cv2.GaussianBlur(sheet, (0, 0), 0.35 / shrink)  # what a lens does before the sensor samples
    plain = np.array([[0, 0], [sheet.shape[1], 0], [sheet.shape[1], sheet.shape[0]], [0, sheet.shape[0]]], np.float32)
    matrix = cv2.getPerspectiveTransform(plain, corners)
    shot = _ground(width, height, dice, noise)
    lain = cv2.warpPerspective(sheet, matrix, (width, height), flags=cv2.INTER_LINEAR).astype(np.float32)
    cover = cv2.warpPerspective(np.ones(sheet.shape[:2], np.float32), matrix, (width, height))[..., None]
    shadow = cv2.GaussianBlur(np.roll(cover[..., 0], (int(height * 0.008), int(width * 0.006)), (0, 1)), (0, 0), width / 160)
    shot = shot * (1 - 0.45 * shadow[..., None])
    shot = shot * (1 - cover) + lain * cover
    if dice.random() < 0.3:
        _fingers(shot, corners, dice)
    _lit(shot, dice)
    if dice.random() < bounds.glare_chance:
        _glare(shot, corners, dice)
    return _softened(shot, across if max(picture.size) < 1200 else across * 0.7, bounds, dice)


def _corners(
    width: int, height: int, frame: tuple[int, int], fill: float, bounds: Tier, dice: random.Random
) -> tuple[NDArray[np.float32], float]:
    """Return where the paper's corners come to lie and how wide it is there; they stay inside the frame."""
    angle = math.radians(dice.uniform(-bounds.rotation, bounds.rotation))
    cos, sin = math.cos(angle), math.sin(angle)
    reach = (abs(width * cos) + abs(height * sin), abs(width * sin) + abs(height * cos))
    across = fill * min(frame[0] / reach[0], frame[1] / reach[1])
    corners = []
    for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        x, y = (x + dice.uniform(-1, 1) * bounds.perspective) * width, (y + dice.uniform(-1, 1) * bounds.perspective) * height
        corners.append((x * cos - y * sin, x * sin + y * cos))
    shape = np.array(corners, np.float32)
    room = np.array(frame, np.float32) - 4 - (shape.max(0) - shape.min(0)) * across
    if room.min() < 0:
        across *= float(min((np.array(frame) - 4) / (shape.max(0) - shape.min(0))) / across)
        room = np.array(frame, np.float32) - 4 - (shape.max(0) - shape.min(0)) * across
    at = np.array([dice.uniform(0.2, 0.8), dice.uniform(0.2, 0.8)]) * room.clip(0) + 2
    return ((shape - shape.min(0)) * across + at).astype(np.float32), across * width


def _ground(width: int, height: int, dice: random.Random, noise: np.random.Generator) -> Pixels:
    """Return what the paper lies on: wood, cloth, a plain desk, darkness, a hand's skin."""
    base = np.array(dice.choice(((60, 92, 130), (150, 150, 146), (36, 34, 32), (190, 200, 206), (120, 84, 60))), np.float32)
    coarse = noise.normal(0, 1, (height // 40 + 2, width // 40 + 2)).astype(np.float32)
    grain = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    if dice.random() < 0.5:  # wood: the grain runs one way
        thin = noise.normal(0, 1, (height // 4 + 1, 6)).astype(np.float32)
        grain = grain * 0.4 + cv2.resize(thin, (width, height), interpolation=cv2.INTER_CUBIC)
    ground = base + grain[..., None] * dice.uniform(3, 14)
    if dice.random() < 0.3:  # something else lies there too
        x, y = dice.randrange(width), dice.choice((0, height))
        cv2.ellipse(ground, (x, y), (width // 5, height // 7), dice.uniform(0, 90), 0, 360, (90, 120, 170), -1)
    return ground


def _fingers(shot: Pixels, corners: NDArray[np.float32], dice: random.Random) -> None:
    """Hold the paper at a side: two fingertips that reach a little over its edge."""
    side = dice.choice((0, 1))
    low, high = (corners[0], corners[3]) if side == 0 else (corners[1], corners[2])
    size = float(np.linalg.norm(corners[1] - corners[0])) * 0.05
    for share in (0.42, 0.6):
        x, y = low + (high - low) * share
        out = -size if side == 0 else size
        cv2.ellipse(
            shot, (int(x + out), int(y)), (int(size * 1.25), int(size * 0.6)), 0, 0, 360, (136, 166, 214), -1, cv2.LINE_AA
        )


def _lit(shot: Pixels, dice: random.Random) -> None:
    height, width = shot.shape[:2]
    angle, fall = dice.uniform(0, math.tau), dice.uniform(0.05, 0.35)
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    shot *= (1 - fall / 2 + fall / 2 * (x * math.cos(angle) + y * math.sin(angle)))[..., None] * dice.uniform(0.8, 1.08)
    shot *= np.array([dice.uniform(0.9, 1.05), 1.0, dice.uniform(0.95, 1.08)], np.float32)  # lamps are not white


def _glare(shot: Pixels, corners: NDArray[np.float32], dice: random.Random) -> None:
    """Put the reflection of a lamp somewhere on the paper, bright but not a hole."""
    height, width = shot.shape[:2]
    at = sum(corners[place] * share for place, share in zip(range(4), _shares(dice), strict=True))
    size = float(np.linalg.norm(corners[1] - corners[0])) * dice.uniform(0.04, 0.12)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    away = ((x - at[0]) / (size * dice.uniform(0.8, 2.0))) ** 2 + ((y - at[1]) / size) ** 2
    shot += (dice.uniform(40, 130) * np.exp(-away / 2))[..., None]


def _shares(dice: random.Random) -> tuple[float, ...]:
    u, v = dice.uniform(0.1, 0.9), dice.uniform(0.1, 0.9)
    return ((1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v)


def _softened(shot: Pixels, across: float, bounds: Tier, dice: random.Random) -> Pixels:
    sigma = dice.uniform(*bounds.blur) * across / 1000
    if sigma > 0.15:
        shot = cv2.GaussianBlur(shot, (0, 0), sigma)
    if dice.random() < bounds.motion_chance:
        length = max(dice.uniform(3, 8) * across / 1000, 1.0)
        size = int(length) * 2 + 3
        kernel = np.zeros((size, size), np.float32)
        angle, middle = dice.uniform(0, math.pi), size // 2
        reach = (math.cos(angle) * length / 2 * 16, math.sin(angle) * length / 2 * 16)
        cv2.line(
            kernel,
            (round(middle * 16 - reach[0]), round(middle * 16 - reach[1])),
            (round(middle * 16 + reach[0]), round(middle * 16 + reach[1])),
            1.0,
            1,
            cv2.LINE_AA,
            4,
        )
        shot = cv2.filter2D(shot, -1, kernel / kernel.sum())
    return shot


def _kept(shot: NDArray[np.uint8], dice: random.Random, quality: int) -> bytes:
    """Return the JPEG: two in ten stand turned without a word, one in ten with what the camera noted."""
    chance, turn = dice.random(), dice.choice((90, 180, 270))
    if chance < 0.3:
        shot = np.ascontiguousarray(np.rot90(shot, turn // 90))
    picture, out = Image.fromarray(cv2.cvtColor(shot, cv2.COLOR_BGR2RGB)), io.BytesIO()
    exif = Image.Exif()
    if 0.2 <= chance < 0.3:
        exif[0x0112] = _ORIENTATION[turn]
    picture.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()
