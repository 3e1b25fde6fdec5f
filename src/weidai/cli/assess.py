"""`weidai assess`: the monthly update of the whole population out of an extract (R2.3, R2.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from weidai.cli.output import console, django_ready, print_json, print_table

if TYPE_CHECKING:
    from weidai.assessment.services.monthly import Told
    from weidai.assessment.services.population import PopulationReport

ROWS_SET_ASIDE = 3
_STEPS = {
    "people": "检查人员 / checking people", "payments": "检查支付 / checking payments",
    "balances": "检查余额 / checking balances", "contacts": "检查好友 / checking contacts",
    "card_limits": "检查信用卡额度 / checking card limits", "customer_month": "按人按月汇总 / summing by person and month",
    "profiles": "计算画像 / computing profiles", "scores": "计算评分 / computing scores",
    "assess": "评估客户 / assessing customers",
}


def assess(
    month: datetime = typer.Option(..., formats=["%Y-%m"], help="the complete month whose data decide, YYYY-MM"),
    extract: Path | None = typer.Option(None, help="folder of the extract; without it what was loaded before counts"),
    engine: str = typer.Option("duckdb", help="duckdb, polars or spark"),
    load_only: bool = typer.Option(False, "--load-only", help="load the extract, assess nobody: for earlier months"),
    scores: Path | None = typer.Option(None, help="also write score and grade of everybody in the extract to this file"),
    quarantine: Path | None = typer.Option(None, help="where rows set aside go; default: beside what is kept"),
    json: bool = typer.Option(False, "--json", help="one JSON object"),
) -> None:
    """月度评估 / Load a month's extract and assess every customer; running it again writes what differs only.

    Exit code 0: every row was used. 3: done, but rows or files were set aside; the report says which and why.
    """
    django_ready()
    from weidai.assessment.population.engines import ENGINES
    from weidai.assessment.services.population import population_assess

    if engine not in ENGINES:
        raise typer.BadParameter(f"{engine}: duckdb, polars, spark", param_hint="--engine")
    if extract is None and load_only:
        raise typer.BadParameter("--load-only needs --extract", param_hint="--load-only")
    with _progress(quiet=json) as (step, told):
        report = population_assess(
            month.date().replace(day=1), folder=extract, engine_name=engine, load_only=load_only,  # type: ignore[arg-type]
            scores=scores, quarantine=quarantine, step=step, progress=told)
    if json:
        print_json(_facts(report))
    else:
        _print(report)
    if report.load is not None and not report.load.is_clean:
        raise typer.Exit(ROWS_SET_ASIDE)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[tuple[Callable[[str], None], Callable[[Told], None]]]:
    """Show the step at work and how many customers were assessed: a moving line on a terminal, plain lines elsewhere."""
    if quiet:
        yield (lambda _: None), (lambda _: None)
    elif console.is_terminal:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[people]}"), TimeElapsedColumn(),
                      console=console) as bars:
            task = bars.add_task("…", total=len(_STEPS), people="")
            yield (lambda step: bars.update(task, description=_STEPS[step], advance=1),
                   lambda told: bars.update(task, people=f"{told.people:,} 人 people"))
    else:
        yield (lambda step: console.print(f"{_STEPS[step]} …", soft_wrap=True),
               lambda told: console.print(f"  {told.people:,} 人 people", soft_wrap=True))


def _print(report: PopulationReport) -> None:
    load, told = report.load, report.told
    if load is not None:
        if load.was_there:
            console.print("该数据文件此前已入库，未重复处理 / these very files had been loaded before; nothing was done again")
        columns = ["表 table", "文件 files", "行 rows", "采用 used", "隔离 set aside"]
        print_table(f"数据文件 / extract {load.month:%Y-%m}", columns,
                    [(one.table, one.files, f"{one.rows:,}", f"{one.accepted:,}", f"{one.quarantined:,}") for one in load.counts])
        _print_set_aside(report)
        for month, rows in sorted(load.late.items()):
            console.print(f"迟到数据 / late events: {rows:,} → {month}")
    if told is not None:
        print_table(f"评估 / assessments, {report.engine}", ["项 item", "人数 people"], [
            ("实名客户 / verified customers", f"{told.people:,}"), ("新写入 / written", f"{told.written - told.corrected:,}"),
            ("数据更正 / corrected", f"{told.corrected:,}"), ("无变化 / unchanged", f"{told.unchanged:,}"),
            ("等级变化已通知 / told of a new grade", f"{told.grade_changes:,}")])


def _print_set_aside(report: PopulationReport) -> None:
    from weidai.assessment.extracts.schemas import REASONS

    assert report.load is not None
    reasons = [(one.table, code, f"{rows:,}", f"{REASONS[code].zh} {REASONS[code].en}")
               for one in report.load.counts for code, rows in sorted(one.set_aside.items())]
    reasons += [(one.table, code, name, f"{REASONS[code].zh} {REASONS[code].en}")
                for one in report.load.counts for name, code in sorted(one.files_refused.items())]
    if reasons:
        columns = ["表 table", "代码 code", "行或文件 rows or file", "说明 meaning"]
        print_table("隔离原因 / why rows were set aside", columns, reasons)
        console.print(f"隔离文件 / rows set aside: {report.load.quarantine}", soft_wrap=True)
    for one in report.load.counts:
        if one.unknown_columns:
            console.print(f"{one.table}: 未使用的列 / columns not used: {', '.join(one.unknown_columns)}", soft_wrap=True)


def _facts(report: PopulationReport) -> dict[str, Any]:
    load, told = report.load, report.told
    return {
        "month": f"{report.month:%Y-%m}", "engine": report.engine,
        "load": None if load is None else {
            "was_there": load.was_there, "quarantine": str(load.quarantine), "late": load.late,
            "tables": {one.table: {"files": one.files, "rows": one.rows, "used": one.accepted, "set_aside": one.set_aside,
                                   "files_refused": one.files_refused, "unknown_columns": list(one.unknown_columns)}
                       for one in load.counts}},
        "assessments": None if told is None else {
            "people": told.people, "written": told.written - told.corrected, "corrected": told.corrected,
            "unchanged": told.unchanged, "grade_changes": told.grade_changes}}
