"""The only place that decides who answers a port: sandbox or real adapters, and which handlers listen to what."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings

# Modules that register handlers (outbox, inbox) and notice templates when they are imported.
_LISTENING_ROOMS = ("messaging", "security", "identity", "assessment", "products", "limits", "origination", "lending", "servicing")
_LISTENING_MODULES = ("notices", "deliveries", "arrivals")


class WiringConfig(AppConfig):
    """Wires the program once Django has loaded every room."""

    name = "weidai"
    label = "wiring"

    def ready(self) -> None:
        wire()


def wire() -> None:
    """Fill every port and register every handler. Idempotent."""
    for room in _LISTENING_ROOMS:
        for module in _LISTENING_MODULES:
            if find_spec(f"weidai.{room}.{module}"):
                importlib.import_module(f"weidai.{room}.{module}")
    _wire_inner()
    if settings.SANDBOX_URL:
        _wire_sandbox()


def _wire_inner() -> None:
    """Ports that one room of ours answers for another below it, and the job queue."""
    from weidai.adapters.jobs_procrastinate import ProcrastinateJobs
    from weidai.platform.jobs import jobs

    jobs.fill(ProcrastinateJobs())


def _wire_sandbox() -> None:
    """The sandbox world plays every outside system over signed HTTP (R9.4)."""
