"""Files of an extract as DuckDB relations with row numbers and typed columns; what cannot be typed is told by row.

CSV is read line by line and split here, so that every line of the file is either accepted or set aside: comma between
fields, optional double quotes around a field, UTF-8, header first. Lines that are no text are replaced before.
"""

# ruff: noqa: S608 - SQL of our own schema; paths, values and foreign column names are quoted by `sources`

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

import duckdb

from weidai.assessment.extracts.schemas import Field, Table

SPOILED, BLANK = "\ufffd", "\ufffdblank"
_BOM = codecs.BOM_UTF8
_LONGEST_LINE = 20_000
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13))
_WHOLE = {"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT"}


@dataclass(frozen=True, slots=True)
class Source:
    """A readable file: SQL that gives `row_no`, every field as text or its own type, and `spoiled` (a reason or null)."""

    file: Path
    query: str
    columns: dict[str, str]  # name → DuckDB type
    unknown: tuple[str, ...]
    missing: tuple[str, ...]


class FileRefused(Exception):
    """A whole file cannot be used; `code` is one of REASONS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def source_open(engine: duckdb.DuckDBPyConnection, table: Table, file: Path, *, scratch: Path) -> Source:
    """Open a file; raise FileRefused when nothing in it can be read."""
    if file.stat().st_size == 0:
        raise FileRefused("file_empty")
    return _parquet(engine, table, file) if file.suffix == ".parquet" else _csv(table, file, scratch)


def _parquet(engine: duckdb.DuckDBPyConnection, table: Table, file: Path) -> Source:
    reader = f"read_parquet({quoted(file)}, file_row_number = true)"
    try:
        described = engine.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()
        engine.execute(f"SELECT count(*) FROM {reader}").fetchall()
    except duckdb.Error as error:
        raise FileRefused("file_unreadable") from error
    types = {str(name): str(kind) for name, kind, *_ in described if name != "file_row_number"}
    return _source(table, file, types, f"SELECT file_row_number + 1 AS row_no, NULL::VARCHAR AS spoiled, * FROM {reader}")


def _csv(table: Table, file: Path, scratch: Path) -> Source:
    with file.open("rb") as stream:
        first = stream.readline(_LONGEST_LINE)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in first:
        raise FileRefused("wrong_encoding")
    try:
        header = first.removeprefix(_BOM).decode("utf-8").strip("\r\n")
    except UnicodeDecodeError as error:
        raise FileRefused("wrong_encoding") from error
    names = [name.strip().strip('"') for name in header.split(",")]
    if not any(names):
        raise FileRefused("file_empty")
    plain = file if _is_plain(file) else _cleaned(file, scratch)
    reader = (f"read_csv({quoted(plain)}, columns = {{'line': 'VARCHAR'}}, auto_detect = false, header = true,"
              " delim = '\x01', quote = '', escape = '', new_line = '\\n', strict_mode = false)")
    cells = [f"nullif(trim(cells[{place}], ' \"'), '') AS {identifier(name)}" for place, name in enumerate(names, start=1)
             if names.index(name) == place - 1]
    spoiled = (f"CASE WHEN line IS NULL OR line = '{BLANK}' THEN 'blank_row'"
               f" WHEN starts_with(line, '{SPOILED}') THEN 'wrong_encoding'"
               f" WHEN len(cells) <> {len(names)} THEN 'wrong_field_count' END")
    query = (f"SELECT row_no, {spoiled} AS spoiled, {', '.join(cells)} FROM (SELECT row_number() OVER () AS row_no, line,"
             f" string_split(rtrim(line, '\r'), ',') AS cells FROM {reader})")
    return _source(table, file, dict.fromkeys(names, "VARCHAR"), query)


def _source(table: Table, file: Path, types: dict[str, str], query: str) -> Source:
    wanted = {field.name for field in table.fields}
    return Source(
        file, query, types, unknown=tuple(name for name in types if name not in wanted),
        missing=tuple(field.name for field in table.fields if not field.is_optional and field.name not in types))


def typed(field: Field, source: Source) -> str:
    """Return SQL for a column in its own type; what does not fit is null."""
    if field.name not in source.columns:
        return f"NULL::{_TYPES[field.kind]}"
    name, kind = identifier(field.name), source.columns[field.name]
    if field.kind == "whole":
        if kind in _WHOLE:
            return f"TRY_CAST({name} AS BIGINT)"
        return f"CASE WHEN regexp_full_match({_text(name, kind)}, '[+-]?[0-9]{{1,18}}') THEN" \
               f" TRY_CAST({_text(name, kind)} AS BIGINT) END"
    if field.kind == "day":
        if kind == "DATE":
            return name
        return f"CASE WHEN regexp_full_match({_text(name, kind)}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') THEN" \
               f" TRY_CAST({_text(name, kind)} AS DATE) END"
    return f"nullif({_text(name, kind)}, '')"


def is_missing(field: Field, source: Source) -> str:
    """Return SQL that tells whether the file gives no value."""
    if field.name not in source.columns:
        return "true"
    return f"({identifier(field.name)} IS NULL OR {_text(identifier(field.name), source.columns[field.name])} = '')" \
        if source.columns[field.name] == "VARCHAR" else f"{identifier(field.name)} IS NULL"


_TYPES = {"whole": "BIGINT", "text": "VARCHAR", "day": "DATE"}


def _text(name: str, kind: str) -> str:
    return name if kind == "VARCHAR" else f"TRY_CAST({name} AS VARCHAR)"


def identifier(name: str) -> str:
    """Return a column name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def quoted(path: Path | str) -> str:
    """Return a path or text as SQL writes it."""
    return "'" + str(path).replace("'", "''") + "'"


def _is_plain(file: Path) -> bool:
    """Say whether every line is UTF-8 text without control characters, none blank, none endless."""
    decoder, before, run = codecs.getincrementaldecoder("utf-8")(), b"", 0
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return False
            both = before[-2:] + chunk
            if len(chunk.translate(None, _CONTROLS)) != len(chunk) or b"\n\n" in both or b"\n\r\n" in both:
                return False
            if both.startswith((b"\n", b"\r\n")) and not before:
                return False
            lines = chunk.split(b"\n")
            if run + len(lines[0]) > _LONGEST_LINE or max(map(len, lines)) > _LONGEST_LINE:
                return False
            run = len(lines[-1]) if len(lines) > 1 else run + len(chunk)
            if b"\r" in chunk.replace(b"\r\n", b"").rstrip(b"\r") or SPOILED.encode() in both:
                return False
            before = chunk
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _cleaned(file: Path, scratch: Path) -> Path:
    """Copy a CSV line by line, each line that is no text replaced by a mark; the number of lines stays the same."""
    target = scratch / f"{file.stem}.cleaned.csv"
    with file.open("rb") as stream, target.open("wb") as out:
        for number, line in enumerate(stream):
            kept = line.rstrip(b"\r\n")
            if number == 0:
                out.write(kept + b"\n")
                continue
            try:
                text = kept.decode("utf-8")
                is_text = len(kept) <= _LONGEST_LINE and len(kept.translate(None, _CONTROLS + b"\r")) == len(kept)
            except UnicodeDecodeError:
                is_text = False
            if not is_text or text.startswith(SPOILED):
                out.write(SPOILED.encode() + b"\n")
            else:
                out.write((kept or BLANK.encode()) + b"\n")
    return target
