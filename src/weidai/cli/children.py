"""Child processes of `weidai run`: each in a session of its own, written down, and never left behind.

A child dies with its parent on Linux (PR_SET_PDEATHSIG); elsewhere, and when the whole tree was killed, the next start
finds the written pids and ends those that are still ours.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
STOP_SECONDS = 6.0
RESTARTS_MAX, RESTART_WINDOW_SECONDS = 5, 60.0


@dataclass(frozen=True, slots=True)
class Child:
    """A process that belongs to the run."""

    name: str
    process: subprocess.Popen[bytes]
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]


def _die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent is gone (Linux only; a no-op elsewhere)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Children:
    """Starts, watches and ends the processes of one run."""

    def __init__(self, home: Path) -> None:
        self._file = home / "run.json"
        self._logs = home / "logs"
        self._children: list[Child] = []
        self._restarts: list[float] = []

    def end_leftovers(self) -> int:
        """End processes of an earlier run that was killed; only those whose start time is the one written down."""
        try:
            written = json.loads(self._file.read_text())
        except (FileNotFoundError, ValueError):
            return 0
        found = []
        for row in written:
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(row["pid"])
                if abs(process.create_time() - row["created"]) < 1.0:
                    found += [process, *process.children(recursive=True)]
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _, alive = psutil.wait_procs(found, timeout=STOP_SECONDS)
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()
        self._file.unlink(missing_ok=True)
        return len(found)

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        """Start a child whose output goes to `logs/<name>.log` (kept under 5 MB by starting anew)."""
        self._logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = self._logs / f"{name}.log"
        if log.exists() and log.stat().st_size > 5_000_000:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 (one prctl call, before any thread of ours exists)
                env={**os.environ, **environment},
            )
        child = Child(name, process, tuple(command), tuple(environment.items()))
        self._children.append(child)
        self._write()
        return child

    def first_ended(self) -> Child | None:
        """Return a child that ended by itself, if one did, and forget it."""
        for child in list(self._children):
            if child.process.poll() is not None:
                self._children.remove(child)
                self._write()
                return child
        return None

    def start_again(self, child: Child) -> bool:
        """Start an ended child anew; False when that has been needed too often lately (it would only fail again)."""
        now = time.monotonic()
        self._restarts = [at for at in self._restarts if now - at < RESTART_WINDOW_SECONDS] + [now]
        if len(self._restarts) > RESTARTS_MAX:
            return False
        self.start(child.name, list(child.command), dict(child.environment))
        return True

    def stop_all(self) -> None:
        """End every child and everything it started: SIGTERM, then SIGKILL for what does not listen."""
        groups = [child.process.pid for child in self._children]
        self._signal(groups, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(c.process.poll() is None for c in self._children):
            time.sleep(0.05)
        self._signal(groups, signal.SIGKILL)
        for child in self._children:
            child.process.wait()
        self._children.clear()
        self._file.unlink(missing_ok=True)

    def log_tail(self, name: str, lines: int = 15) -> str:
        """Return the end of a child's log."""
        log = self._logs / f"{name}.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""

    @staticmethod
    def _signal(groups: list[int], number: signal.Signals) -> None:
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)

    def _write(self) -> None:
        rows = []
        for child in self._children:
            with contextlib.suppress(psutil.Error):
                rows.append({"pid": child.process.pid, "created": psutil.Process(child.process.pid).create_time()})
        temporary = self._file.with_suffix(".new")
        temporary.write_text(json.dumps(rows))
        temporary.replace(self._file)
