"""`weidai policy …`: check packs, take a version from draft to publication, make past decisions again (R8.6)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from weidai.cli.output import console, django_ready, errors, print_json, print_table
from weidai.kernel.text import Text

if TYPE_CHECKING:  # rooms are only imported once Django is ready
    from weidai.policy.errors import PolicyRefused
    from weidai.policy.rules.comparing import Totals
    from weidai.policy.selectors_console import VersionRow

app = typer.Typer(help="规则包 / Policy packs: check, compare, approve, publish, replay.", no_args_is_help=True)
AS = typer.Option(..., "--as", help="user name of the staff account that acts; its roles decide what it may")
REASON = typer.Option(..., "--reason", help="kept on record")
JSON = typer.Option(False, "--json", help="one JSON document")
_DRAFT, _APPROVE = "policy.pack.draft", "policy.pack.approve"


@app.command()
def validate(
    path: Path = typer.Argument(..., help="folder of one version, folder of versions, or one file of a version"),
    json: bool = JSON,
) -> None:
    """检查规则包 / Check a pack: every fault with file, line and rule; exit 1 when there is one."""
    django_ready()
    from weidai.policy.services import files_check

    if not path.exists():
        raise typer.BadParameter(f"{path}: 不存在 / does not exist", param_hint="PATH")
    only = path.name if path.is_file() else None
    found = []
    for name, files in _versions_at(path):
        checked = files_check(files, label=name)
        faults = [fault for fault in checked.faults if only is None or fault.file.endswith(f"/{only}")]
        found.append({"folder": name, "version": checked.pack.version if checked.pack else None,
                      "case_count": checked.case_count, "faults": [_fault_json(fault) for fault in faults],
                      "warnings": [_fault_json(row.refused) | {"begins_on": row.begins_on} for row in checked.warnings]})
        if not json:
            _checked_print(name, faults, checked.warnings, checked.case_count)
    if json:
        print_json(found)
    raise typer.Exit(1 if any(one["faults"] for one in found) else 0)


@app.command("list")
def list_command(json: bool = JSON) -> None:
    """列出版本 / List which version held when, and the versions drafted here."""
    django_ready()
    from weidai.policy import selectors_console as lists

    held, drafted = lists.held_list(), lists.versions_list()
    if json:
        print_json({"held": [asdict(row) for row in held],
                    "drafted": [_version_json(row) for row in drafted]})
        return
    print_table("生效历史 / Which held when", ["版本 version", "起 from", "止 until", "来源 source", ""], [
        (row.version, row.since, row.until or "", "发布 published" if row.is_published else "目录 folder",
         "← 当前 now" if row.is_now else "") for row in held], whole=True)
    print_table("起草的版本 / Drafted here", ["编号 id", "标题 title", "状态 state", "版本 version", "生效 from"], [
        (str(row.id)[-12:], escape(row.title), f"{row.state_text.zh} {row.state}", row.version, row.effective_from or "")
        for row in drafted], whole=True)


@app.command()
def show(
    which: str = typer.Argument("live", help="version, its beginning, the id of a draft, or live"),
    section: str = typer.Option("", help="one file only, e.g. limits"),
    json: bool = JSON,
) -> None:
    """查看版本 / Show a version's numbers in words."""
    django_ready()
    from weidai.policy import selectors_console as lists

    pack = lists.pack_named(which)
    views = [view for view in lists.sections_of(pack) if not section or view.name == section]
    if not views:
        raise typer.BadParameter(f"{section}: 没有该文件 / no such file", param_hint="--section")
    if json:
        print_json({"version": pack.version, "content_hash": pack.content_hash,
                    "sections": {view.name: {key: asdict(value) for key, value in view.rows} for view in views}})
        return
    console.print(f"[bold]{pack.version}[/bold] · {pack.licence_type} · SHA-256 {pack.content_hash}", soft_wrap=True)
    for view in views:
        print_table(f"{view.title.zh} / {view.title.en} ({view.name}.toml)", ["key", "值 value"],
                    [(escape(key), _both(value)) for key, value in view.rows])


