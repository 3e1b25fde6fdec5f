"""The real thing: `weidai run --empty` in a home of its own, with its database, world, web server and worker."""

from __future__ import annotations

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
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weidai.adapters.sandbox_client import SandboxClient
from weidai.platform import clock
from weidai.staff.services import totp_code_now

_OWN_VARIABLES = ("DATABASE_URL", "WEIDAI_", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE")
START_SECONDS, STOP_SECONDS = 240, 30
_WORLD = re.compile(r"outside\s+(http://127\.0\.0\.1:\d+)/")


@dataclass(frozen=True)
class Stack:
    """A running installation and its addresses."""

    home: Path
    web: str
    world: str
    environment: dict[str, str]
    log: Path

    def cli(self, *words: str) -> str:
        """Run a `weidai` command on this installation and return what it says."""
        done = subprocess.run([sys.executable, "-m", "weidai.cli", *words], env=self.environment, capture_output=True,
                              text=True, check=False, timeout=180)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def told(self) -> str:
        """Return the end of what the installation has said."""
        return f"--- {self.log}\n{self.log.read_text(errors='replace')[-6_000:]}"

    def staff(self, username: str) -> dict[str, str]:
        """Return the demo's log-in of a role."""
        rows = json.loads((self.home / "demo-logins.json").read_text())["staff"]
        return next(row for row in rows if row["username"] == username)

    def code_now(self, username: str) -> str:
        """Return what the authenticator of a demo account shows."""
        return totp_code_now(self.staff(username)["totp_secret"])

    def person(self, persona: str) -> dict[str, Any]:
        """Return somebody of a persona with a valid ID card, no traps and a Type I debit card."""
        with clock.travel_to(clock.wall_now()):  # nothing here reads this process's own database
            client = SandboxClient(self.world, self.home / "sandbox" / "keys", timeout_seconds=30)
            people = client.get("control", "/v1/control/people", {"persona": persona, "limit": 60})["people"]
            client.close()
        return next(one for one in people if one["trap"] is None and one["id_card"]["status"] == "valid"
                    and (one["id_card"]["is_long_term"] or one["id_card"]["valid_to"] > "2029") and main_card(one))


def main_card(person: dict[str, Any]) -> str | None:
    """Return the number of a person's main debit card of Type I."""
    found = (card for card in person["cards"] if card["is_main"] and card["account_class"] == "I")
    return next((str(card["card_number"]) for card in found), None)


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Start everything with `weidai run --empty`, end it with SIGTERM, and leave nothing behind."""
    home = Path(tempfile.mkdtemp(prefix="weidai-journey-"))
    home.chmod(0o711)  # the database's own account passes through
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_VARIABLES)}
    environment |= {"WEIDAI_HOME": str(home), "PYTHONUNBUFFERED": "1", "WEIDAI_WORKER_NICE": "0", "COLUMNS": "200",
                    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    port, log = _free_port(), home / "run.log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "weidai.cli", "run", "--empty", "--port", str(port)],
                                   env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        world = _started(process, log)
        yield Stack(home, f"http://127.0.0.1:{port}", world, environment, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _started(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        told = log.read_text(errors="replace")
        found = _WORLD.search(told)
        if found and "Ctrl-C" in told:
            return found[1]
        assert process.poll() is None, told
        time.sleep(0.2)
    raise AssertionError(f"not up after {START_SECONDS} s:\n{log.read_text(errors='replace')}")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
