"""The eyes: HOG detector, five landmarks, ResNet descriptor. Imported in the face process only (`weidai.faces.worker`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cv2
import dlib  # type: ignore[import-not-found,unused-ignore]
import numpy as np
from PIL import Image

from weidai.faces import cues
from weidai.faces.judge import frames_to_describe
from weidai.faces.models import DESCRIPTOR, LANDMARKS, model_file
from weidai.faces.seen import Face, Frame, Seen, pose_of

LONGEST_SIDE = 640  # larger pictures are made smaller before anything looks at them
LARGEST_PIXELS = 4_000_000  # of a frame: pages send a tenth of it
LARGEST_PORTRAIT = 24_000_000
MOST_SCANS = 60  # a progressive picture has about ten; thousands only burn time
Picture = np.ndarray[Any, Any]


class PictureUnreadable(Exception):
    """Not a JPEG or PNG picture of a sensible size."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame as it was uploaded."""

    step: int
    at_ms: int
    data: bytes


class Engine:
    """Loads the models once (about a second) and looks at captures one after the other."""

    def __init__(self) -> None:
        self._detect = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(str(model_file(LANDMARKS)))
        self._describe = dlib.face_recognition_model_v1(str(model_file(DESCRIPTOR)))
        cv2.setNumThreads(1)

    def look(self, shots: Sequence[Shot], portrait: bytes | None = None) -> Seen:
        """Return what is in the frames and in the portrait; raises PictureUnreadable."""
        pictures = [_read(shot.data) for shot in shots]
        found = [self._faces(picture) for picture in pictures]
        frames = tuple(
            Frame(shot.step, shot.at_ms, round(float(picture.mean()), 1), tuple(_face(s, b, p) for s, b, p in faces))
            for shot, picture, faces in zip(shots, pictures, found, strict=True))
        descriptors = {n: self._descriptor(pictures[n], _shape(found[n])) for n in frames_to_describe(frames)}
        pattern, sheet = _cues(pictures, frames, found)
        is_compared = portrait is not None and (bool(descriptors) or not shots)
        who, count = self._portrait(portrait) if portrait is not None and is_compared else (None, 0)
        return Seen(frames, descriptors, who, count, pattern, sheet)

    def _faces(self, picture: Picture) -> list[tuple[float, Any, Any]]:
        boxes, scores, _ = self._detect.run(picture, 0, 0.0)
        return [(score, box, self._landmarks(picture, box)) for box, score in zip(boxes, scores, strict=True)]

    def _descriptor(self, picture: Picture, shape: Any) -> tuple[float, ...]:
        return tuple(round(float(value), 5) for value in self._describe.compute_face_descriptor(picture, shape))

    def _portrait(self, data: bytes) -> tuple[tuple[float, ...] | None, int]:
        picture = _read(data, most=LARGEST_PORTRAIT)
        found = self._faces(picture)
        if not found and max(picture.shape[:2]) < LONGEST_SIDE:  # the portrait of a card is often small
            picture = np.ascontiguousarray(cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
            found = self._faces(picture)
        strong = [one for one in found if one[0] > 0]
        return (self._descriptor(picture, strong[0][2]), 1) if len(strong) == 1 else (None, len(strong))


def _read(data: bytes, *, most: int = LARGEST_PIXELS) -> Picture:
    """Return a picture in RGB, upright, at most LONGEST_SIDE; only its own format's reader is trusted with it."""
    if data.count(b"\xff\xda") > MOST_SCANS:
        raise PictureUnreadable
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG")) as opened:
            if opened.width * opened.height > most:
                raise PictureUnreadable
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            picture = opened.convert("RGB")
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, OverflowError, Image.DecompressionBombError):
        raise PictureUnreadable from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.ascontiguousarray(np.asarray(picture))


def _face(score: float, box: Any, shape: Any) -> Face:
    return Face(round(float(score), 3), float(box.width()), tuple((float(p.x), float(p.y)) for p in shape.parts()))


def _shape(faces: list[tuple[float, Any, Any]]) -> Any:
    return max(faces, key=lambda one: one[0])[2]


def _cues(pictures: Sequence[Picture], frames: Sequence[Frame], found: Sequence[list[Any]]) -> tuple[float | None, float | None]:
    """The screen's pattern over the facing frames, and the flatness between facing and the most turned frame."""
    facing = [n for n, frame in enumerate(frames) if frame.step == 0 and frame.only is not None]
    if not facing:
        return None, None
    first = facing[0]
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in pictures]
    pattern = cues.moire([_cut(grey[n], _box(found[n])) for n in facing[:3]])
    base = pose_of(frames[first].strong[0])
    turned = [n for n, frame in enumerate(frames) if frame.step % 2 and frame.only is not None]
    if not turned:
        return pattern, None
    far = max(turned, key=lambda n: abs(pose_of(frames[n].strong[0]).left - base.left)
              + abs(pose_of(frames[n].strong[0]).down - base.down))
    return pattern, cues.planarity(grey[first], grey[far], _box(found[first]))


def _cut(picture: Picture, box: tuple[int, int, int, int]) -> Picture:
    left, top, right, bottom = box
    return picture[max(top, 0):bottom, max(left, 0):right]


def _box(faces: list[tuple[float, Any, Any]]) -> tuple[int, int, int, int]:
    box = max(faces, key=lambda one: one[0])[1]
    return box.left(), box.top(), box.right(), box.bottom()
