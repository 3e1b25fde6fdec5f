"""Which processes belong to one data directory, and only to that one.

A process counts when it is a postgres program and either its working directory is the data directory (judged by
device and inode; Linux, when we may look) or its command line carries this cluster's name. A process whose working
directory we can see to be another one never counts.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_children: dict[int, subprocess.Popen[bytes]] = {}  # servers started by this very process, to be reaped


@dataclass(frozen=True, slots=True)
class PidFile:
    """What postmaster.pid says; the status word is `starting`, `ready`, `stopping`, or empty early on."""

    pid: int
    status: str


def pid_file_read(data: Path) -> PidFile | None:
    """Return the content of postmaster.pid, or None when there is none or it is cut short."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        pid = abs(int(lines[0]))
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return PidFile(pid, lines[7].strip() if len(lines) > 7 else "")


def child_remember(child: subprocess.Popen[bytes]) -> None:
    """Remember a server this process started, so that its end is noticed and no zombie stays."""
    _children[child.pid] = child


def is_alive(pid: int) -> bool:
    """Say whether the process exists and is not a zombie."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]
        return False
    return _state(pid) not in {"", "Z", "X"}


def postmaster_pid(data: Path, name: str) -> int | None:
    """Return the pid of this data directory's live server; a stale or foreign pid in postmaster.pid is None."""
    written = pid_file_read(data)
    if written is None or not is_alive(written.pid) or not _belongs(written.pid, data, name):
        return None
    return written.pid


def orphans(data: Path, name: str) -> list[int]:
    """Return live postgres processes of this data directory; call it when no server of it is known to live."""
    return [pid for pid in _all_pids() if pid != os.getpid() and _belongs(pid, data, name) and is_alive(pid)]


def orphans_end(data: Path, name: str, *, seconds: float = 3.0) -> int:
    """End the processes that a killed server left behind; return how many there were."""
    left = found = orphans(data, name)
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for pid in left:
            if _belongs(pid, data, name):
                signal_send(pid, number)
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            time.sleep(0.02)
            left = [pid for pid in left if is_alive(pid)]
    return len(found)


def signal_send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that has just ended needs none."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def ended_within(pid: int, seconds: float) -> bool:
    """Wait for the process to end; say whether it did in time."""
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _belongs(pid: int, data: Path, name: str) -> bool:
    command = _command_line(pid)
    program = command.split(" ", 1)[0]
    if os.path.basename(program) not in {"postgres", "postgres:"}:
        return False
    try:
        return os.path.samestat(os.stat(PROC / str(pid) / "cwd"), data.stat())
    except OSError:  # no /proc here, no right to look (root in a plain container), or no data directory yet
        words = command.replace("=", " ").split(" ")
        return name in words or f"{name}:" in words


def _command_line(pid: int) -> str:
    if PROC.joinpath("self").exists():
        try:
            raw = (PROC / str(pid) / "cmdline").read_bytes()
        except OSError:
            return ""
        return raw.replace(b"\0", b" ").decode(errors="replace").strip()
    return _ps("command=", pid)


def _state(pid: int) -> str:
    """Return the one-letter state of a process, empty when there is no such process."""
    if PROC.joinpath("self").exists():
        try:
            return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            return ""
    return _ps("state=", pid)[:1]


def _all_pids() -> list[int]:
    if PROC.joinpath("self").exists():
        return [int(entry) for entry in os.listdir(PROC) if entry.isdigit()]
    listing = subprocess.run(["ps", "-axo", "pid="], capture_output=True, text=True, check=False, timeout=30)
    return [int(word) for word in listing.stdout.split()]


def _ps(column: str, pid: int) -> str:
    reply = subprocess.run(
        ["ps", "-ww", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False, timeout=30
    )
    return reply.stdout.strip()
