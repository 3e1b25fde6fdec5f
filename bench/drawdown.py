"""The final signing call through HTTP at full rate and at half of it, on the real stack (R10.2).

`python -m bench.drawdown [COUNT]`: embedded PostgreSQL with the durable settings of an installation, granian with two
workers, the worker process and the sandbox world for the payouts, and the load generator, all on this machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from bench import load
from bench.database import Database
from weidai.cli.children import Children
from weidai.platform.postgres import Cluster

CONNECTIONS = 16
WARM_UP = 300
HALF_SECONDS = 20
DRAIN_SECONDS = 120
PEOPLE = 3_000
console = Console()


@dataclass
class Stack:
    """The running installation."""

    home: Path
    database: Database
    web_port: int
    world_port: int
    processes: dict[str, psutil.Process] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What every process of it gets."""
        return {**self.database.environment(), "WEIDAI_SANDBOX_URL": f"http://127.0.0.1:{self.world_port}",
                "WEIDAI_SANDBOX_KEY_DIR": str(self.home / "sandbox" / "keys"), "WEIDAI_LOG_FORMAT": "json"}

    def cpu_seconds(self) -> dict[str, float]:
        """Return the processor time of every part until now: this program, which makes the calls, and the database too."""
        own = time.process_time()
        return {"client": own, "database": self.database.server_cpu_seconds(),
                **{name: _cpu_of(process) for name, process in self.processes.items()}}

    def signed(self, count: int) -> list[bytes]:
        """Prepare so many drawdowns that only miss their code, and return the requests that sign them."""
        file = self.home / "signed.jsonl"
        subprocess.run([sys.executable, "-m", "bench.drawdown_people", str(count), str(file)], env=self.environment,
                       check=True)
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        return [_request(json.loads(line)) for line in file.read_text().splitlines()]


def _prefer(processes: Iterable[psutil.Process]) -> None:
    """Give each part the priority this program was started with: Linux may schedule by session, and each has its own."""
    if os.nice(0) < 0:
        for process in processes:
            with contextlib.suppress(OSError):
                Path(f"/proc/{process.pid}/autogroup").write_text(str(os.nice(0)))


def _cpu_of(process: psutil.Process) -> float:
    spent = 0.0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            spent += times.user + times.system
    return spent