@app.command()
def diff(
    a: str = typer.Argument(..., metavar="A"), b: str = typer.Argument("live", metavar="B"), json: bool = JSON,
) -> None:
    """比较版本 / Compare two versions key by key; exit 1 when they differ."""
    django_ready()
    from weidai.policy import selectors_console as lists

    before, after = lists.pack_named(a), lists.pack_named(b)
    rows = lists.diff(before, after)
    if json:
        print_json({"a": before.version, "b": after.version, "differences": [asdict(row) for row in rows]})
        raise typer.Exit(1 if rows else 0)
    console.print(f"[red]- {before.version}[/red]\n[green]+ {after.version}[/green]", soft_wrap=True)
    table = Table()
    for column in ("文件 file", "键 key", "原值 before", "新值 after"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(f"{row.section}.toml", escape(row.key), f"[red]{_both(row.before)}[/red]" if row.kind != "added" else "",
                      f"[green]{_both(row.after)}[/green]" if row.kind != "removed" else "")
    console.print(table if rows else "没有差异 / no difference")
    raise typer.Exit(1 if rows else 0)


@app.command()
def draft(
    title: str = typer.Option(..., "--title", help="what the version is for"),
    acting: str = AS,
    folder: Path | None = typer.Option(None, "--from", help="folder with the files of the version"),
    based_on: str = typer.Option("", "--based-on", help="version to copy (default: the one in force)"),
    effective_from: str = typer.Option("", help="its first day, e.g. 2027-01-01"),
) -> None:
    """起草版本 / Begin a version: a copy of another, or the files of a folder."""
    with _as(acting, _DRAFT) as staff_id:
        from weidai.policy import selectors_console as lists
        from weidai.policy.pack import files_read
        from weidai.policy.services import version_check, version_draft

        source = lists.pack_named(based_on).version if based_on else None
        version_id = version_draft(
            title=title, staff_id=staff_id, based_on=source, files=files_read(folder) if folder else None,
            effective_from=date.fromisoformat(effective_from) if effective_from else None)
        checked = version_check(version_id)
    _checked_print(title, checked.faults, checked.warnings, checked.case_count)
    console.print(f"草稿编号 / id: {version_id}", soft_wrap=True)


@app.command()
def submit(which: str, acting: str = AS) -> None:
    """提交 / Validate a draft and fix its content."""
    with _as(acting, _DRAFT) as staff_id:
        from weidai.policy.services import version_submit

        console.print(f"已验证 / validated: {version_submit(_found(which).id, staff_id=staff_id)}", soft_wrap=True)


@app.command()
def shadow(which: str, acting: str = AS) -> None:
    """影子运行 / Let a validated version decide beside the live one, without effect."""
    with _as(acting, _DRAFT) as staff_id:
        from weidai.policy.services import version_shadow

        version_shadow(_found(which).id, staff_id=staff_id)
        console.print("影子运行已开始 / in shadow")


@app.command()
def approve(which: str, acting: str = AS, note: str = typer.Option(..., "--note", help="what was looked at")) -> None:
    """复核 / Approve a version in shadow, as a second person."""
    with _as(acting, _APPROVE) as staff_id:
        from weidai.policy.services import version_approve

        version_approve(_found(which).id, staff_id=staff_id, note=note)
        console.print("已复核 / approved")


@app.command()
def publish(which: str, acting: str = AS) -> None:
    """发布 / Put an approved version in force from its first day on."""
    with _as(acting, _APPROVE) as staff_id:
        from weidai.policy.services import version_publish

        console.print(f"已发布，生效日期 / published, in force from {version_publish(_found(which).id, staff_id=staff_id)}")


@app.command()
def rollback(which: str, acting: str = AS, reason: str = REASON) -> None:
    """回滚 / Take the newest published version out of force again."""
    with _as(acting, _APPROVE) as staff_id:
        from weidai.policy.services import version_rollback

        returning = version_rollback(_found(which).id, reason=reason, staff_id=staff_id)
        console.print(f"已回滚，重新生效 / rolled back; in force again: {returning}", soft_wrap=True)


@app.command()
def reopen(which: str, acting: str = AS, reason: str = REASON) -> None:
    """退回草稿 / Return a version to draft; its approval is lost."""
    with _as(acting, _DRAFT) as staff_id:
        from weidai.policy.services import version_reopen

        version_reopen(_found(which).id, reason=reason, staff_id=staff_id)
        console.print("已退回草稿 / a draft again")


@app.command()
def replay(
    month: str = typer.Option("", help="calendar month, e.g. 2026-10 (default: the last complete one)"),
    under: str = typer.Option("", help="version to decide under (default: the one each decision was made with)"),
    kind: list[str] = typer.Option([], help="assessment, screening, final_review, limit_review, risk; may be repeated"),
    out: Path | None = typer.Option(None, "--csv", help="write every changed decision to this file"),
    json: bool = JSON,
) -> None:
    """回放 / Make a month's decisions again; without --under exit 1 unless every one comes out bit for bit the same."""
    django_ready()
    from weidai.platform import clock
    from weidai.policy import selectors_console as lists
    from weidai.policy.services import month_bounds, replay_ask, replay_run

    today = clock.today()
    first = _month(month) if month else (today.replace(day=1).replace(
        year=today.year - (today.month == 1), month=today.month - 1 or 12))
    if unknown := sorted(set(kind) - set(lists.kind_names())):
        raise typer.BadParameter(f"{', '.join(unknown)}: {', '.join(lists.kind_names())}", param_hint="--kind")
    version = lists.pack_named(under).version if under else ""
    since, until = month_bounds(first)
    run_id = replay_ask(since=since, until=until, asked_by="command line", under=version, kinds=kind)
    with _progress() as told:
        totals = replay_run(run_id, told)
    if out is not None:
        _csv_write(out, run_id)
    if json:
        print_json({"id": run_id, "month": f"{first:%Y-%m}", "under": version or "recorded",
                    "totals": {code: asdict(one) for code, one in totals.items()}})
    else:
        _totals_print(f"{first:%Y-%m}", version, totals)
    is_same = all(one.same_count == one.count for one in totals.values())
    raise typer.Exit(0 if version or is_same else 1)


@contextmanager
def _as(username: str, permission: str) -> Iterator[str]:
    """Act as a staff account that holds the permission; its id. The command line knows no password: the shell is trusted."""
    django_ready()
    from uuid import UUID

    from weidai.audit.services import Actor, acting_as
    from weidai.staff import rules, selectors

    staff_id = selectors.user_id_by_username(username)
    if staff_id is None:
        raise typer.BadParameter(f"{username}: 没有这个账号 / no such account", param_hint="--as")
    if not rules.may(selectors.roles_of(UUID(staff_id)), permission):
        raise typer.BadParameter(f"{username}: 没有权限 / does not hold {permission}", param_hint="--as")
    with acting_as(Actor("staff", staff_id)):
        yield staff_id


def _versions_at(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Return (name, files) of the versions at a path; a single file without a pack beside it joins the folder's newest."""
    from weidai.policy import selectors
    from weidai.policy.pack import files_read

    folder = path.parent if path.is_file() else path
    if (folder / "pack.toml").exists():
        return [(folder.name, files_read(folder))]
    if path.is_file():
        if path.suffix != ".toml":
            raise typer.BadParameter(f"{path}: 不是 .toml 文件 / is not a .toml file", param_hint="PATH")
        own = {name: text for name, text in files_read(folder).items() if name == path.name}
        return [(folder.name, {**selectors.pack_list()[-1].files, **own})]
    versions = sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))
    if not versions:
        raise typer.BadParameter(f"{path}: 没有规则包 / holds no pack", param_hint="PATH")
    return [(one.name, files_read(one)) for one in versions]


