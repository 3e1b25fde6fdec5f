"""Camera clips made from stills: one AI-made face as a head that turns, nods and comes closer, and what attackers hold up.

No real person is in the stills (data/face of the folder `shared` beside the checkout; nothing of it is kept here), and a
guessed head shape is no real head: the clips prove the protocol and the geometry, never accuracy on people.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SHEET = Path(os.environ.get("WEIDAI_SHARED") or ROOT.parent / "shared") / "data" / "face" / "sfhq_sample_4x8.jpg"
WHY_NOT = "the stills of shared/data/face are not beside this checkout (or name the folder: WEIDAI_SHARED)"
STILLS = 32
WIDTH, HEIGHT = 640, 480
# The stills are aligned alike: where the face stands in one, in its own pixels.
_CENTRE = np.array([211.0, 238.0])
_RADII = np.array([150.0, 205.0])
_DEPTH, _NOSE = 140.0, 34.0
_MOVES = {"turn_left": (26.0, 0.0, 1.0), "turn_right": (-26.0, 0.0, 1.0), "nod": (0.0, 24.0, 1.0),
          "come_closer": (0.0, 0.0, 1.42)}

ACTIONS = tuple(_MOVES)
Image = np.ndarray[Any, Any]


def is_there() -> bool:
    """Say whether the stills can be read."""
    return SHEET.is_file()


@lru_cache(maxsize=STILLS)
def still(number: int) -> Image:
    """Return one still (BGR, about 430 × 445)."""
    sheet = _sheet()
    height, width = sheet.shape[0] / 4, sheet.shape[1] / 8
    row, column = divmod(number, 8)
    return sheet[int(row * height) + 40:int((row + 1) * height) - 14, int(column * width) + 14:int((column + 1) * width) - 14]


@lru_cache(maxsize=1)
def _sheet() -> Image:
    return cv2.imread(str(SHEET))


@dataclass(frozen=True, slots=True)
class Pose:
    """How the head stands: degrees to the person's left, degrees down, size beside the usual one."""

    left: float = 0.0
    down: float = 0.0
    closer: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)


def posed(face: Image, pose: Pose) -> Image:
    """Return the still as if the head stood in this pose: every pixel is moved by a guessed depth."""
    height, width = face.shape[:2]
    there = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float64)
    source = there.copy()
    for _ in range(4):
        source = there - _moved(source, pose)
    return cv2.remap(face, source[..., 0].astype(np.float32), source[..., 1].astype(np.float32), cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_REPLICATE)


def _moved(at: Image, pose: Pose) -> Image:
    offset = at - _CENTRE
    inside = np.clip(1.0 - ((offset / _RADII) ** 2).sum(axis=-1), 0.0, 1.0)
    nose = np.exp(-((offset[..., 0] / 24) ** 2 + ((offset[..., 1] - 42) / 32) ** 2))
    depth = _DEPTH * np.sqrt(inside) + _NOSE * nose
    yaw, pitch = np.radians(pose.left), np.radians(pose.down)
    weight = np.clip(inside * 4, 0, 1)
    across = offset[..., 0] * (np.cos(yaw) - 1) + depth * np.sin(yaw)
    down = offset[..., 1] * (np.cos(pitch) - 1) + depth * np.sin(pitch)
    return np.stack([across * weight, down * weight], axis=-1)


def framed(face: Image, pose: Pose, *, size: tuple[int, int] = (WIDTH, HEIGHT), usual: float = 0.78) -> Image:
    """Return a camera picture with this face in the middle of it."""
    width, height = size
    scale = usual * pose.closer * height / HEIGHT
    move = np.array([[scale, 0, width / 2 - scale * _CENTRE[0] + pose.shift[0]],
                     [0, scale, height / 2 - scale * _CENTRE[1] + pose.shift[1]]])
    around = [float(value) for value in np.median(face[:12].reshape(-1, 3), axis=0)]
    return cv2.warpAffine(face, move, (width, height), borderMode=cv2.BORDER_CONSTANT, borderValue=around)


