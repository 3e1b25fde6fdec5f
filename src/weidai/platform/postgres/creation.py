"""Creating the cluster: all or nothing, so that an interrupted creation is simply done again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .account import Account, spawn
from .binaries import Binaries
from .configuration import Profile, configuration_write, includes_append, private_file_replace
from .errors import PostgresDirectoryRefused, PostgresStartFailed
from .journal import journal_open, journal_size, journal_tail
from .passwords import SUPERUSER, passwords_ensure
from .places import Places, private_directory_ensure

INITDB_SECONDS_MAX = 300


def data_is_present(places: Places) -> bool:
    """Say whether the cluster exists; refuse a data directory that holds something else."""
    if not places.data.exists() or not any(places.data.iterdir()):
        return False
    if (places.data / "PG_VERSION").is_file():
        return True
    raise PostgresDirectoryRefused(
        f"{places.data} is not empty and is not a PostgreSQL data directory. Move its content away, "
        "or choose another WEIDAI_HOME."
    )


def cluster_create(places: Places, *, account: Account, binaries: Binaries, profile: Profile, run_lock: int) -> None:
    """Create the cluster beside its final place, then rename it there; hold the run lock while initdb lives."""
    draft = places.data_being_created
    if draft.exists():
        shutil.rmtree(draft)
    private_directory_ensure(draft, account)
    password_file = places.root / "initial-password"
    private_file_replace(password_file, passwords_ensure(places)[SUPERUSER] + "\n", account=account)
    try:
        command = _initdb_command(binaries, draft, password_file=password_file, profile=profile)
        _run_initdb(command, places, account=account, run_lock=run_lock)
    finally:
        password_file.unlink()
    includes_append(draft, account=account)
    configuration_write(draft, profile=profile, account=account)
    if places.data.exists():
        places.data.rmdir()  # empty, see data_is_present
    draft.rename(places.data)
    _directory_sync(places.root)


def _initdb_command(binaries: Binaries, draft: Path, *, password_file: Path, profile: Profile) -> list[str]:
    # macOS has no C.UTF-8 in its own library; the database's rules come from the builtin provider either way.
    system_locale = "C.UTF-8" if sys.platform.startswith("linux") else "C"
    command = [
        binaries.program("initdb"),
        f"--pgdata={draft}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--data-checksums",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        f"--locale={system_locale}",
        "--builtin-locale=C.UTF-8",
        "--lc-messages=C",
        "--no-instructions",
        "--auth-local=scram-sha-256",
        "--auth-host=reject",
    ]
    return [*command, "--no-sync"] if profile == "test" else command


def _run_initdb(command: list[str], places: Places, *, account: Account, run_lock: int) -> None:
    log = journal_open(places.log)
    since = journal_size(places.log)
    try:
        child = spawn(command, account=account, output=log, kept_open=[run_lock])
    finally:
        os.close(log)
    try:
        status = child.wait(timeout=INITDB_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        child.kill()
        status = child.wait()
    if status != 0:
        raise PostgresStartFailed(
            f"The database cluster could not be created (initdb ended with {status}). Its last words in {places.log}:\n"
            f"{journal_tail(places.log, since=since)}\nCheck free disk space and the rights of {places.root}, "
            "then start again."
        )


def _directory_sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
