"""Extracts hold what the world answers over HTTP about its own people, and the same arguments give the same rows."""

from __future__ import annotations

import hmac
from collections import Counter
from datetime import date
from hashlib import sha256

import duckdb
import pytest

from sandbox_world.extracts import key_ensure, main
from sandbox_world.population.holdings import balance_facts, card_limit_facts, contact_facts
from sandbox_world.population.months import shanghai_day, window_days
from sandbox_world.population.payments import month_totals
from sandbox_world.population.people import person_at

MONTHS, SEED, AS_OF = ("2026-07", "2026-08", "2026-09", "2026-10"), 20_260_101, date(2026, 11, 1)


def write(folder, *more):
    assert main(["--out", str(folder), "--until", "2026-10", "--months", "4", "--people", "60", "--known", "25", "--events",
                 "2000", "--seed", str(SEED), "--keys", str(folder.parent / "keys"), *more]) == 0
    return folder


def read(folder, table, month="*"):
    with duckdb.connect() as engine:
        return engine.read_parquet(f"{folder}/{month}/{table}.parquet").fetchall()


def test_the_worlds_own_people_stand_in_the_extract_as_they_are_answered(tmp_path):
    folder = write(tmp_path / "out")
    key = key_ensure(tmp_path / "keys")
    payments, balances = read(folder, "payments"), read(folder, "balances")
    contacts, cards = read(folder, "contacts", "2026-10"), read(folder, "card_limits", "2026-10")
    digests = dict(read(folder, "people", "2026-10"))
    for index in range(25):
        person, number = person_at(SEED, index), index + 1
        assert digests[number] == hmac.new(key, person.id_number.encode(), sha256).hexdigest()
        mine = [row for row in payments if row[1] == number]
        spend: Counter[str] = Counter()
        count: Counter[str] = Counter()
        for event_id, _, _, kind, amount, _ in mine:
            month = event_id[7:14]
            spend[month] += {"payment": amount, "refund": -amount, "transfer": 0}[kind]
            count[month] += kind == "payment"
        totals = {month: month_totals(person, month) for month in MONTHS}
        assert {month: (spend[month], count[month]) for month in MONTHS if totals[month]} == {
            month: (row.amount_fen, row.payment_count) for month, row in totals.items() if row}
        window = set(window_days(AS_OF))
        held = [wallet + wealth for who, day, wallet, wealth in balances if who == number and day in window]
        facts = balance_facts(person, AS_OF)
        assert (len(held), sum(held) // max(len(held), 1)) == (facts["days"], facts["mean_daily_90d_fen"])
        last = [shanghai_day(_instant(at)) in window for who, _, at in contacts if who == number]
        assert {"contacts": len(last), "effective_contacts": sum(last)} == contact_facts(person, AS_OF)
        assert sum(limit for who, _, limit in cards if who == number) == card_limit_facts(person, AS_OF)["total_fen"]


def _instant(microseconds):
    from datetime import UTC, datetime, timedelta

    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


@pytest.mark.long
def test_the_same_arguments_give_the_same_rows(tmp_path):
    one, other = write(tmp_path / "one"), write(tmp_path / "other", "--format", "csv")
    for table in ("people", "payments", "balances", "contacts", "card_limits"):
        with duckdb.connect() as engine:
            csv = engine.read_csv(f"{other}/2026-10/{table}.csv", all_varchar=True).fetchall()
        rows = [tuple(None if cell is None else str(cell) for cell in row) for row in read(one, table, "2026-10")]
        assert sorted(rows, key=repr) == sorted(csv, key=repr)