def noisy(picture: Image, seed: int) -> Image:
    """Return the picture with a sensor's noise."""
    noise = np.random.default_rng(seed).normal(0, 2.5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def jpeg(picture: Image, quality: int = 85) -> bytes:
    """Return the picture as a JPEG file."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())


def poses(actions: Sequence[str], per_step: int = 6) -> Iterator[list[Pose]]:
    """Yield the poses of each step of a challenge: facing the camera, then per action there and back, facing between."""
    yield [Pose(shift=(i % 2, i % 3)) for i in range(max(per_step // 2, 3))]
    for number, action in enumerate(actions):
        if number:
            yield [Pose(shift=(i % 3, i % 2)) for i in range(2)]
        yield [moving(action, share, (i % 3, i % 2)) for i, share in enumerate(np.linspace(0.05, 0.95, per_step))]


def moving(action: str, share: float, shift: tuple[float, float] = (0.0, 0.0)) -> Pose:
    """Return the pose at a share (0 to 1) of an action: there and back; a nod goes down and then a little up."""
    left, down, closer = _MOVES[action]
    bend = float(np.sin(np.pi * share))
    nod = down * float(np.sin(2 * np.pi * share)) * (1.0 if share < 0.5 else 0.75)
    return Pose(left * bend, nod, 1 + (closer - 1) * bend, shift)


@dataclass(frozen=True, slots=True)
class Shot:
    """One uploaded frame with the step it belongs to (0 facing, 1 first action, 2 facing, 3 second …)."""

    step: int
    at_ms: int
    jpeg: bytes


def shots(number: int, actions: Sequence[str], *, seed: int = 0, per_step: int = 6) -> list[Shot]:
    """Return what the page would upload when this face does these actions."""
    face = still(number)
    return _numbered([[framed(posed(face, pose), pose, size=(480, 360)) for pose in step]
                      for step in poses(actions, per_step)], seed)


def still_shots(number: int, *, steps: int = 4, seed: int = 0, per_step: int = 6) -> list[Shot]:
    """Return a photo held up: nothing moves but the hand that shakes a little."""
    random = np.random.default_rng(seed)
    held = [[Pose(shift=tuple(random.normal(0, 2.0, 2))) for _ in range(per_step)] for _ in range(steps)]
    return _numbered([[framed(still(number), pose, size=(480, 360)) for pose in step] for step in held], seed)


def print_shots(number: int, actions: Sequence[str], *, seed: int = 0, per_step: int = 6) -> list[Shot]:
    """Return a flat print that is turned and tilted in place of a head."""
    face = still(number)
    return _numbered([[framed(_tilted(face, pose), pose, size=(480, 360)) for pose in step]
                      for step in poses(actions, per_step)], seed)


def screen_shots(number: int, actions: Sequence[str], *, seed: int = 0, per_step: int = 6) -> list[Shot]:
    """Return a clip played on a screen before the camera: the screen's grid beats with the sensor's."""
    taken = [[_screened(framed(posed(still(number), pose), pose, size=(480, 360)), seed) for pose in step]
             for step in poses(actions, per_step)]
    return _numbered(taken, seed)


def _tilted(face: Image, pose: Pose) -> Image:
    height, width = face.shape[:2]
    focal, yaw, pitch = 900.0, np.radians(pose.left * 1.6), np.radians(pose.down * 1.6)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    flat = np.column_stack([corners - _CENTRE, np.zeros(4)])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    turned = flat @ (about_y @ about_x).T
    seen = turned[:, :2] * (focal / (focal + turned[:, 2:])) + _CENTRE
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    return cv2.warpPerspective(face, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def _screened(picture: Image, seed: int) -> Image:
    random = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    angle, period = random.uniform(0.02, 0.2), random.uniform(3.2, 6.5)
    wave = np.sin(2 * np.pi * (across * np.cos(angle) + down * np.sin(angle)) / period)
    rows = np.sin(2 * np.pi * (down * np.cos(angle) - across * np.sin(angle)) / (period * 1.04))
    seen = picture * (1 + random.uniform(0.05, 0.1) * (wave + rows)[..., None])
    return np.clip(seen, 0, 255).astype(np.uint8)


def _numbered(steps: list[list[Image]], seed: int) -> list[Shot]:
    found: list[Shot] = []
    for number, step in enumerate(steps):
        for picture in step:
            found.append(Shot(number, len(found) * 250, jpeg(noisy(picture, seed * 1000 + len(found)))))
    return found


def two_faces(first: int, second: int, *, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image:
    """Return a picture with two people side by side."""
    half = size[0] // 2
    sides = [framed(still(number), Pose(), size=(half, size[1]), usual=0.5) for number in (first, second)]
    return np.hstack(sides)


def clip_write(path: Path, pictures: Sequence[bytes]) -> Path:
    """Write JPEG pictures as an MJPEG stream, which headless Chromium plays as its camera (30 a second, over and over)."""
    path.write_bytes(b"".join(pictures))
    return path
