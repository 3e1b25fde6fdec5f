"""Real commits, real connections: threads that start together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from tests.services.lending_support import AT, FakeBank, bank_wire, book_open

from weidai.platform import clock


@pytest.fixture(autouse=True)
def bank(transactional_db: None) -> Iterator[FakeBank]:
    wired = bank_wire()
    with clock.travel_to(AT):
        book_open(clock.today())
        yield wired


def together(*actions: Callable[[], Any]) -> list[Any]:
    """Run the actions at the same moment, each on its own connection; a refusal is returned as the result."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=20)
            return action()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(actions)) as pool:
        futures = [pool.submit(copy_context().run, run, action) for action in actions]
        return [future.result(timeout=60) for future in futures]
