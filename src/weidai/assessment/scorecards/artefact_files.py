"""The files of a model folder, and the one hash that names a model (R2.6). Standard library only: the registry reads them too."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from weidai.assessment.scorecards.errors import ArtefactUnreadable

FORMAT = 1
MODEL, TREES, POINTS, REPORT, RESULTS, CARD = (
    "model.json",
    "challenger.onnx",
    "scorecard.toml",
    "report.html",
    "report.json",
    "card.md",
)


def artefact_hash(content: dict[str, Any], trees: bytes) -> str:
    """Return the SHA-256 that names a model: its content and its trees."""
    digest = hashlib.sha256(canonical(content))
    digest.update(trees)
    return digest.hexdigest()


def canonical(content: dict[str, Any]) -> bytes:
    """Return the one byte form of a model's content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def artefact_read(folder: Path) -> tuple[dict[str, Any], bytes]:
    """Return content and trees of a model folder."""
    try:
        content = json.loads((folder / MODEL).read_text(encoding="utf-8"))
        trees = (folder / TREES).read_bytes()
    except (OSError, ValueError) as error:
        raise ArtefactUnreadable(path=folder, detail=str(error)[:200]) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ArtefactUnreadable(path=folder, detail="版本不符 / another format")
    return content, trees
