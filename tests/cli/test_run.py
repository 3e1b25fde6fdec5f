"""`weidai run`: answers on its address, ends without leaving a process, survives kill -9 of everything (must show 1)."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """A home of its own, and the processes that belong to it (recognised by their environment)."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="weidai-run-"))
        self.home.chmod(0o711)
        self.port = free_port()
        ours = ("WEIDAI_", "DATABASE_", "PYTEST_", "DJANGO")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        self.first_seconds = 0.0
        self.environment |= {"WEIDAI_HOME": str(self.home)}
        self.world_port = str(free_port())  # commands beside the run find its world by the home alone

    def start(self, *options: str) -> subprocess.Popen[str]:
        self.output = self.home / f"output-{time.monotonic_ns()}"
        with self.output.open("w") as output:
            return subprocess.Popen([sys.executable, "-m", "weidai.cli", "run", "--empty", "--port", str(self.port), *options],
                                    stdout=output, stderr=output, text=True, start_new_session=True,
                                    env=self.environment | {"WEIDAI_WORLD_PORT": self.world_port})

    def wait_until_ready(self, process: subprocess.Popen[str]) -> float:
        began = time.monotonic()
        while time.monotonic() - began < START_SECONDS:
            assert process.poll() is None, self.output.read_text()
            if "Ctrl-C" in self.output.read_text():
                return time.monotonic() - began
            time.sleep(0.1)
        raise AssertionError(self.output.read_text())

    def command(self, *arguments: str) -> str:
        done = subprocess.run([sys.executable, "-m", "weidai.cli", *arguments], env=self.environment, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if (process.environ().get("WEIDAI_HOME") == str(self.home) or str(self.home) in " ".join(process.cmdline())) \
                        and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def wait_until_gone(self, *, except_database: bool = False, seconds: float = 15) -> list[str]:
        deadline = time.monotonic() + seconds
        while True:
            left = []
            for process in self.processes():
                with contextlib.suppress(psutil.Error):  # one that ends while it is looked at has gone
                    if not (except_database and "postgres" in process.name()):
                        left.append(" ".join(process.cmdline())[:120])
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(0.2)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    found = Installation()
    yield found
    for process in found.processes():
        with contextlib.suppress(psutil.Error):
            process.kill()
    shutil.rmtree(found.home, ignore_errors=True)


def answers(installation: Installation, path: str = "/health") -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{installation.port}{path}", timeout=10) as answer:
        return int(answer.status)


@pytest.fixture(scope="module")
def running(installation: Installation) -> subprocess.Popen[str]:
    """The first start; the tests below use it one after the other, the last of them kills it."""
    process = installation.start()
    installation.first_seconds = installation.wait_until_ready(process)
    return process


def test_it_answers_and_the_end_of_day_does_nothing_the_second_time(installation, running):
    assert running.poll() is None
    assert answers(installation) == 200
    assert answers(installation, "/h5/login") == 200
    assert re.search(rf"http://127.0.0.1:{installation.port}/h5/", installation.output.read_text())
    installation.command("clock", "forward", "2")
    again = json.loads(installation.command("eod", "--json"))
    assert again == {"closed": []}
    address = (installation.home / "sandbox" / "address").read_text()
    assert address == f"http://127.0.0.1:{installation.world_port}"


def test_a_second_start_is_quick_survives_kill_9_of_everything_and_an_interrupt_leaves_no_process(installation, running):
    before = json.loads(installation.command("demo", "logins", "--json"))
    for victim in installation.processes():
        with contextlib.suppress(psutil.Error):
            victim.kill()
    running.wait(timeout=10)
    assert installation.wait_until_gone() == []
    process = installation.start()
    # 10 s on an idle machine; a loaded one gets as long as its own first start took
    assert installation.wait_until_ready(process) < max(30.0, installation.first_seconds)
    assert answers(installation) == 200
    assert json.loads(installation.command("demo", "logins", "--json")) == before
    assert json.loads(installation.command("ledger", "check", "--json"))["is_sound"] is True
    assert json.loads(installation.command("audit", "verify", "--json"))["is_sound"] is True
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0, installation.output.read_text()
    assert installation.wait_until_gone() == []


@pytest.mark.long
def test_children_of_a_killed_run_end_by_themselves_and_the_next_run_starts(installation):
    process = installation.start()
    installation.wait_until_ready(process)
    process.kill()
    process.wait(timeout=10)
    assert installation.wait_until_gone(except_database=True) == []
    process = installation.start()
    installation.wait_until_ready(process)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
    assert installation.wait_until_gone() == []


def test_a_taken_port_is_said_and_nothing_is_left_running(installation):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        process = installation.start()
        assert process.wait(timeout=60) == 1
    assert str(installation.port) in installation.output.read_text()
    assert "--port" in installation.output.read_text()
    assert installation.wait_until_gone() == []
