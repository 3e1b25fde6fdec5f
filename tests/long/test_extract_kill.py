"""A load killed by signal 9 at every step, done again: the store holds what an undisturbed load leaves (R2.3, R2.5)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.extracts.making import MONTH, write
from weidai.assessment.extracts.loading import extract_load
from weidai.assessment.extracts.store import Store
from weidai.assessment.population.engines import Engine
from weidai.kernel.days import months_later

pytestmark = pytest.mark.long
STEPS = ("begun", "people", "payments", "balances", "contacts", "card_limits", "customer_month")
ROOT = Path(__file__).resolve().parents[2]


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every file, sorted, by its place in the store."""
    found = {}
    for path in sorted(store.folder.glob("*/month=*/*.parquet")):
        with duckdb.connect() as engine:
            found[str(path.relative_to(store.folder))] = sorted(engine.read_parquet(str(path)).fetchall(), key=repr)
    return found


def test_a_load_killed_at_any_step_leaves_nothing_wrong(tmp_path: Path) -> None:
    september = months_later(MONTH, -1)
    first, second = write(tmp_path / "first", people=3000), write(tmp_path / "second", people=3000, payments=9)
    plain = Store(tmp_path / "plain")
    for month, folder in ((september, write(tmp_path / "september", september, people=3000)), (MONTH, second)):
        extract_load(plain, folder, month=month, engine=Engine("duckdb"))
    store = Store(tmp_path / "killed")
    extract_load(store, tmp_path / "september", month=september, engine=Engine("duckdb"))
    extract_load(store, first, month=MONTH, engine=Engine("duckdb"))
    for step in STEPS:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.long.load_and_die", str(store.folder), str(second), MONTH.isoformat()], cwd=ROOT,
            stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": f"{ROOT}/src:{ROOT}"})
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip() == step:
                os.kill(child.pid, signal.SIGKILL)
                break
        assert child.wait() == -signal.SIGKILL
        child.stdout.close()
    report = extract_load(store, second, month=MONTH, engine=Engine("duckdb"))
    assert not report.was_there
    assert contents(store) == contents(plain)
    assert not any((store.folder / "scratch").iterdir())
