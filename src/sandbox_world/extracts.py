"""`python -m sandbox_world.extracts`: monthly extracts of the data partner, as Parquet or CSV (docs/reference/extracts.md).

The first people are the population of the world: their events, balances, contacts and cards are those that the world
answers over HTTP. Everybody after them is drawn by hashing (seed, person, month, place) inside DuckDB, so that the same
arguments give the same rows on every machine, and half a million people with fifty million events take minutes.
"""

# ruff: noqa: S608 - SQL of whole numbers and paths chosen on this command line

import argparse
import csv
import hmac
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sandbox_world.population.holdings import card_limit_facts, contact_items, daily_balances
from sandbox_world.population.months import month_after, month_days, month_start, shanghai_instant
from sandbox_world.population.payments import month_events
from sandbox_world.population.people import Person, person_at
from sandbox_world.settings import DEFAULT_PEOPLE, DEFAULT_SEED, MAX_PEOPLE

KEY_FILE = "extract.key"
KINDS = ("parquet", "csv")
CATEGORIES = ("green", "welfare", "food", "travel", "health")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TYPES = {
    "people": "person_no BIGINT, id_digest VARCHAR",
    "payments": "event_id VARCHAR, person_no BIGINT, at_us BIGINT, kind VARCHAR, amount_fen BIGINT, category VARCHAR",
    "balances": 'person_no BIGINT, "on" DATE, wallet_fen BIGINT, wealth_fen BIGINT',
    "contacts": "person_no BIGINT, contact_no BIGINT, last_at_us BIGINT",
    "card_limits": "person_no BIGINT, card_no BIGINT, limit_fen BIGINT",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written: `known` people of the world, then drawn ones up to `people`."""

    people: int
    events: int  # over all months, about
    months: tuple[str, ...]
    seed: int
    known: int
    kind: str
    balance_every_days: int  # of drawn people; known ones have every day
    contacts: int  # of a drawn person


def key_ensure(folder: Path) -> bytes:
    """Return the key that both sides digest ID numbers with; made by whoever comes first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / KEY_FILE
    if not path.exists():
        temporary = folder / f".{secrets.token_hex(8)}.tmp"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(32))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass  # the other side was first
        finally:
            temporary.unlink()
    return path.read_bytes()


def extracts_write(wanted: Wanted, folder: Path, *, key: bytes) -> None:
    """Write one folder per month with the five tables."""
    import duckdb

    people = [person_at(wanted.seed, index) for index in range(wanted.known)]
    for month in wanted.months:
        target = folder / month
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="extracts-") as scratch, duckdb.connect(
                config={"memory_limit": "3GB", "temp_directory": scratch}) as engine:
            engine.execute("SET enable_progress_bar = false")
            for table, rows in _known_tables(people, month, key):
                _known_load(engine, table, rows, Path(scratch))
            for table, query in _drawn(wanted, month, key).items():
                whole = f"SELECT * FROM known_{table} UNION ALL {query}"
                _copy(engine, whole, target / f"{table}.{wanted.kind}", wanted.kind)
        sys.stderr.write(f"{target}\n")


def _copy(engine: Any, query: str, target: Path, kind: str) -> None:
    temporary = target.with_suffix(".tmp")
    form = "FORMAT parquet" if kind == "parquet" else "FORMAT csv, HEADER"
    engine.execute(f"COPY ({query}) TO '{temporary}' ({form})")
    temporary.replace(target)


def _known_tables(people: list[Person], month: str, key: bytes) -> Iterator[tuple[str, Iterator[tuple[object, ...]]]]:
    as_of = month_start(month_after(month))
    there = [(index + 1, person) for index, person in enumerate(people) if person.first_data_month <= month]
    yield "people", ((number, _digest(person.id_number, key)) for number, person in there)
    yield "payments", (row for number, person in there for row in _payment_rows(number, person, month))
    yield "balances", ((number, row.on, row.wallet_fen, row.wealth_fen) for number, person in there
                       for row in daily_balances(person, as_of) if row.on >= month_start(month))
    yield "contacts", (row for number, person in there for row in _contact_rows(number, person, as_of))
    yield "card_limits", ((number, place, card["limit_fen"]) for number, person in there
                          for place, card in enumerate(_cards(person, as_of), start=1))


def _digest(id_number: str, key: bytes) -> str:
    return hmac.new(key, id_number.encode(), sha256).hexdigest()


def _payment_rows(number: int, person: Person, month: str) -> Iterator[tuple[object, ...]]:
    for event in month_events(person, month):
        yield event["id"], number, _microseconds(str(event["at"])), event["kind"], event["amount_fen"], None


def _contact_rows(number: int, person: Person, as_of: date) -> Iterator[tuple[object, ...]]:
    for place, item in enumerate(contact_items(person, as_of), start=1):
        yield number, place, _microseconds(item["last_interaction_at"])


def _cards(person: Person, as_of: date) -> list[dict[str, Any]]:
    cards = card_limit_facts(person, as_of)["cards"]
    assert isinstance(cards, list)
    return cards


def _microseconds(instant: str) -> int:
    return int((datetime.fromisoformat(instant) - _EPOCH) / timedelta(microseconds=1))


