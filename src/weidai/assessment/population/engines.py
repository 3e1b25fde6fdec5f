"""The engines that run the definitions: DuckDB by default, Polars to cross-check, Spark over a cluster (R2.5, R10.7)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import narwhals as nw
from narwhals.typing import IntoDType

from weidai.assessment.errors import EngineMissing

EngineName = Literal["duckdb", "polars", "spark"]
ENGINES: tuple[EngineName, ...] = ("duckdb", "polars", "spark")
MEMORY_LIMIT = "2GB"


class Session(Protocol):
    """One engine at work."""

    wide: IntoDType  # whole numbers up to 38 digits

    def read(self, files: Sequence[Path]) -> nw.LazyFrame:
        """Return Parquet files of one kind as one table."""

    def write(self, frame: nw.LazyFrame, target: Path) -> None:
        """Compute a table into one Parquet file."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine by name; `open` starts it and ends it."""

    name: EngineName = "duckdb"
    threads: int = 0  # 0: every core
    master: str = "local[2]"  # Spark's

    @contextmanager
    def open(self) -> Iterator[Session]:
        """Start the engine; raise EngineMissing when what it needs is not installed."""
        if self.name == "duckdb":
            yield from _duckdb(self.threads)
        elif self.name == "polars":
            yield _Polars()
        else:
            yield from _spark(self.master)


class _Duck:
    wide: IntoDType = nw.Int128

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def read(self, files: Sequence[Path]) -> nw.LazyFrame:
        return nw.from_native(self.engine.read_parquet([str(file) for file in files]))

    def write(self, frame: nw.LazyFrame, target: Path) -> None:
        frame.to_native().write_parquet(str(target))


class _Polars:
    wide: IntoDType = nw.Int128

    def read(self, files: Sequence[Path]) -> nw.LazyFrame:
        import polars

        return nw.from_native(polars.scan_parquet(list(files)))

    def write(self, frame: nw.LazyFrame, target: Path) -> None:
        frame.to_native().collect(engine="streaming").write_parquet(target)


class _Spark:
    wide: IntoDType = nw.Decimal(38, 0)

    def __init__(self, session: Any) -> None:
        self.session = session

    def read(self, files: Sequence[Path]) -> nw.LazyFrame:
        return nw.from_native(self.session.read.parquet(*map(str, files)))

    def write(self, frame: nw.LazyFrame, target: Path) -> None:
        """Spark writes a folder of parts; DuckDB makes them the one file that the store keeps."""
        import duckdb

        folder = target.with_suffix(".parts")
        shutil.rmtree(folder, ignore_errors=True)
        frame.to_native().write.parquet(str(folder))
        with duckdb.connect(config={"memory_limit": MEMORY_LIMIT}) as joining:
            joining.execute("SET enable_progress_bar = false")
            joining.read_parquet(f"{folder}/*.parquet").write_parquet(str(target))
        shutil.rmtree(folder)


def _duckdb(threads: int) -> Iterator[Session]:
    try:
        import duckdb
    except ImportError as error:
        raise EngineMissing(engine="duckdb", install="make setup") from error
    with tempfile.TemporaryDirectory(prefix="weidai-duckdb-") as spill:
        settings: dict[str, Any] = {"memory_limit": MEMORY_LIMIT, "temp_directory": spill}
        with duckdb.connect(config=settings | ({"threads": threads} if threads else {})) as engine:
            engine.execute("SET enable_progress_bar = false")  # it would write between the lines of a report
            yield _Duck(engine)


def _spark(master: str) -> Iterator[Session]:
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise EngineMissing(engine="spark", install="Java 17 / 21 (JAVA_HOME)")
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineMissing(engine="spark", install="make setup-spark") from error
    with tempfile.TemporaryDirectory(prefix="weidai-spark-") as scratch:
        session = (SparkSession.builder.master(master).appName("weidai")
                   .config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1")
                   .config("spark.driver.host", "127.0.0.1").config("spark.sql.session.timeZone", "UTC")
                   .config("spark.sql.shuffle.partitions", "8").config("spark.local.dir", scratch)
                   .config("spark.sql.warehouse.dir", f"{scratch}/warehouse").getOrCreate())
        session.sparkContext.setLogLevel("ERROR")
        try:
            yield _Spark(session)
        finally:
            session.stop()
