"""The Jobs port on procrastinate: jobs are rows, enqueued in the caller's transaction, run by `weidai worker`."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app


class ProcrastinateJobs:
    """Defers by task name, so that rooms need not import the code that runs later."""

    def defer(self, task: str, **arguments: Any) -> None:
        """Ask for the task soon; asking again while one waits is the same ask (a lock per task and arguments)."""
        app.configure_task(task).defer(**arguments)
