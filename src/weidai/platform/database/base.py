"""Django's PostgreSQL backend, whose pooled connections are looked at instead of being asked (R10.2).

Django has the pool send an empty statement before every request, to notice a server that was restarted meanwhile. A
closed connection can be seen without that journey: its socket has something to read, namely the end. Only then it is asked.
"""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool

LOST = select.POLLIN | select.POLLERR | select.POLLHUP | select.POLLNVAL


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's; expects `CONN_HEALTH_CHECKS` off where there is a pool."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection[Any]:
        """Return a connection that lives; what the server has closed goes back to the pool, which replaces it.

        Raises `psycopg_pool.PoolTimeout` when none can be made in time.
        """
        connection: psycopg.Connection[Any] = super().get_new_connection(conn_params)
        while (pool := self.pool) is not None and not _is_alive(connection):
            connection.close()
            pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


def _is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether a connection that nobody uses can be used; the server is asked only when it has said something."""
    try:
        looked = select.poll()
        looked.register(connection.fileno(), LOST)
        if looked.poll(0):
            ConnectionPool.check_connection(connection)
    except psycopg.Error:
        return False
    return True
