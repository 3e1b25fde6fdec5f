"""What the tests of the embedded PostgreSQL share: starts in other processes, and other users."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from weidai.platform.postgres import account
from weidai.platform.postgres.account import Account
from weidai.platform.postgres.binaries import binaries_in_wheel

IS_ROOT = os.geteuid() == 0
START = "from pathlib import Path; from weidai.platform.postgres import Cluster; Cluster(Path({home!r}){more}).start()"


def start_elsewhere(home: Path, *, more: str = "") -> subprocess.Popen[str]:
    """Start the cluster from another process."""
    return subprocess.Popen(
        [sys.executable, "-B", "-c", START.format(home=str(home), more=more)],
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def outcome(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the other process; return its exit status and what it printed."""
    text, _ = process.communicate(timeout=60)
    return process.returncode, text


def ordinary_account() -> Account:
    """Return an account other than root that can run the wheel's programs, or skip with the reason."""
    if not IS_ROOT:
        pytest.skip("only root can act as another user")
    entry = pwd.getpwnam("nobody")
    found = Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_switched=True)
    program = binaries_in_wheel().directory / "bin" / "postgres"
    if not account.is_readable_by(program, found, executable=True):
        pytest.skip(f"nobody may not run {program}")
    return found


def as_user(user: Account, act: Callable[[], object]) -> str:
    """Do something as another user, in a fork (that user may not reach this Python); return the error, if any."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "ended without a word"
        try:
            os.setgroups([])
            os.setgid(user.gid)
            os.setuid(user.uid)
            act()
            said = ""
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        said = file.read()
    os.waitpid(child, 0)
    return said


@contextmanager
def sleeping(user: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a process that has nothing to do with PostgreSQL alive for the block."""
    process = subprocess.Popen(["sleep", "60"], user=user)
    try:
        yield process
        assert process.poll() is None, "a foreign process was ended"
    finally:
        process.kill()
        process.wait()
