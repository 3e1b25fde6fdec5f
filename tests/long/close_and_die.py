"""Close a day in a process of its own and pull the plug at one boundary; run by `test_eod_kill`.

Arguments: the day, customers a chunk, the victim (nobody, worker, postgres), the boundary `step:chunk:moment`. The moment
is `written` (all done, nothing committed) or `committed`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django


def plug_pull(victim: str) -> None:
    """Kill with -9 the process that does the work, or the server it works with."""
    if victim == "worker":
        os.kill(os.getpid(), signal.SIGKILL)
    home = Path(os.environ["WEIDAI_HOME"])
    from weidai.platform.postgres import Cluster

    pid = Cluster(home).status().pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    time.sleep(1)  # connections that wait for us end now; the work goes on until it finds out


def wired(victim: str, boundary: str) -> Callable[[str, int, str], None]:
    """Return what is called at every boundary."""

    def here(step: str, chunk: int, moment: str) -> None:
        if f"{step}:{chunk}:{moment}" == boundary:
            plug_pull(victim)

    return here


def main() -> None:
    """Put the hook around the two places where a step ends, and close the day."""
    day, size, victim, boundary = date.fromisoformat(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    django.setup()
    from weidai.jobs import chunks, end_of_day
    from weidai.kernel.days import shanghai_instant
    from weidai.platform import clock

    here = wired(victim, boundary)
    finish, commit, single = chunks.step_finish, chunks._commit, end_of_day._single

    def step_finish(run: Any, step: str, number: int, **more: Any) -> None:
        finish(run, step, number, **more)
        here(step, number, "written")

    def commit_then(run: Any, step: str, number: int, *rest: Any) -> int:
        rows = commit(run, step, number, *rest)
        here(step, number, "committed")
        return rows

    def single_then(run: Any, step: str, work: Any) -> Any:
        report = single(run, step, work)
        here(step, 0, "committed")
        return report

    chunks.step_finish = end_of_day.step_finish = step_finish
    chunks._commit, end_of_day._single = commit_then, single_then
    end_of_day.CHUNK_CUSTOMERS = size
    with clock.travel_to(shanghai_instant(day + timedelta(days=1)) + timedelta(minutes=5)):
        end_of_day.day_close(1, until=day + timedelta(days=1))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
    main()
