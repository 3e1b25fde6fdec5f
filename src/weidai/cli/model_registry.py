"""`weidai model register|promote|retire|list|show|drift|table`: models of this installation, in its database (R2.6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import typer
from rich.markup import escape

from weidai.cli.output import console, django_ready, errors, print_json, print_table

AS = typer.Option(..., "--as", help="user name of the staff account that acts; its roles decide what it may")
_JSON = typer.Option(False, "--json", help="one JSON object")
_VIEW, _REGISTER, _PROMOTE = "assessment.model.view", "assessment.model.register", "assessment.model.promote"


def register(folder: Path = typer.Argument(..., help="a folder written by weidai model train"), acting: str = AS) -> None:
    """登记 / Keep a trained model as a candidate: its bytes, hashes, report and card."""
    with _as(acting, _REGISTER) as staff_id:
        from weidai.assessment.scorecards.registry import model_get, model_register

        row = model_get(model_register(folder, registered_by=staff_id))
        console.print(f"已登记 / registered: {escape(row.name)}:{row.version} {row.artefact_hash}", soft_wrap=True)


def promote(
    which: str = typer.Argument(..., help="NAME, NAME:VERSION or the beginning of the hash"),
    to: str = typer.Option("shadow", "--to", help="shadow or champion"),
    note: str = typer.Option(..., "--note", help="what was looked at"), acting: str = AS,
) -> None:
    """启用 / Let a model score beside live decisions, or make the shadow champion; never by who registered it."""
    with _as(acting, _PROMOTE) as staff_id:
        from weidai.assessment.scorecards.registry import model_find, model_promote

        model_promote(model_find(which), to=to, promoted_by=staff_id, note=note)
        console.print(f"已启用 / at work: {escape(which)} → {to}", soft_wrap=True)


def retire(which: str, note: str = typer.Option(..., "--note", help="why"), acting: str = AS) -> None:
    """停用 / Take a model out of work."""
    with _as(acting, _PROMOTE) as staff_id:
        from weidai.assessment.scorecards.registry import model_find, model_retire

        model_retire(model_find(which), retired_by=staff_id, note=note)
        console.print(f"已停用 / retired: {escape(which)}", soft_wrap=True)


def list_command(json: bool = _JSON) -> None:
    """列出 / List registered models; the points table stays the default."""
    django_ready()
    from weidai.assessment.scorecards.registry import model_list

    rows = model_list()
    if json:
        print_json([_plain(row) for row in rows])
        return
    console.print("积分表（规则集）决定评分与等级；模型并行评分。 / "
                  "The points table of the pack decides; models score beside it.",
                  soft_wrap=True)
    print_table("模型 / Models", ["模型 model", "类型 kind", "状态 state", "AUC", "评分 scores", "p50 µs", "SHA-256"], [
        (f"{row.name}:{row.version}", f"{row.kind_text.zh} {row.kind}", f"{row.state_text.zh} {row.state}", f"{row.auc:.4f}",
         row.score_count, row.micros_p50 or "", row.artefact_hash[:12]) for row in rows], whole=True)


def show(which: str, json: bool = _JSON) -> None:
    """显示 / Show one model: origin, figures, drift by month."""
    django_ready()
    from weidai.assessment.scorecards.drift import drift_rows
    from weidai.assessment.scorecards.registry import model_content, model_find, model_get

    row = model_get(model_find(which))
    months = drift_rows(row.id)
    if json:
        results = model_content(row.id)["results"]
        print_json({**_plain(row), "results": results, "drift": [asdict(one) for one in months]})
        return
    for key, value in _plain(row).items():
        console.print(f"{key:16} {value}", highlight=False, markup=False, soft_wrap=True)
    print_table("漂移 / Drift", ["月 month", "评分 scores", "PSI", "变动最大的输入 most shifted"], [
        (f"{one.month:%Y-%m}", one.rows, f"{one.score_psi:.3f}",
         ", ".join(f"{name} {value:.3f}" for name, value in one.inputs[:3])) for one in months], whole=True)


def drift(month: datetime | None = typer.Option(None, formats=["%Y-%m"], help="e.g. 2026-11 (default: this month)")) -> None:
    """漂移 / Compute one month's PSI of scores and inputs for every model at work."""
    django_ready()
    from weidai.assessment.scorecards.drift import drift_update
    from weidai.assessment.scorecards.live import models_at_work
    from weidai.platform import clock

    written = drift_update(month.date() if month else clock.today(), models_at_work())
    console.print(f"{written} 个模型已计算 / models computed")


def table(
    out: Path = typer.Argument(..., help="the CSV file to write"),
    months: int = typer.Option(6, min=1, max=24, help="bad = an overdue spell began within so many months"),
) -> None:
    """导出建模表 / Write past assessments with what became of the loans: numbers only, no names, ready for train."""
    django_ready()
    from weidai.assessment.scorecards.history import history_write

    count = history_write(out, months=months)
    if not count:
        errors.print("没有已满观察期的借款客户 / no borrower's outcome is old enough yet")
        raise typer.Exit(1)
    console.print(f"{count:,} 行 rows → {out} (目标 target: bad，时间 time: assessed_on)", soft_wrap=True)


def commands_add(app: typer.Typer) -> None:
    """Put these commands under `weidai model`."""
    for name, command in (("register", register), ("promote", promote), ("retire", retire), ("list", list_command),
                          ("show", show), ("drift", drift), ("table", table)):
        app.command(name)(command)


@contextmanager
def _as(username: str, permission: str) -> Iterator[UUID]:
    """Act as a staff account that holds a permission; its id goes on record."""
    django_ready()
    from weidai.audit.services import Actor, acting_as
    from weidai.staff import rules, selectors

    found = selectors.user_id_by_username(username)
    if found is None:
        raise typer.BadParameter(f"{username}: 没有这个员工 / no such staff account", param_hint="--as")
    if not rules.may(selectors.roles_of(UUID(found)), permission):
        raise typer.BadParameter(f"{username}: 缺少权限 / lacks the permission {permission}", param_hint="--as")
    with acting_as(Actor("staff", found)):
        yield UUID(found)


def _plain(row: Any) -> dict[str, Any]:
    values = asdict(row)
    return {key: (value["en"] if isinstance(value, dict) else value) for key, value in values.items()
            if key not in ("kind_text", "state_text")}
