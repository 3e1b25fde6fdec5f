"""Checking one table of an extract: each row is accepted or set aside with its first reason; nothing else can happen.

Set-based in DuckDB: one pass that types and judges every row, and one look for ids seen twice that carries only hashes
until a hash repeats. Accepted + set aside = rows, asserted for every table (R2.5).
"""

# ruff: noqa: S608 - SQL of our own schema; paths, values and foreign column names are quoted by `sources`

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from weidai.assessment.extracts.schemas import REASONS, Field, Table
from weidai.assessment.extracts.sources import FileRefused, Source, identifier, is_missing, quoted, source_open, typed


@dataclass(slots=True)
class TableCount:
    """What became of one table's rows; `files_refused` are files of which not one row could be read."""

    table: str
    files: int = 0
    rows: int = 0
    accepted: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    files_refused: dict[str, str] = field(default_factory=dict)  # file name → code of REASONS
    unknown_columns: tuple[str, ...] = ()

    @property
    def quarantined(self) -> int:
        """Rows set aside."""
        return sum(self.set_aside.values())


@dataclass(frozen=True, slots=True)
class Extra:
    """A rule of the load beside the schema: SQL that is true for a row to set aside, and the reason."""

    condition: str
    code: str


@dataclass(frozen=True, slots=True)
class Among:
    """A rule over all good rows of a table: given their relation, SQL that gives (part, row_no), and the reason."""

    query: Callable[[str], str]
    code: str


