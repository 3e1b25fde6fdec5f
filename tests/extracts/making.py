"""Small extracts for tests: two hundred people, one month, written by DuckDB; and ways to spoil them."""

# ruff: noqa: S608 - numbers of the test itself

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import duckdb

from weidai.assessment.population.definitions import microseconds
from weidai.kernel.days import months_later

MONTH = date(2026, 10, 1)
PEOPLE = 200


def digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def write(folder: Path, month: date = MONTH, *, kind: str = "parquet", people: int = PEOPLE, payments: int = 10) -> Path:
    """Write a sound extract: `payments` events a person, daily balances, contacts, cards."""
    folder.mkdir(parents=True, exist_ok=True)
    begins, days = microseconds(month), (months_later(month, 1) - month).days
    span = days * 86_400_000_000
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE people (person_no BIGINT, id_digest VARCHAR)")
        rows = [(number, digest(number)) for number in range(1, people + 1)]
        engine.executemany("INSERT INTO people VALUES (?, ?)", rows)
        engine.execute(
            f"CREATE TABLE payments AS SELECT 'e-{month:%Y%m}-' || p || '-' || n AS event_id, p AS person_no,"
            f" {begins} + hash(p, n, 'at') % {span} AS at_us,"
            " CASE n % 9 WHEN 0 THEN 'refund' WHEN 1 THEN 'transfer' ELSE 'payment' END AS kind,"
            " (100 + hash(p, n, 'amount') % 90000)::BIGINT AS amount_fen,"
            " CASE hash(p, n, 'at') % 5 WHEN 0 THEN 'green' WHEN 1 THEN 'welfare' END AS category"
            f" FROM range(1, {people + 1}) a(p), range({payments}) b(n)")
        engine.execute("UPDATE payments SET at_us = at_us::BIGINT")
        engine.execute(
            f"CREATE TABLE balances AS SELECT p AS person_no, DATE '{month}' + d::INTEGER AS \"on\","
            " (hash(p, d) % 900000)::BIGINT AS wallet_fen, (hash(p) % 50000)::BIGINT AS wealth_fen"
            f" FROM range(1, {people + 1}) a(p), range({days}) b(d)")
        engine.execute(
            f"CREATE TABLE contacts AS SELECT p AS person_no, c AS contact_no, {begins + span}"
            " - (hash(p, c) % 200)::BIGINT * 86400000000 - 1 AS last_at_us"
            f" FROM range(1, {people + 1}) a(p), range(1, 9) b(c)")
        engine.execute("CREATE TABLE card_limits AS SELECT p AS person_no, 1 AS card_no, 500000 AS limit_fen"
                       f" FROM range(1, {people + 1}, 3) a(p)")
        for table in ("people", "payments", "balances", "contacts", "card_limits"):
            engine.execute(f"COPY {table} TO '{folder / table}.{kind}'" + (" (HEADER)" if kind == "csv" else ""))
    return folder
