"""Loading one month's extract: check, sum by person and month, put into the store; again and again with the same result.

Late rows are explicit: an event of an earlier month that is still in the history is accepted into that month, beside what
was there, counted by month in the report; one that was loaded before, or is too old, or lies after the month, is set
aside with its reason (R2.5).
"""

# ruff: noqa: S608 - SQL of our own schema; paths, values and foreign column names are quoted by `sources`

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from weidai.assessment.extracts.checking import Among, Checker, Extra, TableCount
from weidai.assessment.extracts.schemas import LARGEST_MONTH_FEN, PAYMENTS, TABLES, Table
from weidai.assessment.extracts.sources import quoted
from weidai.assessment.extracts.store import Store
from weidai.assessment.population.definitions import customer_month, month_edges
from weidai.assessment.population.engines import Engine
from weidai.kernel.days import months_later

HISTORY_MONTHS = 12  # months that an assessment may look at, and so the oldest late event that still counts
MEMORY_LIMIT = "2GB"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What one load did. `late` counts accepted events of earlier months, by month."""

    month: date
    digest: str
    counts: tuple[TableCount, ...]
    late: dict[str, int]
    was_there: bool  # the same files had been loaded before: nothing was done
    quarantine: Path

    @property
    def is_clean(self) -> bool:
        """Say whether every row of every file was used."""
        return not any(count.quarantined or count.files_refused for count in self.counts)


def extract_files(folder: Path) -> dict[str, list[Path]]:
    """Return the parts of each table in an extract's folder, by name."""
    found: dict[str, list[Path]] = {name: [] for name in TABLES}
    for path in sorted(folder.iterdir()):
        stem = path.name.split(".")[0].split("-")[0]
        if path.suffix in (".parquet", ".csv") and stem in found:
            found[stem].append(path)
    return found


def extract_load(
    store: Store, folder: Path, *, month: date, engine: Engine, progress: Progress = lambda _: None,
    quarantine: Path | None = None,
) -> LoadReport:
    """Load an extract for a month (its first day). The same files again change nothing; other files replace the month's."""
    files = extract_files(folder)
    digest = _digest(files)
    target = quarantine or store.folder / "quarantine" / f"{month:%Y-%m}.csv"
    before = store.manifest(month)
    if before is not None and before["digest"] == digest and all(path.exists() for path in store.files_told_by(month)):
        return _report(before, month, target, was_there=True)
    store.manifest_remove(month)
    with _scratch(store, month) as scratch, duck(scratch) as checking:
        checker, counts = Checker(checking, scratch), []
        for table in TABLES.values():
            progress(table.name)
            counts.append(checker.table_check(table, files[table.name], extras=_extras(table, month),
                                              among=_among(checking, store, month) if table is PAYMENTS else ()))
        progress("customer_month")
        late = _payments_place(checking, store, scratch, month, engine)
        for name in ("people", "balances", "contacts", "card_limits"):
            store.place(scratch / f"{name}.accepted.parquet", store.target(name, month=month, told_by=month))
        target.parent.mkdir(parents=True, exist_ok=True)
        checker.quarantine_write(target)
    content = {"digest": digest, "counts": [asdict(count) for count in counts], "late": late, "month": f"{month:%Y-%m}"}
    store.manifest_write(month, content)
    return _report(content, month, target, was_there=False)


def _extras(table: Table, month: date) -> list[Extra]:
    """The rules that depend on the month: payments and balances lie before its end and within the history."""
    after, first = months_later(month, 1), months_later(month, 1 - HISTORY_MONTHS)
    if table.name == "balances":
        return [Extra(f"\"on\" >= DATE '{after}'", "after_month"), Extra(f"\"on\" < DATE '{first}'", "before_history")]
    if table is not PAYMENTS:
        return []
    edges = month_edges([first, after])
    return [Extra(f"at_us >= {edges[1]}", "after_month"), Extra(f"at_us < {edges[0]}", "before_history")]


