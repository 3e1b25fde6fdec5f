"""Scorecard and boosting by `weidai model train` beside plain library defaults, on public tables, by named protocols (R2.6).

    make bench-model                     # the tables of ../shared/data/credit, where they are there
    make bench-model FILES="a.csv:target:kfold10 …"

Plain means: one-hot text, missing as the median, logistic regression of scikit-learn on standardized columns and LightGBM's
defaults on the raw ones, learned from the same rows and tested on the same rows. Each is timed alone, one thread.
"""

from __future__ import annotations

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import platform  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

from weidai.assessment.scorecards.measures import auc_of, curves, figure_ks  # noqa: E402
from weidai.assessment.scorecards.prepare import Prepared, TrainRequest, prepared_read  # noqa: E402
from weidai.assessment.scorecards.training import train  # noqa: E402

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "credit"
PUBLIC = (
    ("german_statlog", "y", "kfold10", ".793 / .794"), ("australian_statlog", "y", "kfold10", ".928 / .942"),
    ("taiwan_default", "y", "holdout-permutation", ".761 / .779"), ("heloc_raw", "y", "holdout-sklearn", ".774 / .780"),
)
_LINE = "{:20} {:20} {:24} {:>7} {:>7} {:>9}"


def main(files: list[str]) -> int:
    """Print one line per table and model."""
    warnings.simplefilter("ignore")
    asked = [(Path(path), target, protocol, "") for path, target, protocol in (one.rsplit(":", 2) for one in files)]
    asked = asked or [(SHARED / f"{name}.parquet", target, protocol, told) for name, target, protocol, told in PUBLIC]
    there = [one for one in asked if one[0].exists()]
    if not there:
        print(f"no table: {SHARED} is not there; name files as FILE:TARGET:PROTOCOL")
        return 1
    print(f"{platform.machine()} · {os.cpu_count()} cores · load {os.getloadavg()[0]:.1f} · Python {platform.python_version()}")
    print(_LINE.format("table", "protocol", "model", "AUC", "KS", "seconds"))
    for path, target, protocol, told in there:
        prepared = prepared_read(TrainRequest(path=path, target=target, protocol=protocol, name=path.stem))
        trained = train(prepared)
        y = prepared.y[trained.tested]
        for kind, outcome in trained.outcomes.items():
            name = f"weidai {kind}{' *' if kind == trained.choice.kind else ''}"
            print(_LINE.format(path.stem, prepared.protocol.name, name, f"{outcome.auc:.4f}", f"{outcome.measures.ks:.3f}",
                               f"{outcome.seconds:.1f}"))
        for name, make in (("plain logistic", _logistic), ("plain LightGBM", _lightgbm)):
            auc, ks, seconds = _plain(prepared, make, y)
            print(_LINE.format(path.stem, prepared.protocol.name, name, f"{auc:.4f}", f"{ks:.3f}", f"{seconds:.1f}"))
        if told:
            print(f"{'':20} published scorecard / boosting: {told}")
    print("* chosen: boosting only where its gain in AUC is more than noise. Seconds: all fits of the protocol with its choices.")
    return 0


def _plain(prepared: Prepared, make, y):  # type: ignore[no-untyped-def]
    rows = _matrix(prepared)
    scores, aucs, begun = [], [], time.perf_counter()
    for split in prepared.protocol.splits:
        model = make().fit(rows[split.train], prepared.y[split.train])
        scores.append(model.predict_proba(rows[split.test])[:, 1])
        aucs.append(auc_of(prepared.y[split.test], scores[-1]))
    seconds = time.perf_counter() - begun
    return float(np.mean(aucs)), figure_ks(curves(y, np.concatenate(scores))), seconds


def _matrix(prepared: Prepared) -> np.ndarray:
    """Raw numbers; each level of a category its own column of 0 and 1."""
    parts = []
    for column in prepared.features.columns:
        values = prepared.features.values[column.name]
        if column.kind == "category":
            parts += [(values == level).astype(float) for level in range(min(len(column.levels), 50))]
        else:
            parts.append(values)
    return np.column_stack(parts)


def _logistic():  # type: ignore[no-untyped-def]
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(max_iter=1000))


def _lightgbm():  # type: ignore[no-untyped-def]
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_jobs=1, verbosity=-1, random_state=42)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