def _known_load(engine: Any, table: str, rows: Iterator[tuple[object, ...]], scratch: Path) -> None:
    path = scratch / f"{table}.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    engine.execute(f"CREATE TABLE known_{table} ({_TYPES[table]})")
    engine.execute(f"COPY known_{table} FROM '{path}' (FORMAT csv, AUTO_DETECT false, HEADER false, DELIM ',', QUOTE '\"')")


def _drawn(wanted: Wanted, month: str, key: bytes) -> dict[str, str]:
    """Return a query per table for the drawn people of one month."""
    seed, first, last = wanted.seed, wanted.known + 1, max(wanted.people, wanted.known)
    begins = int((shanghai_instant(month_start(month), second=0) - _EPOCH) / timedelta(microseconds=1))
    span, each = month_days(month) * 86_400_000_000, max(wanted.events // max(wanted.people * len(wanted.months), 1), 1)
    salt = sha256(key).hexdigest()[:16]
    people = f"range({first}, {last + 1}) people(p)"

    def draw(word: str, *of: str) -> str:
        return f"hash({seed}, '{month}', '{word}', {', '.join(of)})"

    categories = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(CATEGORIES))
    events = (f"SELECT p, unnest(range((hash({seed}, 'habit', p) % {2 * each} + {draw('count', 'p')} % 3)::BIGINT)) AS n"
              f" FROM {people}")
    return {
        "people": f"SELECT p, sha256('{salt}' || p) FROM {people}",
        "payments": (
            f"SELECT '{month}-' || p || '-' || n, p, {begins} + ({draw('at', 'p', 'n')} % {span})::BIGINT,"
            f" CASE {draw('kind', 'p', 'n')} % 40 WHEN 0 THEN 'refund' WHEN 1 THEN 'transfer' WHEN 2 THEN 'transfer'"
            f" ELSE 'payment' END, (100 + (hash({seed}, 'level', p) % 40 + 1) * ({draw('amount', 'p', 'n')} % 3000))::BIGINT,"
            f" CASE {draw('category', 'p', 'n')} % 12 {categories} END FROM ({events})"),
        "balances": (
            f"SELECT p, DATE '{month_start(month)}' + d::INTEGER, ({draw('wallet', 'p', 'd')} % 900000)::BIGINT,"
            f" (hash({seed}, 'wealth', p) % 1500000)::BIGINT FROM {people},"
            f" range(0, {month_days(month)}, {wanted.balance_every_days}) days(d)"),
        "contacts": (
            f"SELECT p, c, {begins + span - 1} - ({draw('last', 'p', 'c')} % 200)::BIGINT * 86400000000"
            f" FROM {people}, range(1, {wanted.contacts + 1}) contacts(c)"),
        "card_limits": (f"SELECT p, 1::BIGINT, (hash({seed}, 'card', p) % 50 * 100000)::BIGINT FROM {people}"
                        f" WHERE hash({seed}, 'card', p) % 3 > 0"),
    }


def arguments_read(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="sandbox_world.extracts", description="Write monthly extracts of invented people.")
    parser.add_argument("--out", type=Path, required=True, help="folder; each month becomes a folder in it")
    parser.add_argument("--until", required=True, help="last month, YYYY-MM")
    parser.add_argument("--months", type=int, default=1, help="how many months")
    parser.add_argument("--people", type=int, default=DEFAULT_PEOPLE, help="people in all")
    parser.add_argument("--events", type=int, default=0, help="payment events of all months; default 20 a person and month")
    parser.add_argument("--known", type=int, default=DEFAULT_PEOPLE, help="how many of them are the world's own")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="seed of the population")
    parser.add_argument("--format", choices=KINDS, default="parquet")
    parser.add_argument("--keys", type=Path, default=Path("sandbox-home/keys"), help="key directory shared with the lender")
    parser.add_argument("--balance-days", type=int, default=7, help="drawn people: one balance every so many days")
    parser.add_argument("--contacts", type=int, default=10, help="drawn people: contacts each")
    chosen = parser.parse_args(arguments)
    try:
        month_start(chosen.until)
    except ValueError:
        parser.error("--until is a month as YYYY-MM")
    for name, low, high in (("months", 1, 36), ("people", 0, 10_000_000), ("known", 0, MAX_PEOPLE),
                            ("events", 0, 2_000_000_000), ("balance_days", 1, 31), ("contacts", 0, 1000)):
        if not low <= getattr(chosen, name) <= high:
            parser.error(f"--{name.replace('_', '-')} lies between {low} and {high}")
    return chosen


def main(arguments: list[str] | None = None) -> int:
    """Write what the command line asks for."""
    chosen = arguments_read(arguments)
    months = tuple(month_after(chosen.until, by=-back) for back in range(chosen.months - 1, -1, -1))
    people = max(chosen.people, 0)
    wanted = Wanted(people, chosen.events or 20 * people * len(months), months, chosen.seed, min(chosen.known, people),
                    chosen.format, chosen.balance_days, chosen.contacts)
    extracts_write(wanted, chosen.out, key=key_ensure(chosen.keys))
    return 0


if __name__ == "__main__":
    sys.exit(main())
