"""`weidai reconcile`: a day of the bank's file against requests and ledger."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta

import typer

from weidai.cli.output import console, django_ready, print_json, print_table
from weidai.kernel.money import yuan_text


def reconcile(
    day: str = typer.Option("", help="business day, e.g. 2026-03-04 (default: the last closed day)"),
    json: bool = typer.Option(False, "--json", help="one JSON object"),
) -> None:
    """银行对账 / Compare a closed day with the bank's file and book what it resolves; exit 1 unless it balances."""
    django_ready()
    from weidai.platform import books
    from weidai.servicing.reconciliation_words import STATE_TEXTS
    from weidai.servicing.selectors import reconciliation as selectors
    from weidai.servicing.services.reconciliation import day_reconcile

    on = date.fromisoformat(day) if day else books.business_date() - timedelta(days=1)
    day_reconcile(on)
    run = selectors.reconciliation_run(on)
    assert run is not None, "the run was just written"
    items = [row for row in selectors.reconciliation_items_iterate(selectors.ItemFilter(day=on), limit=100_000)
             if row.outcome != "matched"]
    if json:
        print_json({"run": asdict(run), "items": [asdict(row) | {"difference_fen": row.difference_fen} for row in items]})
    else:
        print_table(f"银行对账 / Reconciliation {on}", ["account", "opening ¥", "in ¥", "out ¥", "closing ¥", "ledger ¥",
                                                    "timing ¥", "difference ¥"],
                    [(row.account, *(yuan_text(fen) for fen in (
                        row.opening_fen, row.in_fen, row.out_fen, row.closing_fen, row.ledger_fen, row.timing_fen,
                        row.difference_fen))) for row in run.totals])
        if items:
            print_table("差异与在途 / Differences and timing", ["reference", "outcome", "bank ¥", "ledger ¥", "what to do"], [
                (row.reference, f"{row.outcome_text.zh} / {row.outcome_text.en}", yuan_text(row.bank_fen),
                 yuan_text(row.ledger_fen), f"{row.advice_text.zh} / {row.advice_text.en}") for row in items])
        state = STATE_TEXTS[run.state]
        console.print(f"{state.zh} / {state.en} · 相符 matched {run.matched_count:,} · 在途 timing {run.timing_count:,} · "
                      f"差异 different {run.difference_count:,} · 补记 resolved {run.resolved_count:,}")
    raise typer.Exit(0 if run.state == "balanced" else 1)
