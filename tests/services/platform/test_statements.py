"""Statements that the server keeps: on Django's connection, in its transaction, with its errors (ADR-0012)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from weidai.platform import statements
from weidai.platform.ids import uuid7

BOOK = "INSERT INTO platform_book (id, name, open_on, state) VALUES (%s, %s, '2026-03-04', 'live')"


def books() -> list[int]:
    return [row[0] for row in statements.rows("SELECT id FROM platform_book WHERE id >= %(from)s ORDER BY id", {"from": 90})]


@pytest.mark.django_db
def test_values_by_place_and_by_name_and_counted_like_all_others():
    some = uuid7()
    assert statements.row("SELECT %s::uuid, %s::text, %s::bigint", [some, "名", None]) == (some, "名", None)
    assert statements.row("SELECT %(b)s::int - %(a)s::int, %(b)s::int", {"a": 1, "b": 3}) == (2, 3)
    assert statements.row("SELECT 1 WHERE %s::bool", [False]) is None
    with CaptureQueriesContext(connection) as caught:
        assert statements.count(BOOK, [90, "x"]) == 1
    assert [one["sql"] for one in caught.captured_queries] == [BOOK]


@pytest.mark.django_db(transaction=True)
def test_they_belong_to_the_transaction_and_outlive_a_refusal():
    with transaction.atomic():
        statements.count(BOOK, [90, "x"])
        assert books() == [90]
        transaction.set_rollback(True)
    assert books() == []
    with transaction.atomic():
        statements.count(BOOK, [91, "x"])
    assert books() == [91]
    with pytest.raises(IntegrityError), transaction.atomic():
        statements.count(BOOK, [91, "again"])
    assert books() == [91]


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_said_to_be_lost_and_the_next_one_works():
    statements.row("SELECT 1")
    connection.connection.pgconn.finish()
    with pytest.raises(OperationalError):
        statements.row("SELECT 1")
    connection.close()
    assert statements.row("SELECT 1") == (1,)
