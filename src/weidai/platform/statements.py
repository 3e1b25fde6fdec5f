"""Statements of the busiest calls: kept parsed and planned by the server, for as long as a connection lives (R10.2).

Django's own cursor sends each statement as one text with its values inside, which the server parses and plans anew every
time; a statement of fixed text with values apart is planned once per connection (ADR-0012). They run in the transaction
Django has open, and tests count them like all others. Untyped values need a cast where nothing beside them says their
type: `SELECT %s::text`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from psycopg import Cursor

from weidai.platform.models import CustomerOwned

Values = Sequence[Any] | Mapping[str, Any]
Owned = TypeVar("Owned", bound=CustomerOwned)


def row(statement: str, values: Values = ()) -> tuple[Any, ...] | None:
    """Run a statement and return its first row, None when it has none."""
    return _run(statement, values).fetchone()


def rows(statement: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """Run a statement and return all its rows."""
    return _run(statement, values).fetchall()


def count(statement: str, values: Values = ()) -> int:
    """Run a statement and return how many rows it wrote."""
    return _run(statement, values).rowcount


def row_lock(model: type[Owned], customer_id: UUID, row_id: UUID) -> Owned | None:
    """Lock one of a customer's rows until the transaction ends and return it as it stands now; None when there is none."""
    assert connection.in_atomic_block, "a lock lives in a transaction"
    statement, names = _lock_statement(model)
    found = row(statement, [customer_id, row_id])
    return model.from_db(connection.alias, names, found) if found else None


@lru_cache(maxsize=64)
def _lock_statement(model: type[CustomerOwned]) -> tuple[str, list[str]]:
    fields = model._meta.concrete_fields
    assert not any(hasattr(field, "from_db_value") for field in fields), "such fields are read by the ORM"
    columns = ", ".join(str(field.column) for field in fields)
    return (f"SELECT {columns} FROM {model._meta.db_table} WHERE customer_id = %s AND id = %s FOR UPDATE",  # noqa: S608 (names)
            [field.attname for field in fields])


def _run(statement: str, values: Values) -> Cursor[tuple[Any, ...]]:
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    cursor = Cursor(connection.connection)
    began = time.monotonic()
    with connection.wrap_database_errors:
        cursor.execute(statement, values, prepare=True)
    if connection.queries_logged:
        connection.queries_log.append({"sql": statement, "time": f"{time.monotonic() - began:.3f}"})
    return cursor
