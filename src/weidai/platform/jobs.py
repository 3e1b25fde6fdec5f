"""The Jobs port: enqueue work in the caller's transaction. Jobs only trigger; what is true lives in our tables."""

from __future__ import annotations

from typing import Any, Protocol

from weidai.platform.ports import PortSlot


class Jobs(Protocol):
    """Enqueue a named task; it becomes visible to workers when the caller's transaction commits."""

    def defer(self, task: str, **arguments: Any) -> None:
        """Ask for `task` to be run soon, once, with JSON-serialisable arguments."""


jobs: PortSlot[Jobs] = PortSlot("platform.jobs")
