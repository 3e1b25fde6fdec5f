"""Which operating-system account runs the server, and what that account can reach.

PostgreSQL refuses to run as root, and initdb refuses a uid without a passwd entry. Invoked by an ordinary
user, the server runs as that user. Invoked by root, an existing data directory is run by its owner; a new one
by the first of `weidai`, `postgres`, `nobody` that exists. A dedicated `weidai` account is best: with the two
others, every program that shares the account can read the data directory.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import PostgresAccountRefused

PREFERRED_NAMES = ("weidai", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """The account that owns the data and socket directories and runs the server."""

    name: str
    uid: int
    gid: int
    is_switched: bool  # true when root hands the server over to this account


def account_for(data: Path) -> Account:
    """Return the account that runs the server of this data directory, or refuse with the reason."""
    if os.geteuid() != 0:
        return _own_account(data)
    if data.exists():
        return _account_of_owner(data)
    for name in PREFERRED_NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid, is_switched=True)
    raise PostgresAccountRefused(
        "PostgreSQL does not run as root and none of the accounts "
        f"{', '.join(PREFERRED_NAMES)} exists. Create one: useradd --system weidai"
    )


def _own_account(data: Path) -> Account:
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise PostgresAccountRefused(
            f"uid {uid} has no passwd entry and initdb refuses such accounts. Add one, or set DATABASE_URL."
        ) from None
    try:
        owner = data.stat().st_uid if data.exists() else uid
    except PermissionError:
        owner = -1
    if owner != uid:
        raise PostgresAccountRefused(
            f"{data} belongs to another account, not to {entry.pw_name}. "
            "Run the command as that account or as root, or choose another WEIDAI_HOME."
        )
    return Account(entry.pw_name, uid, entry.pw_gid, is_switched=False)


def _account_of_owner(data: Path) -> Account:
    owner = data.stat().st_uid
    if owner == 0:
        raise PostgresAccountRefused(
            f"{data} belongs to root, and PostgreSQL refuses that. Give it to the account that should run the "
            f"server, for example: chown -R postgres {data}"
        )
    try:
        entry = pwd.getpwuid(owner)
    except KeyError:
        raise PostgresAccountRefused(
            f"{data} belongs to uid {owner}, which has no passwd entry. "
            "Create the account, or give the directory to an existing one with chown -R."
        ) from None
    return Account(entry.pw_name, owner, entry.pw_gid, is_switched=True)


def first_unreachable(path: Path, account: Account) -> Path | None:
    """Return the first existing directory on the way to `path` that the account may not enter, or None.

    Judged by owner, group and mode bits with no supplementary groups, as the server is started.
    """
    resolved = path.resolve()
    for directory in [*reversed(resolved.parents), resolved]:
        try:
            found = directory.stat()
        except FileNotFoundError:
            return None
        except PermissionError:
            return directory
        if stat.S_ISDIR(found.st_mode) and not _may(found, account, 0o1):
            return directory
    return None


def is_readable_by(path: Path, account: Account, *, executable: bool = False) -> bool:
    """Say whether the account can reach and read (and execute) this file."""
    wanted = 0o5 if executable else 0o4
    return first_unreachable(path.parent, account) is None and _may(path.stat(), account, wanted)


def _may(found: os.stat_result, account: Account, wanted: int) -> bool:
    if found.st_uid == account.uid:
        return (found.st_mode >> 6) & wanted == wanted
    if found.st_gid == account.gid:
        return (found.st_mode >> 3) & wanted == wanted
    return found.st_mode & wanted == wanted


def server_environment() -> dict[str, str]:
    """Return the little environment the server gets: none of our secrets, no PG* variables, English messages."""
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


def spawn(
    command: Sequence[str],
    *,
    account: Account,
    output: int,
    kept_open: Sequence[int] = (),
    source: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a program as the account, in a session of its own, with all its output in one place."""
    try:
        return subprocess.Popen(
            command,
            stdin=source,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=server_environment(),
            umask=0o077,
            start_new_session=True,
            pass_fds=tuple(kept_open),
            user=account.uid if account.is_switched else None,
            group=account.gid if account.is_switched else None,
            extra_groups=[] if account.is_switched else None,
        )
    except PermissionError as error:
        raise PostgresAccountRefused(
            f"{command[0]} could not be run as {account.name}: {error}. If this is a container without the right "
            "to change users, start it as an ordinary user, or set DATABASE_URL."
        ) from error