def _request(told: dict[str, str]) -> bytes:
    body = json.dumps({name: told[name] for name in ("challenge_id", "code", "device_key", "device_signature")}).encode()
    return (f"POST /api/v1/drawdowns/{told['drawdown_id']}/confirm HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {told['token']}\r\nIdempotency-Key: {told['drawdown_id']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


@dataclass
class Watch:
    """Looks at the payouts once a second while calls are made."""

    url: str
    backlog: list[int] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Keep looking during the block."""
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _look(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self._ended.wait(1.0):
                self.backlog.append(waiting(connection))


def waiting(connection: psycopg.Connection) -> int:
    """Return how many payouts wait to be sent or answered."""
    return int(value(connection, "SELECT count(*) FROM platform_outboxmessage WHERE state = 'pending'"
                                 " AND kind = 'lending.payout'"))


def value(connection: psycopg.Connection, query: str) -> int | str:
    """Return the one value of a query."""
    row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row
    return row[0]  # type: ignore[no-any-return]


def free_port() -> int:
    """Return a port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def stack() -> Iterator[Stack]:
    """Give a running installation; everything is ended and removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="weidai-bench-"))
    home.chmod(0o711)
    children = Children(home)
    try:
        Cluster(home).start()
        database = Database(home, 0)
        database.run("bench.tables", role="owner")
        made = Stack(home, database, free_port(), free_port())
        world = children.start("world", [sys.executable, "-m", "sandbox_world", "--port", str(made.world_port), "--home",
                                 str(home / "sandbox"), "--people", str(PEOPLE), "--callback-url",
                                 f"http://127.0.0.1:{made.web_port}/api/callbacks/sandbox"], made.environment)
        web = children.start("web", [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port",
                               str(made.web_port), "--workers", "2", "--blocking-threads", "8", "--workers-kill-timeout",
                               "4s", "--no-ws", "--log-level", "warning", "weidai.web.wsgi:application"],
                       {**made.environment, "WEIDAI_DB_POOL": "8"})
        worker = children.start("worker", [sys.executable, "-m", "weidai.cli", "worker"], made.environment)
        for port in (made.world_port, made.web_port):
            _wait(port, children)
        made.processes = {one.name: psutil.Process(one.process.pid) for one in (web, worker, world)}
        server = Cluster(home).status().pid
        assert server
        _prefer([psutil.Process(os.getpid()), psutil.Process(server), made.processes["web"]])
        yield made
    finally:
        children.stop_all()
        Cluster(home).stop()
        shutil.rmtree(home, ignore_errors=True)


def _wait(port: int, children: Children) -> None:
    for _ in range(600):
        assert not (ended := children.first_ended()), children.log_tail(ended.name)
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens on {port}")


def measured(made: Stack, name: str, requests: list[bytes], *, per_second: float | None = None) -> load.Outcome:
    """Run one phase and tell what it gave; every answer must be a loan."""
    watch, before = Watch(made.database.url), os.getloadavg()[0]
    with psycopg.connect(made.database.url, autocommit=True) as connection:
        wal = value(connection, "SELECT pg_current_wal_lsn()::text")
        spent = made.cpu_seconds()
        with watch.watching():
            outcome = (load.at_full_rate(requests, port=made.web_port, connections=CONNECTIONS) if per_second is None
                       else load.at_rate(requests, port=made.web_port, per_second=per_second))
        spent = {name: 1000 * (until - spent[name]) / len(requests) for name, until in made.cpu_seconds().items()}
        wal_bytes = int(value(connection, f"SELECT (pg_current_wal_lsn() - '{wal}'::pg_lsn)::bigint"))
        began = time.monotonic()
        left = waiting(connection)
        while waiting(connection) and time.monotonic() - began < DRAIN_SECONDS:
            time.sleep(0.25)
        drained, still = time.monotonic() - began, waiting(connection)
    assert set(outcome.statuses) == {200}, (outcome.statuses, outcome.first_refusal)
    table = Table(title=name, show_header=False)
    for label, figure in (
        ("drawdowns", f"{outcome.statuses[200]:,} in {outcome.seconds:.1f} s"),
        ("a second", f"{outcome.per_second:.0f}"),
        ("p50 / p95 / p99", " / ".join(f"{outcome.percentile(share):.0f} ms" for share in (0.5, 0.95, 0.99))),
        ("slowest", f"{1000 * max(outcome.latencies):.0f} ms"),
        ("processor time a call, payouts made meanwhile included", ", ".join(
            f"{name} {milliseconds:.2f}" for name, milliseconds in spent.items()) + f" ms; in all {sum(spent.values()):.2f}"),
        ("WAL a drawdown, payouts included", f"{wal_bytes / len(requests) / 1024:.1f} KiB"),
        ("payouts waiting, each fifth second", ", ".join(str(one) for one in watch.backlog[::5])),
        ("payouts after the last call", f"{left:,} waiting; {left - still:,} paid in {drained:.1f} s"
         + (f", {still:,} still waiting" if still else "")),
        ("load average before / after", f"{before:.1f} / {os.getloadavg()[0]:.1f}"),
    ):
        table.add_row(label, figure)
    console.print(table)
    return outcome


def checked(made: Stack, count: int) -> None:
    """Nothing was lost, doubled or half done: as many loans, transfers, requests and events as answers."""
    with psycopg.connect(made.database.url, autocommit=True) as connection:
        for name, query in (
            ("loans", "SELECT count(*) FROM lending_loan"),
            ("payouts", "SELECT count(*) FROM lending_disbursement"),
            ("pending transfers", "SELECT count(*) FROM ledger_ledgertransfer WHERE phase = 'pending'"),
            ("payout requests", "SELECT count(*) FROM platform_outboxmessage WHERE kind = 'lending.payout'"),
            ("events", "SELECT count(*) FROM audit_event WHERE name = 'lending.drawdown.confirmed'"),
            ("decisions", "SELECT count(*) FROM risk_decision WHERE event = 'drawdown'"),
            ("signatures kept", "SELECT count(*) FROM lending_loanagreement WHERE signed_by->>'by' = 'device_key'"),
            ("codes used", "SELECT count(*) FROM security_smschallenge WHERE consumed_at IS NOT NULL"),
        ):
            assert value(connection, query) == count, (name, value(connection, query), count)
        paid = value(connection, "SELECT count(*) FROM lending_loan WHERE state = 'active'")
        reserved = value(connection, "SELECT sum(used_fen + reserved_fen)::bigint FROM limits_creditline")
        owed = value(connection, "SELECT sum(principal_fen)::bigint FROM lending_loan WHERE state <> 'cancelled'")
        assert reserved == owed, "limits and loans say the same"
    console.print(f"checked: {count:,} answers, loans, transfers, requests, events and decisions; {paid:,} paid out")


def main() -> None:
    """Measure, check, print."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the database and the processes are ended
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000
    with stack() as made:
        with psycopg.connect(made.database.url) as connection:
            settings = {name: value(connection, f"SHOW {name}") for name in (
                "server_version", "fsync", "synchronous_commit", "full_page_writes")}
        console.print(f"{os.cpu_count()} cores; PostgreSQL {settings}; granian 2 × 8 threads, worker 2, sandbox world, and "
                      f"the load generator (asyncio on plain sockets, {CONNECTIONS} connections) on the same machine")
        load.at_full_rate(made.signed(WARM_UP), port=made.web_port, connections=CONNECTIONS)
        time.sleep(5)
        full = measured(made, "Full rate (closed loop)", made.signed(count))
        half = full.per_second / 2
        at_half = int(half * HALF_SECONDS)
        measured(made, f"Half of it: {half:.0f} a second, on a timetable", made.signed(at_half), per_second=half)
        checked(made, WARM_UP + count + at_half)


if __name__ == "__main__":
    main()
