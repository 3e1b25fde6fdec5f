"""`weidai ledger|audit|clock|eod`: what auditors and operations ask for."""

from __future__ import annotations

from datetime import datetime, timedelta

import typer

from weidai.cli import general_ledger
from weidai.cli.output import console, django_ready, print_json, print_table
from weidai.kernel.money import yuan_text

ledger_app = typer.Typer(help="账本 / The double-entry ledger.", no_args_is_help=True)
audit_app = typer.Typer(help="存证 / The sealed event log.", no_args_is_help=True)
clock_app = typer.Typer(help="业务时钟 / The business clock.", no_args_is_help=True)
_JSON = typer.Option(False, "--json", help="one JSON object")
ledger_app.command("trial")(general_ledger.trial)
ledger_app.command("general")(general_ledger.general)


@ledger_app.command("check")
def ledger_check(json: bool = _JSON) -> None:
    """重建所有余额并比对 / Rebuild every balance and compare; exit 1 on any difference."""
    django_ready()
    from weidai.ledger import selectors

    outcome = selectors.check()
    balance = selectors.trial_balance()
    if json:
        print_json({
            "is_sound": outcome.is_sound, "accounts": outcome.account_count, "transfers": outcome.transfer_count,
            "debits_fen": outcome.debits_fen, "credits_fen": outcome.credits_fen,
            "differences": [{"account_id": d.account_id, "code": d.code, "stored": d.stored, "rebuilt": d.rebuilt}
                            for d in outcome.differences],
            "trial_balance": [{"code": r.code, "debits_fen": r.debits_fen, "credits_fen": r.credits_fen}
                              for r in balance],
        })
    else:
        print_table("试算平衡 / Trial balance", ["account", "debits ¥", "credits ¥"],
                    [(r.code, yuan_text(r.debits_fen), yuan_text(r.credits_fen)) for r in balance])
        verdict = "[green]一致 / sound[/green]" if outcome.is_sound else "[red]不一致 / differences found[/red]"
        console.print(f"{outcome.account_count:,} 账户 accounts · {outcome.transfer_count:,} 分录 transfers · "
                      f"借 debits {yuan_text(outcome.debits_fen)} = 贷 credits {yuan_text(outcome.credits_fen)} · {verdict}")
        for difference in outcome.differences:
            console.print(f"  {difference.account_id} {difference.code}: {difference.stored} ≠ {difference.rebuilt}")
    raise typer.Exit(0 if outcome.is_sound else 1)


@audit_app.command("verify")
def audit_verify(json: bool = _JSON) -> None:
    """校验每个事件与封存 / Recompute every event digest, seal, signature and link; exit 1 on any fault."""
    django_ready()
    from weidai.audit import selectors

    with console.status("校验中 / verifying"):
        outcome = selectors.verify()
    if json:
        print_json({"is_sound": outcome.is_sound, "events": outcome.event_count, "sealed": outcome.sealed_count,
                    "seals": outcome.seal_count, "faults": outcome.faults})
    else:
        verdict = "[green]完整 / intact[/green]" if outcome.is_sound else "[red]有问题 / faults found[/red]"
        console.print(f"{outcome.event_count:,} 事件 events · {outcome.sealed_count:,} 已封存 sealed · "
                      f"{outcome.seal_count:,} 封存 seals · {verdict}")
        for fault in outcome.faults:
            console.print(f"  {fault}")
    raise typer.Exit(0 if outcome.is_sound else 1)


@clock_app.command("show")
def clock_show(json: bool = _JSON) -> None:
    """显示 / Show business time and the open business date of every book."""
    django_ready()
    from weidai.platform import books, clock

    facts = {
        "business_now": clock.now().isoformat(), "business_today": clock.today().isoformat(),
        "ahead_of_wall_clock_seconds": int(clock.offset().total_seconds()),
        "books": {str(book): day.isoformat() for book, day in books.books_live()},
    }
    if json:
        print_json(facts)
    else:
        for key, value in facts.items():
            console.print(f"{key:28} {value}")


@clock_app.command("forward")
def clock_forward(days: int = typer.Argument(1, min=1, max=400, help="1–400")) -> None:
    """前进并逐日关账 / Move business time forward and live through every day: debits, closing, notices."""
    django_ready()
    from rich.progress import Progress

    from weidai.jobs import end_of_day as jobs
    from weidai.platform import clock

    with Progress(console=console) as progress:
        task = progress.add_task("关账 / closing days", total=days)
        for _ in range(days):
            clock.move_forward(timedelta(days=1))
            jobs.catch_up(clock.today())
            progress.advance(task)
    console.print(f"业务日期 / business date: {clock.today()}")


def end_of_day(
    until: datetime | None = typer.Option(None, formats=["%Y-%m-%d"],
                                          help="close every open day before this date (default: today)"),
    json: bool = _JSON,
) -> None:
    """日终 / Close every business day that is over; running it again does nothing."""
    django_ready()
    from weidai.jobs import end_of_day as jobs
    from weidai.platform import clock

    last = until.date() if until else clock.today()
    reports = jobs.catch_up(last)
    rows = [{"book": r.book_id, "day": r.day.isoformat(), "set_aside": r.set_aside} | {s.step: s.row_count for s in r.steps}
            for r in reports]
    if json:
        print_json({"closed": rows})
    elif rows:
        print_table("日终 / End of day", list(rows[0]), [list(row.values()) for row in rows])
    else:
        console.print("没有需要关闭的业务日 / no business day is waiting to be closed")
