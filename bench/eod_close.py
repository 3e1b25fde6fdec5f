"""Close one day with the real code and tell, as JSON, what it cost; runs in a process of its own with the app's rights."""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import django
import psycopg


class Meter:
    """Counts the statements of every (step, chunk) and the WAL of every step."""

    def __init__(self) -> None:
        self.statements: dict[tuple[str, int], int] = defaultdict(int)
        self.texts: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0, 0.0]))
        self.wal: dict[str, int] = {}
        self.here = threading.local()
        self.lock = threading.Lock()

    def count(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Django's wrapper around every statement."""
        began = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            spent = time.monotonic() - began
            step, chunk = getattr(self.here, "place", ("outside", 0))
            with self.lock:
                self.statements[step, chunk] += 1
                seen = self.texts[step][" ".join(str(sql).split())[:90]]
                seen[0] += 1
                seen[1] += spent

    def install(self) -> None:
        """Count on the connections that are open and on those that workers open later."""
        from django.db import connection
        from django.db.backends.signals import connection_created

        connection_created.connect(lambda connection, **_: connection.execute_wrappers.append(self.count), weak=False)
        connection.ensure_connection()
        if self.count not in connection.execute_wrappers:
            connection.execute_wrappers.append(self.count)

    def watch_steps(self) -> None:
        """Say for every statement which step and chunk it belongs to, and measure the WAL between steps."""
        from weidai.jobs import chunks, end_of_day

        real_chunk, real_step, real_single = chunks._chunk_run, end_of_day.step_run, end_of_day._single

        def chunk_run(run: Any, step: str, number: int, *rest: Any) -> Any:
            self.here.place = (step, number)
            return real_chunk(run, step, number, *rest)

        def step_run(run: Any, step: str, work: Any) -> Any:
            return self._walled(step, lambda: real_step(run, step, work))

        def single(run: Any, step: str, work: Any) -> Any:
            self.here.place = (step, 0)
            return self._walled(step, lambda: real_single(run, step, work))

        chunks._chunk_run, end_of_day.step_run, end_of_day._single = chunk_run, step_run, single  # type: ignore[assignment]

    def _walled(self, step: str, work: Callable[[], Any]) -> Any:
        before = self._lsn()
        try:
            return work()
        finally:
            self.wal[step] = self._lsn() - before

    def _lsn(self) -> int:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            row = connection.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").fetchone()
            assert row
            return int(row[0])


def main() -> None:
    """Arguments: the day, and how many customers a chunk has (0: as configured)."""
    day, size = date.fromisoformat(sys.argv[1]), int(sys.argv[2])
    django.setup()
    from weidai.jobs import end_of_day
    from weidai.kernel.days import shanghai_instant
    from weidai.platform import clock

    if size:
        end_of_day.CHUNK_CUSTOMERS = size
    meter = Meter()
    meter.install()
    meter.watch_steps()
    idle_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, cpu_began = time.monotonic(), time.process_time()
    with clock.travel_to(shanghai_instant(day + timedelta(days=1)) + timedelta(minutes=5)):
        report = end_of_day.day_close(1)
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu_began
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({
        "seconds": seconds, "cpu_seconds": cpu, "idle_mb": idle_kib / 1024, "peak_mb": peak_kib / 1024,
        "set_aside": report.set_aside,
        "steps": [{"step": step.step, "chunks": step.chunks, "rows": step.row_count, "seconds": step.milliseconds / 1000,
                   "wal": meter.wal.get(step.step, 0),
                   "statements": [count for (name, _), count in sorted(meter.statements.items()) if name == step.step]}
                  for step in report.steps],
        "statements": {step: sorted(((text, *seen) for text, seen in texts.items()), key=lambda row: -row[2])
                       for step, texts in meter.texts.items()}}))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
    main()
