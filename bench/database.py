"""A database of its own for one benchmark: embedded PostgreSQL, filled without fsync, measured with production settings."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from bench.portfolio import Plan, portfolio_load
from weidai.platform.postgres import Cluster
from weidai.platform.postgres.addresses import url_for


@dataclass(frozen=True, slots=True)
class Database:
    """A running cluster with a loaded portfolio."""

    home: Path
    load_seconds: float

    def environment(self, *, role: str = "app") -> dict[str, str]:
        """Return the environment of a process that works on it, with the rights of the application unless said."""
        cluster = Cluster(self.home)
        return {**os.environ, "WEIDAI_HOME": str(self.home), "WEIDAI_LOG_LEVEL": "WARNING", "WEIDAI_DB_ROLE": role,
                "WEIDAI_DEMO": "0", "DATABASE_URL": cluster.url("app"), "WEIDAI_OWNER_DATABASE_URL": cluster.url("owner"),
                "PYTHONPATH": os.pathsep.join(["src", "."])}

    @property
    def url(self) -> str:
        """The owner's address."""
        return Cluster(self.home).url("owner")

    def settle(self) -> None:
        """Let the server write out what earlier programs left behind, so that a measurement pays only for itself."""
        with psycopg.connect(url_for(Cluster(self.home).places, "superuser"), autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    def server_cpu_seconds(self) -> float:
        """Return the processor time of the server until now, ended processes included."""
        pid = Cluster(self.home).status().pid
        assert pid
        server = psutil.Process(pid)
        own = server.cpu_times()
        spent = own.user + own.system + own.children_user + own.children_system
        for child in server.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                spent += times.user + times.system
        return float(spent)

    def run(self, module: str, *arguments: str, role: str = "app") -> str:
        """Run a program of this package in a process of its own and return what it printed."""
        done = subprocess.run([sys.executable, "-m", module, *arguments], env=self.environment(role=role), text=True,
                              stdout=subprocess.PIPE, check=True)
        return done.stdout


@contextmanager
def database(plan: Plan, *, home: Path | None = None) -> Iterator[Database]:
    """Give a loaded database; it is removed afterwards."""
    home = home or Path(tempfile.mkdtemp(prefix="weidai-bench-"))
    home.chmod(0o711)
    try:
        began = time.monotonic()
        filling = Cluster(home, profile="test")
        filling.start()
        Database(home, 0).run("bench.tables", role="owner")
        portfolio_load(filling.url("owner"), plan)
        filling.stop()
        measured = Cluster(home)
        measured.start()
        yield Database(home, time.monotonic() - began)
    finally:
        Cluster(home).stop()
        shutil.rmtree(home, ignore_errors=True)
