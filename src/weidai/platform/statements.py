"""Statements of the busiest calls: kept parsed and planned by the server, for as long as a connection lives (R10.2).

Django's own cursor sends each statement as one text with its values inside, which the server parses and plans anew every
time; a statement of fixed text with values apart is planned once per connection (ADR-0012). They run in the transaction
Django has open, and tests count them like all others. Untyped values need a cast where nothing beside them says their
type: `SELECT %s::text`.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Connection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from weidai.platform.models import CustomerOwned

Values = Sequence[Any] | Mapping[str, Any]
Owned = TypeVar("Owned", bound=CustomerOwned)
_PLACE = re.compile(r"%(?:\((\w+)\))?s")
_FORMATS = [PyFormat.AUTO] * 64  # more values than any statement has
_prepared: WeakKeyDictionary[Connection[Any], dict[tuple[bytes, tuple[int, ...]], bytes]] = WeakKeyDictionary()


class Answer(NamedTuple):
    """What the server answered: rows, and how many rows were read or written."""

    rows: list[tuple[Any, ...]]
    count: int


def row(statement: str, values: Values = ()) -> tuple[Any, ...] | None:
    """Run a statement and return its first row, None when it has none."""
    found = _run(statement, values).rows
    return found[0] if found else None


def rows(statement: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """Run a statement and return all its rows."""
    return _run(statement, values).rows


def count(statement: str, values: Values = ()) -> int:
    """Run a statement and return how many rows it wrote."""
    return _run(statement, values).count


def row_lock(model: type[Owned], customer_id: UUID, row_id: UUID, *, by: str = "id") -> Owned | None:
    """Lock one of a customer's rows until the transaction ends and return it as it stands now; None when there is none.

    `by` names the column `row_id` is of: the row's own id, or another of which the customer has one row each.
    """
    assert connections[DEFAULT_DB_ALIAS].in_atomic_block, "a lock lives in a transaction"
    statement, names = _lock_statement(model, by)
    found = row(statement, [customer_id, row_id])
    return model.from_db(DEFAULT_DB_ALIAS, names, found) if found else None


@lru_cache(maxsize=64)
def _lock_statement(model: type[CustomerOwned], by: str) -> tuple[str, list[str]]:
    fields = model._meta.concrete_fields
    assert by in {field.column for field in fields}, by
    assert not any(hasattr(field, "from_db_value") for field in fields), "such fields are read by the ORM"
    columns = ", ".join(str(field.column) for field in fields)
    return (f"SELECT {columns} FROM {model._meta.db_table} WHERE customer_id = %s AND {by} = %s FOR UPDATE",  # noqa: S608 (names)
            [field.attname for field in fields])


def _run(statement: str, values: Values) -> Answer:
    """Run a statement on Django's connection, in its transaction.

    Straight through libpq: psycopg's cursor takes three times as long to send a prepared statement.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]  # once: `django.db.connection` looks it up for every attribute
    wrapper.ensure_connection()
    wrapper.validate_no_broken_transaction()
    began = time.monotonic()
    with wrapper.wrap_database_errors:
        answer = _sent(wrapper.connection, statement, values)
    if wrapper.queries_logged:
        wrapper.queries_log.append({"sql": statement, "time": f"{time.monotonic() - began:.3f}"})
    return answer


def _sent(link: Connection[Any], statement: str, values: Values) -> Answer:
    command, names = _numbered(statement)
    given = [values[name] for name in names] if isinstance(values, Mapping) else values
    server, transformer = link.pgconn, Transformer(link)
    written = transformer.dump_sequence(given, _FORMATS[:len(given)])
    if not link.autocommit and server.transaction_status == TransactionStatus.IDLE:
        _checked(server, server.exec_(b"BEGIN"))  # as psycopg does before the first statement
    if link.prepare_threshold is None:
        result = server.exec_params(command, written, transformer.types, transformer.formats)
    else:
        known = _prepared.setdefault(link, {})
        name = known.get((command, transformer.types))
        if name is None:
            name = b"weidai_%d" % len(known)
            _checked(server, server.prepare(name, command, transformer.types))
            known[command, transformer.types] = name
        result = server.exec_prepared(name, written, transformer.formats)
    transformer.set_pgresult(_checked(server, result))
    return Answer(transformer.load_rows(0, result.ntuples, tuple), result.command_tuples or 0)


def _checked(server: PGconn, result: PGresult) -> PGresult:
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    if server.status == ConnStatus.BAD:
        raise OperationalError("the connection to the database is lost")
    raise error_from_result(result)


@lru_cache(maxsize=256)
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement as the server wants it, `$1` for `%s` or `%(name)s`, and the names in order."""
    names: list[str] = []
    unnamed = itertools.count(1)

    def number(found: re.Match[str]) -> str:
        if found[1] is None:
            return f"${next(unnamed)}"
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return _PLACE.sub(number, statement).encode(), tuple(names)
