"""Kill -9 of the worker and of PostgreSQL at every step boundary of an end of day: the rerun ends with the same totals.

50,000 loans in 12 chunks. One night is killed again and again, at one boundary after the other, until it is through.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from bench.database import Database, database
from bench.portfolio import DAY, Plan

from weidai.platform.postgres import Cluster

pytestmark = [pytest.mark.long, pytest.mark.timeout(2400)]

LOANS, CHUNK_CUSTOMERS, CHUNKS = 50_000, 3_500, 12
CHUNKED = ("bill", "overdue", "classify", "debits")
STEPS = ("bill", "overdue", "classify", "accrual", "tax", "general_ledger", "seal", "advance", "debits")
# In the order in which they come: first, middle and last chunk of a step, before and after its commit.
BOUNDARIES = [
    f"{step}:{chunk}:{moment}"
    for step in STEPS
    for chunk in ((0, 6, 11) if step in CHUNKED else (0,))
    for moment in ("written", "committed")
]


@pytest.fixture(scope="module")
def filled() -> Iterator[Database]:
    with database(Plan(LOANS)) as one:
        one.run("bench.day_events", "500", DAY.isoformat())
        Cluster(one.home).stop()
        yield one


@pytest.fixture
def night(filled: Database) -> Iterator[Database]:
    """A copy of the filled database, as it was before the closing."""
    home = Path(mkdtemp(prefix="weidai-bench-"))
    home.rmdir()
    subprocess.run(["cp", "-a", str(filled.home), str(home)], check=True)
    Cluster(home).start()
    try:
        yield Database(home, 0)
    finally:
        Cluster(home).stop()
        shutil.rmtree(home, ignore_errors=True)


def close(night: Database, victim: str, boundary: str) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "tests.long.close_and_die", DAY.isoformat(), str(CHUNK_CUSTOMERS), victim, boundary],
        env=night.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300, check=False)
    return done.returncode


def totals(night: Database) -> dict[str, object]:
    found = json.loads(night.run("bench.eod_check", "--totals"))
    assert found["ledger_is_sound"]
    assert found["evidence_is_sound"]
    return dict(found["totals"])


def progress(night: Database) -> int:
    with psycopg.connect(night.url) as connection:
        row = connection.execute("SELECT count(*) FROM jobs_eodstep").fetchone()
        return int(row[0]) if row else 0


_undisturbed: dict[str, object] = {}


def test_undisturbed(night: Database) -> None:
    assert close(night, "nobody", "") == 0
    assert progress(night) == len(CHUNKED) * CHUNKS + len(STEPS) - len(CHUNKED)
    _undisturbed.update(totals(night))
    assert _undisturbed["book"] == [["2026-06-16"]]


@pytest.mark.parametrize("victim", ["worker", "postgres"])
def test_killed_at_every_boundary(night: Database, victim: str) -> None:
    assert _undisturbed, "the undisturbed night comes first"
    kills = 0
    for boundary in BOUNDARIES:
        code = close(night, victim, boundary)
        if victim == "postgres":
            Cluster(night.home).start()
        kills += code != 0
    assert kills == len(BOUNDARIES), "every boundary was reached and killed the night"
    assert close(night, "nobody", "") == 0
    assert progress(night) == len(CHUNKED) * CHUNKS + len(STEPS) - len(CHUNKED)
    assert totals(night) == _undisturbed
    assert close(night, "nobody", "") == 0, "a closed day is not closed again"
    assert totals(night) == _undisturbed
