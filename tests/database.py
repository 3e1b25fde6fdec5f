"""A pytest plugin loaded before Django's settings: every run gets its own PostgreSQL and its own home.

Runs that were killed leave a cluster behind; the next run ends and removes it. With DATABASE_URL set, that server is used.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "weidai-tests-"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove_leftovers() -> None:
    from weidai.platform.postgres import Cluster

    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = home.name.removeprefix(_PREFIX).split("-")[0]
        if home.stat().st_uid == os.getuid() and pid.isdigit() and not _is_alive(int(pid)):
            Cluster(home, profile="test").stop()
            shutil.rmtree(home, ignore_errors=True)


def _start() -> None:
    from weidai.platform.postgres import Cluster

    home = Path(tempfile.gettempdir()) / f"{_PREFIX}{os.getpid()}"
    home.mkdir(mode=0o711, exist_ok=True)
    home.chmod(0o711)
    os.environ["WEIDAI_HOME"] = str(home)
    os.environ["WEIDAI_TEST_HOME"] = str(home)
    if not os.environ.get("DATABASE_URL"):
        cluster = Cluster(home, profile="test")
        cluster.start()
        os.environ["DATABASE_URL"] = cluster.url("owner")
        atexit.register(_stop, cluster, home, os.getpid())


def _stop(cluster: object, home: Path, pid: int) -> None:
    if os.getpid() == pid:  # a forked child must not end its parent's database
        cluster.stop()  # type: ignore[attr-defined]
        shutil.rmtree(home, ignore_errors=True)


os.environ.setdefault("WEIDAI_DB_ROLE", "owner")
os.environ.setdefault("WEIDAI_DEMO", "1")
os.environ["WEIDAI_SANDBOX_URL"] = "http://127.0.0.1:9"  # nobody: a demo that happens to run here is not a test's partner
os.environ["WEIDAI_LOG_LEVEL"] = os.environ.get("WEIDAI_LOG_LEVEL", "WARNING")
if not os.environ.get("WEIDAI_TEST_HOME"):  # xdist workers inherit the controller's
    _remove_leftovers()
    _start()
