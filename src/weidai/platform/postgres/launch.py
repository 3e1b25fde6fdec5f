"""Bringing the server up: one attempt after another until it is ready, with a word on what it is doing."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from .account import Account, spawn
from .addresses import url_for
from .binaries import Binaries
from .configuration import private_file_replace, server_command
from .errors import PostgresNotReadyInTime, PostgresStartFailed
from .journal import journal_open, journal_size, journal_tail
from .passwords import SUPERUSER, passwords_ensure
from .places import Places, cluster_name
from .processes import child_remember, is_alive, orphans_end, pid_file_read, postmaster_pid

Report = Callable[[str], None]

POLL_SECONDS = 0.05
REPORT_EVERY_SECONDS = 2.0
RETRY_SECONDS_MAX = 15.0  # for what a killed server leaves behind for a few seconds
PASSING_TROUBLES = ("lock file", "pre-existing shared memory block", "could not bind Unix address")


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything one start needs to know."""

    places: Places
    account: Account
    binaries: Binaries
    run_lock: int
    seconds_max: float
    report: Report


def server_launch(launch: Launch) -> None:
    """Start the server and wait until it answers; try again while the remains of a killed one are in the way."""
    began = time.monotonic()
    while True:
        since = journal_size(launch.places.log)
        leftovers_remove(launch.places)
        child = _spawn_server(launch)
        try:
            ready_await(launch.places, pid=child.pid, seconds_max=launch.seconds_max, report=launch.report)
        except PostgresStartFailed:
            tail = journal_tail(launch.places.log, since=since)
            is_passing = any(trouble in tail for trouble in PASSING_TROUBLES)
            if not is_passing or time.monotonic() - began > RETRY_SECONDS_MAX:
                raise start_failure(launch.places, tail) from None
            launch.report("PostgreSQL 等待旧进程结束 / waiting for remains of the previous server…")
            time.sleep(0.5)
        else:
            return


def leftovers_remove(places: Places) -> None:
    """Clear what a killed server of this data directory left; call it only with the run lock held.

    Ends its orphan processes, and removes pid files whose pid is dead or is somebody else by now.
    """
    name = cluster_name(places)
    if postmaster_pid(places.data, name) is not None:
        return
    orphans_end(places.data, name)
    for stale in (places.data / "postmaster.pid", places.socket_lock):
        with contextlib.suppress(FileNotFoundError):
            stale.unlink()


def ready_await(places: Places, *, pid: int, seconds_max: float, report: Report) -> None:
    """Wait while the server process lives, until it answers; recovery after a crash may take minutes."""
    began = time.monotonic()
    reported = 0.0
    while True:
        if _answers(places, pid):
            return
        if not is_alive(pid):
            raise start_failure(places, journal_tail(places.log))
        waited = time.monotonic() - began
        if waited > seconds_max:
            raise PostgresNotReadyInTime(
                f"PostgreSQL (pid {pid}) is not ready after {waited:.0f} s and goes on in the background. "
                f"Follow {places.log} and run the start again later."
            )
        if waited - reported >= REPORT_EVERY_SECONDS:
            reported = waited
            report(f"PostgreSQL 正在恢复 / recovering ({waited:.0f} s)…")
        time.sleep(POLL_SECONDS)


def start_failure(places: Places, tail: str) -> PostgresStartFailed:
    """Return the error for a server that ended before it was ready."""
    return PostgresStartFailed(
        f"PostgreSQL ended before it was ready. The end of {places.log}:\n{tail or '(empty)'}\n"
        "Put right what it names (often a full disk, too little memory, or changed rights) and start again; "
        "the data in the cluster is untouched."
    )


def superuser_password_reset(launch: Launch) -> None:
    """Give the superuser the password of the present file, in single-user mode; the server must be down."""
    password = passwords_ensure(launch.places)[SUPERUSER]
    statements = launch.places.root / "password-reset"
    private_file_replace(statements, f"ALTER ROLE {SUPERUSER} PASSWORD '{password}';\n", account=launch.account)
    command = [launch.binaries.program("postgres"), "--single", "-D", str(launch.places.data), "postgres"]
    log = journal_open(launch.places.log)
    source = os.open(statements, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        child = spawn(command, account=launch.account, output=log, kept_open=[launch.run_lock], source=source)
        child.wait()
    finally:
        os.close(log)
        os.close(source)
        statements.unlink()


def _spawn_server(launch: Launch) -> subprocess.Popen[bytes]:
    command = server_command(launch.binaries.program("postgres"), launch.places)
    log = journal_open(launch.places.log)
    try:
        child = spawn(command, account=launch.account, output=log, kept_open=[launch.run_lock])
    finally:
        os.close(log)
    child_remember(child)
    return child


def _answers(places: Places, pid: int) -> bool:
    written = pid_file_read(places.data)
    if written is None or written.pid != pid or written.status != "ready":
        return False
    return server_answers(places)


def server_answers(places: Places) -> bool:
    """Say whether a connection is taken up; a refused password is an answer too."""
    try:
        psycopg.connect(url_for(places, "superuser", database="postgres"), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return is_password_refusal(error)
    return True


def is_password_refusal(error: psycopg.OperationalError) -> bool:
    """Say whether the server refused the password, which happens when the password file was replaced."""
    return "password authentication failed" in str(error)