def _among(engine: duckdb.DuckDBPyConnection, store: Store, month: date) -> list[Among]:
    """The rules over all payments: none that another extract told already, no month beyond exact arithmetic."""

    def told_already(good: str) -> str:
        others = []
        for back in range(HISTORY_MONTHS):
            one = months_later(month, -back)
            files = [file for file in store.month_files("events", one) if file.name != f"from={month:%Y-%m}.parquet"]
            begins, ends = month_edges([one, months_later(one, 1)])
            if files and engine.execute(f"SELECT 1 FROM {good} WHERE at_us >= {begins} AND at_us < {ends} LIMIT 1").fetchall():
                others += files
        if not others:
            return "SELECT 0 AS part, 0 AS row_no LIMIT 0"
        listed = ", ".join(quoted(file) for file in others)
        return f"SELECT part, row_no FROM {good} SEMI JOIN read_parquet([{listed}]) USING (event_id)"

    def too_large(good: str) -> str:
        return (f"SELECT part, row_no FROM {good} SEMI JOIN (SELECT person_no FROM {good} GROUP BY person_no"
                f" HAVING sum(amount_fen) > {LARGEST_MONTH_FEN}) USING (person_no)")

    return [Among(told_already, "already_loaded"), Among(too_large, "month_total_too_large")]


def _payments_place(
    engine: duckdb.DuckDBPyConnection, store: Store, scratch: Path, month: date, summing: Engine,
) -> dict[str, int]:
    """Put accepted payments into their months with their sums; return how many came late, by month."""
    accepted = scratch / "payments.accepted.parquet"
    months = [months_later(month, -back) for back in range(HISTORY_MONTHS)]
    late: dict[str, int] = {}
    for one in months:
        begins, ends = month_edges([one, months_later(one, 1)])
        target = store.target("events", month=one, told_by=month)
        sums = store.target("customer_month", month=one, told_by=month)
        rows = engine.execute(f"SELECT count(*) FROM read_parquet({quoted(accepted)})"
                              f" WHERE at_us >= {begins} AND at_us < {ends}").fetchall()[0][0]
        if not rows and one != month:
            target.unlink(missing_ok=True)
            sums.unlink(missing_ok=True)
            continue
        part, part_sums = scratch / f"events.{one:%Y-%m}.parquet", scratch / f"sums.{one:%Y-%m}.parquet"
        engine.execute(f"COPY (SELECT * FROM read_parquet({quoted(accepted)}) WHERE at_us >= {begins} AND at_us < {ends})"
                       f" TO {quoted(part)} (FORMAT parquet)")
        with summing.open() as session:
            session.write(customer_month(session.read([part]), [one]), part_sums)
        store.place(part, target)
        store.place(part_sums, sums)
        if one != month:
            late[f"{one:%Y-%m}"] = rows
    return late


@contextmanager
def _scratch(store: Store, month: date) -> Iterator[Path]:
    folder = store.folder / "scratch" / f"{month:%Y-%m}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def duck(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of bounded memory that spills into a folder."""
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(scratch / "spill")}) as engine:
        engine.execute("SET enable_progress_bar = false")  # it would write between the lines of a report
        yield engine


def _digest(files: dict[str, Sequence[Path]]) -> str:
    """SHA-256 over names and contents of an extract's files."""
    whole = hashlib.sha256()
    for name in sorted(files):
        for path in files[name]:
            with path.open("rb") as stream:
                whole.update(f"{path.name}:{hashlib.file_digest(stream, 'sha256').hexdigest()};".encode())
    return whole.hexdigest()


def _report(content: dict[str, Any], month: date, quarantine: Path, *, was_there: bool) -> LoadReport:
    counts = tuple(TableCount(**count) for count in content["counts"])
    return LoadReport(month, content["digest"], counts, content["late"], was_there, quarantine)