class Checker:
    """Checks tables into a folder: `{table}.accepted.parquet` beside the rows of one `quarantine.csv`."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        engine.execute("CREATE OR REPLACE TEMP TABLE quarantine"
                       " (table_name VARCHAR, file VARCHAR, row_no BIGINT, code VARCHAR)")
        engine.execute("CREATE OR REPLACE TEMP TABLE reasons (code VARCHAR, zh VARCHAR, en VARCHAR)")
        engine.executemany("INSERT INTO reasons VALUES (?, ?, ?)", [(code, text.zh, text.en) for code, text in REASONS.items()])

    def table_check(self, table: Table, files: Sequence[Path], *, extras: Sequence[Extra] = (),
                    among: Sequence[Among] = ()) -> TableCount:
        """Check the parts of one table; files that cannot be read at all are told and passed over."""
        count = TableCount(table.name, files=len(files))
        parts: dict[Path, str] = {}  # judged file → name of the file it came from
        for file in files:
            try:
                source = source_open(self.engine, table, file, scratch=self.folder)
                parts[self._judge(table, source, len(parts), extras)] = file.name
                count.unknown_columns = tuple(sorted({*count.unknown_columns, *source.unknown}))
            except FileRefused as refused:
                count.files_refused[file.name] = refused.code
            except duckdb.Error:  # a page in the middle is damaged: seen only while reading
                count.files_refused[file.name] = "file_unreadable"
        self._accept(table, parts, count, among)
        assert count.accepted + count.quarantined == count.rows, (table.name, count)
        return count

    def quarantine_write(self, target: Path) -> int:
        """Write everything set aside, in order, with the reason in both languages; return the rows."""
        self.engine.execute(
            "COPY (SELECT q.table_name AS \"table\", q.file, q.row_no AS \"row\", q.code, r.zh, r.en FROM quarantine q"
            f" LEFT JOIN reasons r USING (code) ORDER BY q.table_name, q.file, q.row_no) TO {quoted(target)}"
            " (FORMAT csv, HEADER)")
        return int(self.engine.execute("SELECT count(*) FROM quarantine").fetchall()[0][0])

    def _judge(self, table: Table, source: Source, place: int, extras: Sequence[Extra]) -> Path:
        """Write every row of a file with its typed fields and its reason, or null."""
        target = self.folder / f"{table.name}.{place}.judged.parquet"
        cells = ", ".join(f"{typed(field, source)} AS {identifier(field.name)}, {is_missing(field, source)}"
                          f" AS {identifier('no_' + field.name)}" for field in table.fields)
        rules = ["spoiled IS NOT NULL THEN spoiled"]
        rules += ["true THEN 'missing_column'"] if source.missing else []
        rules += [rule for field in table.fields for rule in _rules(field)]
        rules += [f"{extra.condition} THEN '{extra.code}'" for extra in extras]
        kept = ", ".join(identifier(field.name) for field in table.fields)
        self.engine.execute(
            f"COPY (SELECT {place} AS part, row_no, {kept}, CASE WHEN {' WHEN '.join(rules)} END AS reason"
            f" FROM (SELECT row_no, spoiled, {cells} FROM ({source.query}))) TO {quoted(target)} (FORMAT parquet)")
        self.engine.execute(
            f"INSERT INTO quarantine SELECT ?, ?, row_no, reason FROM read_parquet({quoted(target)})"
            " WHERE reason IS NOT NULL", [table.name, source.file.name])
        return target

    def _accept(self, table: Table, parts: Mapping[Path, str], count: TableCount, among: Sequence[Among]) -> None:
        target = self.folder / f"{table.name}.accepted.parquet"
        kept = ", ".join(identifier(field.name) for field in table.fields)
        if not parts:
            empty = ", ".join(f"NULL::{'BIGINT' if field.kind == 'whole' else 'DATE' if field.kind == 'day' else 'VARCHAR'}"
                              f" AS {identifier(field.name)}" for field in table.fields)
            self.engine.execute(f"COPY (SELECT {empty} LIMIT 0) TO {quoted(target)} (FORMAT parquet)")
            return
        judged = "read_parquet([" + ", ".join(quoted(part) for part in parts) + "])"
        self._find_repeated(table, judged)
        for rule in among:
            good = f"(SELECT j.* FROM {judged} j ANTI JOIN repeated USING (part, row_no) WHERE j.reason IS NULL)"
            self.engine.execute(f"INSERT INTO repeated SELECT part, row_no, '{rule.code}' FROM ({rule.query(good)})")
        self.engine.execute(
            "INSERT INTO quarantine SELECT ?, ([" + ", ".join("?" for _ in parts) + "])[part + 1], row_no, code"
            " FROM repeated", [table.name, *parts.values()])
        self.engine.execute(
            f"COPY (SELECT {kept} FROM {judged} j ANTI JOIN repeated r USING (part, row_no) WHERE j.reason IS NULL)"
            f" TO {quoted(target)} (FORMAT parquet)")
        count.rows = self._number(f"SELECT count(*) FROM {judged}")
        count.accepted = self._number(f"SELECT count(*) FROM read_parquet({quoted(target)})")
        found = self.engine.execute("SELECT code, count(*) FROM quarantine WHERE table_name = ? GROUP BY code", [table.name])
        count.set_aside = {str(code): int(rows) for code, rows in found.fetchall()}
        for part in parts:
            part.unlink()

    def _find_repeated(self, table: Table, judged: str) -> None:
        """Fill `repeated` with every row whose key stands in an earlier row: hashes first, exact keys for those only."""
        keys = ", ".join(identifier(name) for name in table.key)
        self.engine.execute(
            "CREATE OR REPLACE TEMP TABLE repeated AS WITH twice AS ("
            f"SELECT hash({keys}) AS h FROM {judged} WHERE reason IS NULL GROUP BY h HAVING count(*) > 1)"
            " SELECT part, row_no, 'duplicate_id' AS code FROM (SELECT part, row_no,"
            f" row_number() OVER (PARTITION BY {keys} ORDER BY part, row_no) AS nth FROM {judged}"
            f" WHERE reason IS NULL AND hash({keys}) IN (SELECT h FROM twice)) WHERE nth > 1")

    def _number(self, query: str) -> int:
        return int(self.engine.execute(query).fetchall()[0][0])


def _rules(field: Field) -> list[str]:
    """Return `condition THEN 'reason'` for one column, in the order in which they are told."""
    name, missing = identifier(field.name), identifier("no_" + field.name)
    rules = [] if field.is_optional else [f"{missing} THEN 'missing_value'"]
    rules.append(f"NOT {missing} AND {name} IS NULL THEN 'wrong_type'")
    if field.name.endswith("_fen"):
        rules.append(f"{name} < 0 THEN 'negative_amount'")
    if field.low is not None:
        rules.append(f"{name} < {field.low} THEN 'out_of_range'")
    if field.high is not None:
        rules.append(f"{name} > {field.high} THEN 'out_of_range'")
    if field.one_of:
        rules.append(f"{name} NOT IN ({', '.join(quoted(one) for one in field.one_of)}) THEN 'unknown_value'")
    if field.pattern:
        rules.append(f"NOT regexp_full_match({name}, {quoted(field.pattern)}) THEN 'unknown_value'")
    return rules
