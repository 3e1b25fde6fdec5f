"""The embedded cluster: start, stop, status, addresses, backup."""

from __future__ import annotations

import os
import signal
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg

from . import backups
from .account import Account, account_for
from .addresses import DATABASE, url_for, url_with_password_file
from .binaries import MAJOR_VERSION, binaries_for, binaries_in_wheel, server_version
from .configuration import Profile, configuration_write
from .creation import cluster_create, data_is_present
from .errors import PostgresBackupFailed, PostgresStartFailed, PostgresStopFailed
from .journal import journal_bound, journal_tail
from .launch import (
    REPORT_EVERY_SECONDS,
    Launch,
    Report,
    is_password_refusal,
    ready_await,
    server_answers,
    server_launch,
    superuser_password_reset,
)
from .locks import lock_held
from .places import (
    Places,
    access_check,
    cluster_name,
    places_for,
    private_directory_ensure,
    reachable_check,
    root_ensure,
)
from .processes import ended_within, orphans_end, pid_file_read, postmaster_pid, signal_send
from .roles import roles_ensure

START_SECONDS_MAX = 15 * 60.0
REMAINS_SECONDS_MAX = 60.0  # an initdb left alone by a killed start may need that long on a slow disk
FAST_STOP_SECONDS_MAX = 60.0
IMMEDIATE_STOP_SECONDS_MAX = 15.0
JOIN_ATTEMPTS = 3
ENDING_SECONDS_MAX = 3.0  # a killed server is seen alive for a moment longer


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """What is known about the cluster at one moment; `ready` means it takes connections."""

    running: bool
    ready: bool
    pid: int | None
    version: str
    data_directory: Path
    socket_directory: Path
    size_bytes: int


