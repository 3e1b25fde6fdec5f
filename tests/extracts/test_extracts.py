"""Extracts that are bad in every way: good rows are used, the others told with row and reason, nothing crashes (R2.5)."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.extracts.making import MONTH, PEOPLE, write
from weidai.assessment.extracts.loading import extract_load
from weidai.assessment.extracts.schemas import REASONS, TABLES
from weidai.assessment.extracts.store import Store
from weidai.assessment.population.definitions import microseconds
from weidai.assessment.population.engines import Engine
from weidai.kernel.days import months_later

ENGINE = Engine("duckdb", threads=2)
PAYMENTS = PEOPLE * 10


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def load(store, folder, month=MONTH):
    return extract_load(store, folder, month=month, engine=ENGINE)


def count(report, table="payments"):
    return next(one for one in report.counts if one.table == table)


def quarantined(report):
    with report.quarantine.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def totals(store, month=MONTH):
    files = [str(file) for file in store.month_files("customer_month", month)]
    sums = "count(*), sum(spend_fen), sum(payment_count), sum(green_spend_fen)"
    with duckdb.connect() as engine:  # a new one each time: DuckDB remembers files by path
        return engine.read_parquet(files).aggregate(sums).fetchall()[0]


def lines_of(folder, table="payments"):
    return (folder / f"{table}.csv").read_text().splitlines()


def lines_write(folder, lines, table="payments"):
    (folder / f"{table}.csv").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_sound_extract_is_used_whole(tmp_path, store, kind):
    report = load(store, write(tmp_path / "in", kind=kind))
    assert report.is_clean
    assert {one.table: one.accepted for one in report.counts} == {
        "people": 200, "payments": 2000, "balances": 6200, "contacts": 1600, "card_limits": 67}
    assert totals(store)[0] == PEOPLE
    assert quarantined(report) == []


def test_csv_and_parquet_of_the_same_rows_give_the_same_sums(tmp_path, store):
    load(store, write(tmp_path / "a"))
    other = Store(tmp_path / "other")
    load(other, write(tmp_path / "b", kind="csv"))
    assert totals(store) == totals(other)


def test_every_kind_of_bad_row_is_told_with_its_number_and_reason(tmp_path, store):
    folder = write(tmp_path / "in", kind="csv")
    lines = lines_of(folder)
    good = lines[1].split(",")
    bad = {
        "negative_amount": [good[0] + "n", *good[1:4], "-5", ""], "wrong_type": [good[0] + "t", *good[1:4], "12.5", ""],
        "missing_value": [good[0] + "m", "", *good[2:]], "unknown_value": [good[0] + "u", *good[1:3], "gift", "5", ""],
        "out_of_range": [good[0] + "o", *good[1:4], str(10**11), ""], "wrong_field_count": [good[0] + "f", "1", "2"],
        "duplicate_id": good, "after_month": [good[0] + "a", good[1], str(microseconds(months_later(MONTH, 1))), *good[3:]],
        "before_history": [good[0] + "b", good[1], str(microseconds(date(2025, 10, 31))), *good[3:]]}
    lines_write(folder, lines + [",".join(row) for row in bad.values()])
    report = load(store, folder)
    found = quarantined(report)
    assert [(row["code"], int(row["row"])) for row in found] == [
        (code, PAYMENTS + place) for place, code in enumerate(bad, start=1)]
    assert all(row["zh"] == REASONS[row["code"]].zh and row["en"] == REASONS[row["code"]].en for row in found)
    assert (count(report).rows, count(report).accepted, count(report).quarantined) == (PAYMENTS + 9, PAYMENTS, 9)


def test_a_tenth_of_garbage_does_not_touch_the_rest(tmp_path, store):
    sound = Store(tmp_path / "sound")
    load(sound, write(tmp_path / "a", kind="csv"))
    folder = write(tmp_path / "b", kind="csv")
    raw = (folder / "payments.csv").read_bytes().splitlines()
    garbage = [b"\xff\xfe\x00garbage", b"", b"\x00\x01\x02", b"a,b", b'"unclosed,1,2,3,4,5', "中文,乱,写,的,一,行".encode(),
               b",,,,,"]
    spoiled = [raw[0]]
    for place, line in enumerate(raw[1:]):
        spoiled.append(line)
        if place % 9 == 0:
            spoiled.append(garbage[place // 9 % len(garbage)])
    (folder / "payments.csv").write_bytes(b"\r\n".join(spoiled))
    report = load(store, folder)
    assert count(report).accepted == PAYMENTS
    assert count(report).quarantined == len(spoiled) - 1 - PAYMENTS
    assert set(count(report).set_aside) == {
        "wrong_encoding", "blank_row", "wrong_field_count", "out_of_range", "unknown_value", "missing_value"}
    assert totals(store) == totals(sound)


def test_a_truncated_file_is_told_and_the_other_tables_are_used(tmp_path, store):
    folder = write(tmp_path / "in")
    whole = (folder / "balances.parquet").read_bytes()
    (folder / "balances.parquet").write_bytes(whole[: len(whole) // 2])
    (folder / "payments-02.csv").write_bytes(b"")
    report = load(store, folder)
    assert count(report, "balances").files_refused == {"balances.parquet": "file_unreadable"}
    assert count(report).files_refused == {"payments-02.csv": "file_empty"}
    assert not report.is_clean
    assert (count(report).accepted, count(report, "balances").accepted) == (PAYMENTS, 0)


def test_a_damaged_page_in_the_middle_of_a_file_refuses_that_file_only(tmp_path, store):
    folder = write(tmp_path / "in")
    whole = bytearray((folder / "contacts.parquet").read_bytes())
    whole[len(whole) // 3: len(whole) // 2] = b"\x5a" * (len(whole) // 2 - len(whole) // 3)
    (folder / "contacts.parquet").write_bytes(bytes(whole))
    report = load(store, folder)
    assert count(report).accepted == PAYMENTS
    refused = count(report, "contacts")
    assert refused.files_refused == {"contacts.parquet": "file_unreadable"} or refused.quarantined > 0


def test_wrong_types_missing_and_unknown_columns_in_parquet(tmp_path, store):
    folder = write(tmp_path / "in")
    duckdb.read_parquet(str(folder / "payments.parquet")).project(
        "event_id, person_no::VARCHAR AS person_no, at_us, kind, amount_fen::DOUBLE + 0.5 * (person_no = 7)::INT"
        " AS amount_fen, 'x' AS surprise").write_parquet(str(folder / "new.parquet"))
    (folder / "new.parquet").replace(folder / "payments.parquet")
    duckdb.read_parquet(str(folder / "people.parquet")).project("person_no").write_parquet(str(folder / "people-02.parquet"))
    report = load(store, folder)
    assert count(report).unknown_columns == ("surprise",)
    assert dict(count(report).set_aside) == {"wrong_type": PAYMENTS}  # "150.0" is no whole number of fen
    assert dict(count(report, "people").set_aside) == {"missing_column": PEOPLE}


def test_loading_again_changes_nothing_and_a_new_delivery_replaces_the_month(tmp_path, store):
    folder = write(tmp_path / "in", kind="csv")
    load(store, folder)
    before, files = totals(store), {path: path.stat().st_mtime_ns for path in store.files_told_by(MONTH)}
    assert load(store, folder).was_there
    assert {path: path.stat().st_mtime_ns for path in store.files_told_by(MONTH)} == files
    lines_write(folder, lines_of(folder)[:-100])
    assert not load(store, folder).was_there
    assert totals(store) != before
    assert len(store.month_files("customer_month", MONTH)) == 1


def test_late_events_count_in_their_own_month_once(tmp_path, store):
    september = months_later(MONTH, -1)
    load(store, write(tmp_path / "september", september), september)
    closed = totals(store, september)
    folder = write(tmp_path / "october", kind="csv")
    at, early = microseconds(september) + 5, microseconds(date(2026, 10, 1)) - 1
    known = duckdb.read_parquet(str(tmp_path / "september" / "payments.parquet")).limit(1).fetchall()[0]
    lines_write(folder, [*lines_of(folder), f"late-1,3,{at},payment,1000,green", f"late-2,3,{early},refund,300,",
                         ",".join(map(str, [*known[:5], known[5] or ""]))])
    report = load(store, folder)
    assert report.late == {"2026-09": 2}
    assert dict(count(report).set_aside) == {"already_loaded": 1}
    rows, spend, payments, green = totals(store, september)
    assert (rows, spend, payments) == (closed[0] + 1, closed[1] + 700, closed[2] + 1)
    assert green == closed[3] + 1000
    load(store, folder)
    assert totals(store, september)[1] == spend


def test_a_person_beyond_exact_arithmetic_is_set_aside(tmp_path, store):
    folder = write(tmp_path / "in", kind="csv")
    huge = [f"huge-{number},5,{microseconds(MONTH)},payment,{10**10}," for number in range(11)]
    lines_write(folder, [*lines_of(folder), *huge])
    report = load(store, folder)
    assert dict(count(report).set_aside) == {"month_total_too_large": 21}


def test_a_month_reads_its_own_events_only(tmp_path, store, monkeypatch):
    load(store, write(tmp_path / "september", months_later(MONTH, -1)), months_later(MONTH, -1))
    read = []
    real = duckdb.DuckDBPyConnection.read_parquet
    monkeypatch.setattr("weidai.assessment.population.engines._Duck.read",
                        lambda self, files: read.append(list(files)) or __import__("narwhals").from_native(
                            real(self.engine, [str(file) for file in files])))
    load(store, write(tmp_path / "october"))
    assert len(read) == 1
    assert duckdb.read_parquet([str(file) for file in store.month_files("events", MONTH)]).count("*").fetchall()[0] == (PAYMENTS,)
    for path in store.month_files("events", months_later(MONTH, -1)):
        path.unlink()  # not even there any more
    write(tmp_path / "october", payments=9)
    load(store, tmp_path / "october")
    assert totals(store)[2] < PAYMENTS


def test_the_reference_page_names_every_column_and_every_reason():
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "extracts.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        part = page.split(f"## {table.name}\n")[1].split("\n## ")[0]
        assert re.findall(r"^\| `(\w+)` \|", part, flags=re.MULTILINE) == [field.name for field in table.fields]
    for code, text in REASONS.items():
        assert f"| `{code}` | {text.zh} | {text.en} |" in page
