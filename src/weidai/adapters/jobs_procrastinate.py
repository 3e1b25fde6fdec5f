"""The Jobs port on procrastinate: jobs are rows, enqueued in the caller's transaction, run by `weidai worker`."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app

from weidai.platform import statements


class ProcrastinateJobs:
    """Defers by task name, so that rooms need not import the code that runs later."""

    def defer(self, task: str, **arguments: Any) -> None:
        """Ask for the task soon; asking again while one waits is the same ask.

        A waiting job that a worker takes before we commit may look too early for what we wrote: the worker's sweep, every
        few seconds, finds it then. So a thousand acts a second do not queue on the wake-up of one worker.
        """
        if not arguments and _is_waiting(task):
            return
        app.configure_task(task).defer(**arguments)


def _is_waiting(task: str) -> bool:
    return statements.row(
        "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s AND scheduled_at IS NULL LIMIT 1",
        [task]) is not None