class Cluster:
    """One embedded PostgreSQL cluster, named by the home it belongs to.

    Holds no connection and no process: any process of the same account (or root) may start, stop and ask.
    The profile `test` gives up durability for speed and is for throw-away databases.
    """

    def __init__(
        self, home: Path, *, profile: Profile = "standard", start_seconds_max: float = START_SECONDS_MAX
    ) -> None:
        self.places: Places = places_for(home)
        self.profile: Profile = profile
        self.start_seconds_max = start_seconds_max

    def start(self, report: Report | None = None) -> None:
        """Bring the cluster up and return when it takes connections; create it at the first start.

        Safe to repeat, to race, and to call after any crash. Takes as long as recovery takes, up to
        `start_seconds_max`; `report` hears what is going on.
        """
        say: Report = report or (lambda _: None)
        places = self.places
        root_ensure(places)
        account = account_for(places.data)
        reachable_check(places, account)
        turn = lock_held(
            places.start_lock,
            seconds=self.start_seconds_max,
            refusal=f"Another start of {places.data} has not come to an end. Look into {places.log}.",
        )
        with turn:
            if not self._join_running(say):
                self._start_stopped(account, say)

    def stop(self) -> None:
        """Stop the server: fast first, then immediate; nothing to do when it is not running."""
        pid = self._pid()
        if pid is None:
            return
        for number, seconds in (
            (signal.SIGINT, FAST_STOP_SECONDS_MAX),
            (signal.SIGQUIT, IMMEDIATE_STOP_SECONDS_MAX),
        ):
            signal_send(pid, number)
            if ended_within(pid, seconds):
                return
        raise PostgresStopFailed(
            f"PostgreSQL (pid {pid}) did not end. The end of {self.places.log}:\n{journal_tail(self.places.log)}\n"
            f"If it hangs for good, end it with kill -9 {pid}; the next start recovers."
        )

    def status(self) -> ClusterStatus:
        """Return what is true now; also keeps the log within its bound."""
        places = self.places
        pid = self._pid()
        written = pid_file_read(places.data) if pid else None
        is_ready = written is not None and written.status == "ready" and server_answers(places)
        if places.log.exists() and os.access(places.log, os.W_OK):
            journal_bound(places.log)
        return ClusterStatus(
            running=pid is not None,
            ready=is_ready,
            pid=pid,
            version=server_version(binaries_in_wheel()),
            data_directory=places.data,
            socket_directory=places.socket_directory,
            size_bytes=_size_bytes(places.data),
        )

    def url(self, role: Literal["app", "owner"] = "app", database: str | None = None) -> str:
        """Return the connection URL of a role; known before the first start, which it does not cause."""
        return url_for(self.places, role, database=database or DATABASE)

    def psql_command(self, role: Literal["app", "owner"] = "owner") -> list[str]:
        """Return the command of an interactive session; it carries no password."""
        return [binaries_in_wheel().program("psql"), url_with_password_file(self.places, role)]

    def backup(self, target: Path) -> None:
        """Write the database to one file (pg_dump, custom format) while it is in use; see `backups`."""
        self._running_check()
        backups.backup(self.places, target)

    def restore(self, source: Path) -> None:
        """Replace the database by a backup; the previous one is kept as `weidai_before_restore`."""
        self._running_check()
        backups.restore(self.places, source)

    def _running_check(self) -> None:
        if self._pid() is None:
            raise PostgresBackupFailed("PostgreSQL is not running. Start it first; a backup needs it up.")

    def _pid(self) -> int | None:
        access_check(self.places)
        if not self.places.data.exists():
            return None
        return postmaster_pid(self.places.data, cluster_name(self.places))

    def _join_running(self, say: Report) -> bool:
        """Wait for a server that runs already; say no when there is none, or when it was just about to end."""
        for attempt in range(JOIN_ATTEMPTS):  # one that is being stopped answers, refuses, and ends in its own time
            pid = self._pid()
            if pid is None:
                return False
            try:
                ready_await(self.places, pid=pid, seconds_max=self.start_seconds_max, report=say)
                roles_ensure(self.places)
            except (PostgresStartFailed, psycopg.OperationalError) as error:
                if isinstance(error, psycopg.OperationalError) and is_password_refusal(error):
                    raise self._passwords_replaced() from error
                if not ended_within(pid, ENDING_SECONDS_MAX) and attempt == JOIN_ATTEMPTS - 1:
                    raise
            else:
                return True
        return False

    def _passwords_replaced(self) -> PostgresStartFailed:
        return PostgresStartFailed(
            f"{self.places.passwords} was replaced while the server ran. Stop the server and start it again: "
            "it then takes the passwords of the file."
        )

    def _start_stopped(self, account: Account, say: Report) -> None:
        places = self.places
        with self._run_lock(say) as run_lock:
            journal_bound(places.log)
            binaries = binaries_for(account, copies=places.binaries)
            if not data_is_present(places):
                say(f"PostgreSQL 正在创建数据库 / creating the database cluster in {places.data}…")
                cluster_create(places, account=account, binaries=binaries, profile=self.profile, run_lock=run_lock)
            self._check_version()
            private_directory_ensure(places.data, account)
            private_directory_ensure(places.socket_directory, account)
            configuration_write(places.data, profile=self.profile, account=account)
            say("PostgreSQL 正在启动 / starting…")
            launch = Launch(places, account, binaries, run_lock, self.start_seconds_max, say)
            server_launch(launch)
            self._roles_ensure(launch)
        say("PostgreSQL 已就绪 / ready")

    def _run_lock(self, say: Report) -> AbstractContextManager[int]:
        """Take the lock the server will inherit, ending what a killed server of this data directory left behind."""

        reported = 0.0

        def remains_end(waited: float) -> None:
            nonlocal reported
            if self.places.data.exists():
                orphans_end(self.places.data, cluster_name(self.places))
            if waited - reported >= REPORT_EVERY_SECONDS:
                reported = waited
                say(f"PostgreSQL 等待旧进程结束 / waiting for the previous server to end ({waited:.0f} s)…")

        return lock_held(
            self.places.run_lock,
            seconds=REMAINS_SECONDS_MAX,
            refusal=f"A process that cannot be seen from here uses {self.places.root}, perhaps in another container "
            "that shares the volume. Stop it first; two servers on one data directory would destroy it.",
            between=remains_end,
        )

    def _check_version(self) -> None:
        found = (self.places.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != str(MAJOR_VERSION):
            raise PostgresStartFailed(
                f"{self.places.data} was made by PostgreSQL {found}, the installed programs are {MAJOR_VERSION}. "
                "Install the requirements it was made with, take a backup, and restore that into a new home."
            )

    def _roles_ensure(self, launch: Launch) -> None:
        try:
            roles_ensure(self.places)
        except psycopg.OperationalError as error:
            if not is_password_refusal(error):
                raise
            self.stop()  # the password file is new: teach the cluster its passwords
            superuser_password_reset(launch)
            server_launch(launch)
            roles_ensure(self.places)


def _size_bytes(directory: Path) -> int:
    """Return the length of all files below a directory; files that vanish meanwhile count nothing."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except FileNotFoundError:
                continue
    return total
