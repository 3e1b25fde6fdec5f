"""The embedded cluster after accidents: nothing committed is lost, nothing foreign is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.platform.postgres_support import IS_ROOT, sleeping, start_elsewhere

from weidai.platform.postgres import Cluster, PostgresBusy, PostgresNotReadyInTime, cluster, launch, processes
from weidai.platform.postgres.account import account_for
from weidai.platform.postgres.locks import lock_try
from weidai.platform.postgres.places import cluster_name
from weidai.platform.postgres.processes import ended_within, orphans

pytest_plugins = ["tests.platform.postgres_fixtures"]


def until(condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def pid_of(found: Cluster) -> int:
    pid = found.status().pid
    assert pid is not None
    return pid


def pids_naming(text: str) -> list[int]:
    listing = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
    return [int(line.split()[0]) for line in listing.stdout.splitlines() if text in line]


def test_a_killed_server_loses_nothing_and_its_orphans_are_ended(postgres_home: Path) -> None:
    durable = Cluster(postgres_home)  # the standard profile: this test is about durability
    durable.start()
    try:
        with psycopg.connect(durable.url("owner")) as connection:
            connection.execute("CREATE TABLE payment AS SELECT generate_series(1, 20000) AS fen")
        busy = psycopg.connect(durable.url("owner"))
        thread = threading.Thread(target=_run_until_killed, args=[busy])
        thread.start()
        pid = pid_of(durable)
        until(lambda: b"SELECT" in Path(f"/proc/{busy.info.backend_pid}/cmdline").read_bytes())
        os.kill(pid, signal.SIGKILL)
        assert ended_within(pid, 5)
        assert not durable.status().running
        assert busy.info.backend_pid in orphans(durable.places.data, cluster_name(durable.places))
        durable.start()
        thread.join(10)
        assert not thread.is_alive()
        with psycopg.connect(durable.url("app")) as connection:
            assert connection.execute("SELECT count(*), sum(fen) FROM payment").fetchone() == (20000, 200010000)
    finally:
        durable.stop()


def _run_until_killed(connection: psycopg.Connection) -> None:
    with connection, pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT count(*) FROM generate_series(1, 1000000000000)")


def test_a_start_right_after_every_kill(running_cluster: Cluster) -> None:
    for _ in range(8):  # the killed server is seen alive for a moment, in any of its last states
        os.kill(pid_of(running_cluster), signal.SIGKILL)
        running_cluster.start()
        assert running_cluster.status().ready


def test_a_start_while_another_process_stops(running_cluster: Cluster) -> None:
    for _ in range(3):
        pid = pid_of(running_cluster)
        os.kill(pid, signal.SIGINT)
        running_cluster.start()
        assert pid_of(running_cluster) != pid


def test_another_cluster_is_left_alone(running_cluster: Cluster, fresh_cluster: Cluster) -> None:
    fresh_cluster.start()
    neighbour = pid_of(running_cluster)
    os.kill(pid_of(fresh_cluster), signal.SIGKILL)
    fresh_cluster.start()
    fresh_cluster.stop()
    assert running_cluster.status().pid == neighbour
    assert running_cluster.status().ready
    assert orphans(fresh_cluster.places.data, cluster_name(running_cluster.places)) == []


@pytest.mark.long
def test_processes_are_told_apart_without_proc(
    running_cluster: Cluster, fresh_cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As on macOS, where `ps` is asked, and in containers whose root may not look at working directories."""
    monkeypatch.setattr(processes, "PROC", tmp_path / "missing")
    fresh_cluster.start()
    neighbour = pid_of(running_cluster)
    name = cluster_name(fresh_cluster.places)
    assert pid_of(fresh_cluster) in orphans(fresh_cluster.places.data, name)  # all its processes, were it dead
    assert neighbour not in orphans(fresh_cluster.places.data, name)
    os.kill(pid_of(fresh_cluster), signal.SIGKILL)
    fresh_cluster.start()
    assert fresh_cluster.status().ready
    fresh_cluster.stop()
    assert running_cluster.status().pid == neighbour


def test_a_stale_pid_file_that_names_a_live_foreign_process(running_cluster: Cluster) -> None:
    running_cluster.stop()
    places = running_cluster.places
    account = account_for(places.data)
    with sleeping(user=account.uid if IS_ROOT else None) as foreign:
        for stale in (places.data / "postmaster.pid", places.socket_lock):
            stale.write_text(f"{foreign.pid}\n{places.data}\n1\n5432\n{places.socket_directory}\n\n  0 0\nready\n")
            os.chown(stale, account.uid, account.gid)
        status = running_cluster.status()
        assert (status.running, status.pid) == (False, None)
        running_cluster.stop()  # must not signal the foreign process
        running_cluster.start()
        assert pid_of(running_cluster) != foreign.pid


@pytest.mark.parametrize("initdb_dies_too", [False, True])
def test_a_first_start_killed_within_initdb(fresh_cluster: Cluster, initdb_dies_too: bool) -> None:
    places = fresh_cluster.places
    first = start_elsewhere(places.home)
    until(lambda: (places.data_being_created / "global").exists())
    first.kill()
    first.communicate()
    if initdb_dies_too:
        for pid in pids_naming(str(places.data_being_created)):
            os.kill(pid, signal.SIGKILL)
    assert not places.data.exists()
    fresh_cluster.start()
    assert fresh_cluster.status().ready
    assert not places.data_being_created.exists()
    with psycopg.connect(fresh_cluster.url("app")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("weidai_app",)


def test_a_first_start_that_ended_before_the_roles(fresh_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "roles_ensure", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            fresh_cluster.start()
    os.kill(pid_of(fresh_cluster), signal.SIGKILL)
    fresh_cluster.start()
    with psycopg.connect(fresh_cluster.url("owner")) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("weidai",)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_cluster_in_use_by_somebody_unseen_is_not_started(
    running_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    running_cluster.stop()
    monkeypatch.setattr(cluster, "REMAINS_SECONDS_MAX", 0.3)
    handle = lock_try(running_cluster.places.run_lock)
    assert handle is not None
    with pytest.raises(PostgresBusy, match="another container"):
        running_cluster.start()
    os.close(handle)
    running_cluster.start()


def test_the_server_itself_holds_the_run_lock(running_cluster: Cluster) -> None:
    running_cluster.start()
    assert lock_try(running_cluster.places.run_lock) is None


def test_a_long_recovery_is_reported_and_bounded(running_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    running_cluster.start()
    said: list[str] = []
    monkeypatch.setattr(launch, "REPORT_EVERY_SECONDS", 0.1)
    monkeypatch.setattr(launch, "_answers", lambda *_: len(said) >= 2)
    running_cluster.start(said.append)
    assert all("recovering (0 s)" in line for line in said)
    monkeypatch.setattr(launch, "_answers", lambda *_: False)
    running_cluster.start_seconds_max = 0.2
    try:
        with pytest.raises(PostgresNotReadyInTime, match="goes on in the background"):
            running_cluster.start()
    finally:
        running_cluster.start_seconds_max = cluster.START_SECONDS_MAX
    assert running_cluster.status().running
