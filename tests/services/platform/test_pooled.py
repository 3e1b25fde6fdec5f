"""Pooled connections: one that the server closed is replaced, one that lives is not asked (R10.2)."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.db import connection, connections
from psycopg_pool import ConnectionPool

from weidai.platform.database.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture
def pooled() -> Iterator[DatabaseWrapper]:
    settings = deepcopy(connections["default"].settings_dict)
    settings["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1, "timeout": 10}
    settings["CONN_HEALTH_CHECKS"] = False
    wrapper = DatabaseWrapper(settings, "pooled")
    wrapper.inc_thread_sharing()
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def _server_process(wrapper: DatabaseWrapper) -> int:
    """The server's process behind the connection of one request."""
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found = int(cursor.fetchone()[0])
    wrapper.close()
    return found


def test_a_connection_that_lives_is_used_again_without_asking(pooled: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(ConnectionPool, "check_connection", staticmethod(asked.append))
    assert _server_process(pooled) == _server_process(pooled)
    assert asked == []


def test_a_connection_that_the_server_closed_is_replaced(pooled: DatabaseWrapper) -> None:
    before = _server_process(pooled)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
        assert cursor.fetchone() == (True,)
    assert _server_process(pooled) != before
