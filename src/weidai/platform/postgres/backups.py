"""Backups with the wheel's own pg_dump and pg_restore.

A backup is one file in PostgreSQL's custom format: consistent, taken while the database is in use, readable by
pg_restore of this or a later major version anywhere. It holds the database `weidai`, not the logins: their
passwords belong to each cluster.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from .account import server_environment
from .addresses import DATABASE, url_for, url_with_password_file
from .binaries import binaries_in_wheel
from .errors import PostgresBackupFailed
from .places import Places
from .roles import database_create, default_privileges_ensure

RESTORING = f"{DATABASE}_restoring"
BEFORE_RESTORE = f"{DATABASE}_before_restore"


def backup(places: Places, target: Path) -> None:
    """Write a backup to `target` (0600), whole or not at all; replaces an older file of that name."""
    target = target.absolute()
    draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            command = ["pg_dump", "--format=custom", f"--dbname={url_with_password_file(places, 'superuser')}"]
            _run(command, output=file.fileno())
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        raise PostgresBackupFailed(f"The backup {target} could not be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)


def restore(places: Places, source: Path) -> None:
    """Put a backup in the place of the database; the cluster must run, connections to the old one are ended.

    The backup is first restored completely into a database of its own; only then are the names exchanged, in
    one transaction. The replaced database stays as `weidai_before_restore` until the next restore.
    """
    if not source.is_file():
        raise PostgresBackupFailed(f"There is no backup file {source}.")
    with psycopg.connect(url_for(places, "superuser", database="postgres"), autocommit=True) as connection:
        _drop(connection, RESTORING)
        database_create(connection, RESTORING)
        address = url_with_password_file(places, "superuser", database=RESTORING)
        try:
            _run(["pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={address}", str(source)])
            default_privileges_ensure(places, database=RESTORING)
        except BaseException:
            _drop(connection, RESTORING)
            raise
        _drop(connection, BEFORE_RESTORE)
        _exchange(connection)


def _exchange(connection: psycopg.Connection) -> None:
    """Give the restored database the name, without a moment in which a client could take the old one again."""
    # A rename waits for nobody: it fails while somebody is connected. So new connections are refused first;
    # `roles_ensure` lets them in again should we be killed in between.
    allow = sql.SQL("ALTER DATABASE {name} ALLOW_CONNECTIONS {value}")
    old = {"name": sql.Identifier(DATABASE)}
    connection.execute(allow.format(**old, value=sql.SQL("false")))
    try:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [DATABASE]
        )
        with connection.transaction():
            for name, new_name in ((DATABASE, BEFORE_RESTORE), (RESTORING, DATABASE)):
                connection.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(new_name))
                )
    except psycopg.Error as error:
        connection.execute(allow.format(**old, value=sql.SQL("true")))
        raise PostgresBackupFailed(
            f"The restored database could not take the place of the present one, which is as it was: {error}"
        ) from error
    connection.execute(allow.format(name=sql.Identifier(BEFORE_RESTORE), value=sql.SQL("true")))


def _drop(connection: psycopg.Connection, database: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def _run(command: list[str], *, output: int = subprocess.DEVNULL) -> None:
    """Run one of the wheel's client programs as the invoking user, or raise with what it said."""
    program, *rest = command
    reply = subprocess.run(
        [binaries_in_wheel().program(program), *rest],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        env=server_environment(),
        check=False,
    )
    if reply.returncode != 0:
        said = reply.stderr.decode(errors="replace").strip()
        raise PostgresBackupFailed(f"{program} did not complete; the database is as it was. It said:\n{said}")
