"""Plain records of what the engine saw; they travel between processes as JSON and hold no picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STRONG_SCORE = 0.5  # a detection at or below it is no face (IDENTITY.md §2: one weak false detection at 0.12)


@dataclass(frozen=True, slots=True)
class Face:
    """One detected face; `points` are the five landmarks (eye corners, then the base of the nose), in pixels."""

    score: float
    width: float
    points: tuple[tuple[float, float], ...]

    @property
    def is_strong(self) -> bool:
        """Say whether this detection counts."""
        return self.score > STRONG_SCORE


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: the step of the challenge it belongs to (even = facing the camera, odd = an action)."""

    step: int
    at_ms: int
    brightness: float  # mean grey value, 0 to 255
    faces: tuple[Face, ...] = ()

    @property
    def strong(self) -> tuple[Face, ...]:
        """Faces that count."""
        return tuple(face for face in self.faces if face.is_strong)

    @property
    def only(self) -> Face | None:
        """The one face in the frame, None when there is none or more than one."""
        found = self.strong
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Pose:
    """How a head stands, from five points: shares of the distance between the outer eye corners.

    `left` grows as the person turns to their left, `down` as the nose moves below the eyes; `size` is that distance in pixels.
    """

    left: float
    down: float
    size: float


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything the engine says about one capture."""

    frames: tuple[Frame, ...]
    descriptors: Mapping[int, tuple[float, ...]] = field(default_factory=dict)  # frame number → 128 numbers
    portrait: tuple[float, ...] | None = None  # of the one face in the portrait, None when it shows none
    portrait_faces: int = 0
    moire: float | None = None  # how far the strongest periodic pattern stands out; high on screens
    planarity: float | None = None  # how well one flat sheet explains the movement; high on prints

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "frames": [[f.step, f.at_ms, f.brightness, [[x.score, x.width, x.points] for x in f.faces]] for f in self.frames],
            "descriptors": {str(number): list(value) for number, value in self.descriptors.items()},
            "portrait": list(self.portrait) if self.portrait else None, "portrait_faces": self.portrait_faces,
            "moire": self.moire, "planarity": self.planarity,
        }


def seen_from_json(body: Mapping[str, Any]) -> Seen:
    """Return what `Seen.to_json` wrote."""
    frames = tuple(
        Frame(step, at_ms, brightness, tuple(
            Face(score, width, tuple((float(x), float(y)) for x, y in points)) for score, width, points in faces))
        for step, at_ms, brightness, faces in body["frames"])
    descriptors = {int(number): tuple(value) for number, value in body["descriptors"].items()}
    portrait = body["portrait"]
    return Seen(frames, descriptors, tuple(portrait) if portrait else None, int(body["portrait_faces"]), body["moire"],
                body["planarity"])


def pose_of(face: Face) -> Pose:
    """Return how the head stands: the nose measured along and across the line of the eyes."""
    left_outer, left_inner, right_outer, right_inner, nose = face.points
    across = (left_outer[0] - right_outer[0], left_outer[1] - right_outer[1])
    size = max(math.hypot(*across), 1.0)
    unit = (across[0] / size, across[1] / size)
    eyes = [left_outer, left_inner, right_outer, right_inner]
    middle = (sum(x for x, _ in eyes) / 4, sum(y for _, y in eyes) / 4)
    to_nose = (nose[0] - middle[0], nose[1] - middle[1])
    return Pose((to_nose[0] * unit[0] + to_nose[1] * unit[1]) / size,
                (to_nose[1] * unit[0] - to_nose[0] * unit[1]) / size, size)


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how unlike two descriptors are: 0 is the same picture."""
    return math.dist(one, other)
