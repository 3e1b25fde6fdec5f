"""Writing something that must stay although the transaction around it is about to be rolled back.

A wrong code or password is refused by an exception, and the refusal rolls back whatever the caller had begun. The count
of wrong attempts must not go with it, or guessing would be free. So it is written over a connection of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from django.db import connection, connections, transaction

T = TypeVar("T")


def committed_apart(write: Callable[[], T]) -> T:
    """Run `write` in a transaction committed whatever becomes of the caller's, which holds no lock on its rows."""
    if not connection.in_atomic_block:
        with transaction.atomic():
            return write()
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(copy_context().run, _on_own_connection, write).result()


def _on_own_connection(write: Callable[[], T]) -> T:
    try:
        with transaction.atomic():
            return write()
    finally:
        connections.close_all()
