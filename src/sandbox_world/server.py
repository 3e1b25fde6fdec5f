"""Serving one world: granian with one worker process and several threads; no process stays behind."""

import logging
import os
import signal
import socket
import sys
import threading
import time

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from sandbox_world.settings import Settings

KILL_AFTER_SECONDS = 5
PARENT_CHECK_SECONDS = 1.0
PARENT_VARIABLE = "SANDBOX_WORLD_PARENT"


def port_is_free(host: str, port: int) -> bool:
    """Tell whether nobody listens on a port: a second server would bind it silently."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((host if host not in ("0.0.0.0", "::") else "localhost", port)) != 0  # noqa: S104


def serve(settings: Settings, *, host: str, port: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    os.environ.update(settings.to_environment())
    os.environ[PARENT_VARIABLE] = str(os.getpid())
    server = Granian(
        "sandbox_world.server:worker_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        blocking_threads_idle_timeout=600,
        backlog=1024,
        backpressure=max(threads * 8, 64),
        workers_kill_timeout=KILL_AFTER_SECONDS,
        websockets=False,
        log_level=LogLevels.error,
        factory=True,
    )
    server.serve()


def worker_app() -> object:
    """Build the application in the worker; the worker ends when its parent is gone."""
    from sandbox_world.app import create_app_from_environment  # the parent needs none of it

    parent = int(os.environ.get(PARENT_VARIABLE, "0"))
    if parent:
        threading.Thread(target=_end_with_parent, args=(parent,), name="sandbox-parent-watch", daemon=True).start()
    return create_app_from_environment()


def _end_with_parent(parent: int) -> None:
    """End the worker when the parent was killed: a killed parent cannot do it itself."""
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    logging.getLogger("sandbox_world").warning("the parent process is gone; ending")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)
