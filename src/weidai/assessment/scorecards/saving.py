"""Writing a trained model to a folder: model, trees, points table, report and card (R2.6)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from weidai.assessment.scorecards import artefact, artefact_files
from weidai.assessment.scorecards.card import card_markdown
from weidai.assessment.scorecards.errors import FolderUnwritable
from weidai.assessment.scorecards.report import report_html
from weidai.assessment.scorecards.report_plots import Drawn
from weidai.assessment.scorecards.training import Trained


def model_save(trained: Trained, folder: Path) -> dict[str, Any]:
    """Write every file of a model and return its content; an existing folder's files of the same names are replaced."""
    content, trees = artefact.artefact_make(trained)
    digest = artefact_files.artefact_hash(content, trees)
    folder_require(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / artefact_files.MODEL).write_bytes(artefact_files.canonical(content))
        (folder / artefact_files.TREES).write_bytes(trees)
        _text(folder / artefact_files.POINTS, artefact.points_toml(content))
        _text(
            folder / artefact_files.RESULTS,
            json.dumps({"artefact_hash": digest, **content["results"]}, ensure_ascii=False, indent=2) + "\n",
        )
        _text(folder / artefact_files.REPORT, report_html(content, drawn_of(trained)))
        _text(folder / artefact_files.CARD, card_markdown(content, artefact=digest))
    except OSError as error:
        raise FolderUnwritable(path=folder, detail=error.strerror or str(error)) from error
    return {**content, "artefact_hash": digest}


def folder_require(folder: Path) -> None:
    """Refuse a folder that cannot be made or written, before any work; nothing is made yet."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise FolderUnwritable(path=folder, detail=f"{place} 不是目录 / is no folder")
    if not os.access(place, os.W_OK | os.X_OK):
        raise FolderUnwritable(path=folder, detail=f"{place} 没有写权限 / no right to write")


def drawn_of(trained: Trained) -> Drawn:
    """Return what the report's curves are drawn from."""
    chosen = trained.outcomes[trained.choice.kind]
    scaling = trained.scorecard.scaling

    def points(probability: np.ndarray) -> np.ndarray:
        clipped = np.clip(probability, 1e-9, 1 - 1e-9)
        return np.asarray(scaling.points(np.log(clipped / (1 - clipped))))

    return Drawn(
        trained.prepared.y[trained.tested],
        {kind: one.probability for kind, one in trained.outcomes.items()},
        points(chosen.probability),
        points(chosen.train_probability),
    )


def _text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")
