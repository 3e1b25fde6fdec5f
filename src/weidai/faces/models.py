"""Where the face models are: files of the package face-recognition-models, found without importing it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

LANDMARKS = "shape_predictor_5_face_landmarks.dat"  # five points; the package's 68-point file may not be used (licence)
DESCRIPTOR = "dlib_face_recognition_resnet_model_v1.dat"


class FaceModelsMissing(Exception):
    """The dependency group `vision` is not installed."""


def model_file(name: str) -> Path:
    """Return a model's path. The package itself is never imported: it wants a module that setuptools has dropped."""
    spec = find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise FaceModelsMissing
    path = Path(next(iter(spec.submodule_search_locations))) / "models" / name
    if not path.is_file():
        raise FaceModelsMissing
    return path


def is_installed() -> bool:
    """Say whether faces can be compared here."""
    try:
        return all(model_file(name).is_file() for name in (LANDMARKS, DESCRIPTOR)) and all(
            find_spec(name) for name in ("dlib", "cv2", "numpy"))
    except FaceModelsMissing:
        return False
