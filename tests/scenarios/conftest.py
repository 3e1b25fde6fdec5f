"""A world, a database and a callback address that one module of scenarios shares: its people live side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.support.world import Sandbox, book_open, world_running
from weidai.kernel.days import shanghai_instant
from weidai.platform import clock


@pytest.fixture(autouse=True)
def _django_db_marker() -> None:
    """The marker creates the test database and its place in the order; a module's data stay until the module ends."""


@pytest.fixture(scope="module")
def _database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Real commits for a whole module (callbacks arrive in other threads); emptied when it is over."""
    from django.core.management import call_command
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()
        call_command("flush", verbosity=0, interactive=False)
        clock.forget_cached_offset()
        connections.close_all()


@pytest.fixture(scope="module")
def sandbox(_database: None, tmp_path_factory: Any) -> Iterator[Sandbox]:
    """A world with its own home whose events reach weidai over HTTP; it is ten in the morning of tomorrow."""
    from pytest_django.live_server_helper import LiveServer

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns about a missing folder
    server = LiveServer("localhost")
    try:
        with world_running(tmp_path_factory.mktemp("world"), callback_url=server.url) as running:
            morning = shanghai_instant(clock.today() + timedelta(days=1), time(10))
            clock.move_forward(morning - clock.now())
            book_open()
            yield running
    finally:
        server.stop()
