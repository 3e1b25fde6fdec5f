"""`weidai ledger trial|general`: the trial balance and the general ledger, on the screen, as JSON or as a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from weidai.cli.output import console, django_ready, errors, print_json, print_table
from weidai.kernel.money import yuan_text

if TYPE_CHECKING:  # rooms are only imported once Django is ready
    from weidai.ledger.selectors import GeneralLedgerRow

_JSON = typer.Option(False, "--json", help="one JSON object")
_CSV = typer.Option(None, "--csv", help="write a CSV file (UTF-8 with signature, amounts in fen) instead of a table")
_DAY = ["%Y-%m-%d"]
_CSV_HEAD = ("day", "code", "name_zh", "name_en", "class", "debits_fen", "credits_fen", "balance_fen", "transfers")


def trial(json: bool = _JSON, csv_file: Path | None = _CSV) -> None:
    """试算平衡 / The trial balance of all books now; exit 1 unless debits equal credits."""
    django_ready()
    from weidai.ledger import selectors
    from weidai.platform import clock

    rows = [(clock.today(), row) for row in selectors.trial_balance()]
    _show("试算平衡 / Trial balance", rows, json=json, csv_file=csv_file)


def general(
    since: datetime | None = typer.Option(None, "--from", formats=_DAY, help="first closed day (default: the last one)"),
    until: datetime | None = typer.Option(None, "--to", formats=_DAY, help="last closed day (default: the last one)"),
    book: int = typer.Option(1, help="book"),
    json: bool = _JSON, csv_file: Path | None = _CSV,
) -> None:
    """总账 / The general ledger of closed days by account; exit 1 unless debits equal credits on them."""
    django_ready()
    from weidai.ledger import selectors
    from weidai.platform import books

    closed = books.business_date(book) - timedelta(days=1)
    first, last = (since.date() if since else closed), (until.date() if until else closed)
    if first > last:
        errors.print("--from 不能晚于 --to / --from must not be after --to", style="red")
        raise typer.Exit(2)
    rows = selectors.general_ledger_days(book, since=first, until=last)
    _show(f"总账 / General ledger {first} … {last}", rows, json=json, csv_file=csv_file)


def _show(title: str, rows: Sequence[tuple[date, GeneralLedgerRow]], *, json: bool, csv_file: Path | None) -> None:
    from weidai.ledger.rules import CHART_BY_CODE, AccountCode, is_debit_normal

    lines = []
    for day, row in rows:
        code = AccountCode(row.code)
        chart, net = CHART_BY_CODE[code], row.debits_fen - row.credits_fen
        lines.append((day.isoformat(), row.code, chart.name_zh, chart.name_en, chart.account_class.value, row.debits_fen,
                      row.credits_fen, net if is_debit_normal(code) else -net, row.transfer_count))
    debits, credits = sum(line[5] for line in lines), sum(line[6] for line in lines)
    if json:
        print_json({"rows": [dict(zip(_CSV_HEAD, line, strict=True)) for line in lines], "debits_fen": debits,
                    "credits_fen": credits})
    elif csv_file is not None:
        with csv_file.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([_CSV_HEAD, *lines])
        console.print(f"{csv_file}: {len(lines):,} 行 rows")
    else:
        print_table(title, ["day", "account", "debits ¥", "credits ¥", "balance ¥", "transfers"], [
            (line[0], f"{line[2]} {line[1]}", yuan_text(line[5]), yuan_text(line[6]), yuan_text(line[7]), f"{line[8]:,}")
            for line in lines])
        console.print(f"借 debits {yuan_text(debits)} · 贷 credits {yuan_text(credits)}")
    raise typer.Exit(0 if debits == credits else 1)
