"""Where the voice model is: a file of the package Resemblyzer, found without importing it (it wants torch; we do not)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

PACKAGE, WEIGHTS = "resemblyzer", "pretrained.pt"


class VoiceModelsMissing(Exception):
    """The dependency group `voice` is not installed."""


def weights_file() -> Path:
    """Return the path of the weights; the package itself is never imported."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise VoiceModelsMissing
    path = Path(next(iter(spec.submodule_search_locations))) / WEIGHTS
    if not path.is_file():
        raise VoiceModelsMissing
    return path


def is_installed() -> bool:
    """Say whether voices can be compared here."""
    try:
        return weights_file().is_file() and find_spec("numpy") is not None
    except VoiceModelsMissing:
        return False
