"""How `weidai loan explain` prints a debt: one table a section, both languages in every line."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from weidai.cli.output import console
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text

if TYPE_CHECKING:  # rooms are only imported once Django is ready
    from weidai.servicing.explain_sheet import SheetSection
    from weidai.servicing.selectors import LoanExplained

_STYLES = {"step": "dim", "charge": "", "paid": "green", "total": "bold"}


def explanation_json(found: LoanExplained) -> dict[str, Any]:
    """Return the whole derivation as plain values: the figures, every working behind them, and the sheet in words."""
    facts: dict[str, Any] = {
        "loan": asdict(found.loan), "on": found.on, "owed_fen": found.owed_fen, "payoff_fen": found.payoff_fen,
        "is_cooling_off": found.is_cooling_off, "agrees": found.agrees, "explanation": None,
        "sheet": [asdict(section) for section in found.sheet]}
    if found.explanation is not None:
        working = asdict(found.explanation)
        del working["state"]  # the loan's own record; the derivation stands without it
        for payment in working["payments"]:
            payment["lines"] = [line._asdict() for line in payment["lines"]]
        facts["explanation"] = working
    return facts


def explanation_print(found: LoanExplained, *, full: bool) -> None:
    """Print the sheet; without `full` only the installments that today's debt comes from."""
    console.print(f"[bold]{found.loan.number}[/bold] · {_both(found.loan.product_name)} · {found.on}")
    if found.explanation is None:
        console.print("当日款项尚未到账，没有欠款 / the money had not arrived on that day; nothing is owed")
        return
    shown = [section for section in found.sheet if full or section.is_open or section.group != "installment"]
    for section in shown:
        console.print(_table(section))
    if hidden := len(found.sheet) - len(shown):
        console.print(f"另有 {hidden} 期（待还或已还清），加 --all 显示 / "
                      f"--all shows {hidden} more installments, to come or paid")
    if found.agrees is not None:
        console.print("[green]✓ 与账务一致 / equal to the loan's record[/green]" if found.agrees else
                      "[red]✗ 与账务不一致 / differs from the loan's record[/red]")


def _table(section: SheetSection) -> Table:
    status = f" · {_both(section.status)}" if section.status else ""
    table = Table(title=f"{_both(section.title)}{status}", title_justify="left", show_lines=False, expand=False)
    table.add_column("项目 / item", overflow="fold")
    table.add_column("推导 / working", overflow="fold")
    table.add_column("¥", justify="right", no_wrap=True)
    for line in section.lines:
        table.add_row(
            _stacked(line.label), _stacked(line.working) if line.working else "",
            "" if line.amount_fen is None else yuan_text(line.amount_fen), style=_STYLES[line.kind])
    return table


def _both(text: Text) -> str:
    return f"{text.zh} / {text.en}"


def _stacked(text: Text) -> str:
    return f"{text.zh}\n{text.en}"
