"""The golden vector files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FILES = sorted(GOLDEN.glob("*.json"))


def document(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def vectors() -> list[dict[str, Any]]:
    """Return every vector of every file."""
    return [vector for path in FILES for vector in document(path)["vectors"]]


def vector(vector_id: str) -> dict[str, Any]:
    """Return one vector, fresh."""
    return next(found for found in vectors() if found["id"] == vector_id)