def _found(which: str) -> VersionRow:
    from weidai.policy import selectors_console as lists

    return lists.version_find(which)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise typer.BadParameter(f"{text}: 例如 / for example 2026-10", param_hint="--month") from None


@contextmanager
def _progress() -> Iterator[Any]:
    """A bar on a terminal; elsewhere a line at the start."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task("回放 / replay", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _totals_print(month: str, version: str, totals: dict[str, Totals]) -> None:
    from weidai.kernel.money import yuan_text
    from weidai.policy import selectors_console as lists

    names = lists.kind_names()
    print_table(f"回放 / Replay {month} · {version or '各自版本 / recorded versions'}", [
        "决策 decision", "笔数 count", "一致 same", "不同 different", "通过 approved", "额度 limits (CNY)",
        "预期损失（估算）expected loss (CNY)"], [
        (f"{names[code].zh} {code}", f"{one.count:,}", f"{one.same_count:,}", f"{one.count - one.same_count:,}",
         f"{one.approved_before:,} → {one.approved_after:,} (+{one.newly_approved:,} -{one.newly_declined:,})",
         f"{yuan_text(one.amount_before_fen)} → {yuan_text(one.amount_after_fen)}",
         f"{yuan_text(one.loss_before_fen)} → {yuan_text(one.loss_after_fen)}")
        for code, one in totals.items() if one.count], whole=True)
    if gone := sum(one.not_decided_count for one in totals.values()):
        console.print(f"[red]{gone:,} 个无法判定（版本或产品不在）/ not decidable (no such version or product)[/red]")
    count, same = (sum(values) for values in zip(*((one.count, one.same_count) for one in totals.values()), strict=True))
    if count == same:
        console.print(f"[green]✓ {count:,} 个决定逐位一致 / {count:,} decisions, all bit for bit the same[/green]")
    else:
        console.print(f"[yellow]{count - same:,} / {count:,} 个决定不同 / decisions differ[/yellow]")


def _csv_write(path: Path, run_id: Any) -> None:
    from weidai.policy import selectors_console as lists

    with path.open("w", newline="", encoding="utf-8-sig") as handle:
        writer = csv.writer(handle)
        writer.writerow(["customer_id", "kind", "subject_id", "decided_at", "pack_version", "key", "before", "after"])
        for row in lists.replay_changes_iterate(run_id, limit=1_000_000):
            for key, before, after in row.changes:
                writer.writerow([row.customer_id, row.kind, row.subject_id, row.decided_at.isoformat(), row.pack_version,
                                 key, before, after])
    console.print(f"已写入 / written: {path}", soft_wrap=True)


def _checked_print(name: str, faults: Any, warnings: Any, case_count: int) -> None:
    for fault in faults:
        console.print(f"[red]✗[/red] {_place(fault)}\n    {escape(fault.problem.zh)}\n    {escape(fault.problem.en)}\n"
                      f"    规则 / rule: {fault.rule}", soft_wrap=True, highlight=False)
    for one in warnings:
        console.print(f"[yellow]![/yellow] {one.begins_on} 起将违反 / will break from then on {one.refused.rule}: "
                      f"{_place(one.refused)}", soft_wrap=True, highlight=False)
    if faults:
        console.print(f"[red]{name}: {len(faults)} 处错误 / {len(faults)} faults[/red]")
    else:
        console.print(f"[green]✓ {name}: 没有错误，{case_count} 个用例通过 / no fault, {case_count} golden cases pass[/green]")


def _place(fault: PolicyRefused) -> str:
    return escape(f"{fault.file}:{fault.line or '?'} {fault.key}")


def _fault_json(fault: PolicyRefused) -> dict[str, object]:
    return {"file": fault.file, "line": fault.line, "key": fault.key, "rule": fault.rule, "zh": fault.problem.zh,
            "en": fault.problem.en}


def _version_json(row: VersionRow) -> dict[str, object]:
    return {key: value for key, value in asdict(row).items() if key != "files"}


def _both(text: Text) -> str:
    return escape(text.zh if text.zh == text.en else f"{text.zh} / {text.en}")
