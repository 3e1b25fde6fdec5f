"""`weidai db …`: the embedded PostgreSQL, migrations, back-up and restore."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import typer

from weidai.cli.output import console, django_ready, print_json

app = typer.Typer(help="数据库 / The embedded PostgreSQL (or the one in DATABASE_URL).", no_args_is_help=True)


def _cluster():  # type: ignore[no-untyped-def]
    from weidai.platform.postgres import Cluster, home_directory

    if os.environ.get("DATABASE_URL"):
        raise typer.BadParameter("DATABASE_URL is set: manage that server with its own tools")
    return Cluster(home_directory())


@app.command()
def start() -> None:
    """启动 / Start the embedded PostgreSQL and wait until it answers."""
    _cluster().start(report=console.print)
    console.print("PostgreSQL 已就绪 / ready")


@app.command()
def stop() -> None:
    """停止 / Stop the embedded PostgreSQL."""
    _cluster().stop()
    console.print("PostgreSQL 已停止 / stopped")


@app.command()
def status(json: bool = typer.Option(False, "--json")) -> None:
    """状态 / Show whether it runs, where, and how large it is."""
    found = _cluster().status()
    facts = {
        "running": found.running, "ready": found.ready, "pid": found.pid, "version": found.version,
        "data_directory": found.data_directory, "socket_directory": found.socket_directory,
        "size_bytes": found.size_bytes,
    }
    if json:
        print_json(facts)
    else:
        for key, value in facts.items():
            console.print(f"{key:18} {value}")


@app.command()
def migrate() -> None:
    """升级表结构 / Bring the tables up to this version (as the owner role) and apply the revoked rights."""
    django_ready("owner")
    from django.core.management import call_command

    from weidai.platform.privileges import privileges_apply

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    privileges_apply()
    console.print("表结构已是最新 / tables are up to date")


@app.command()
def backup(target: Path) -> None:
    """备份 / Write a consistent copy of the database to a file while it is in use."""
    _cluster().backup(target)
    console.print(f"备份完成 / backed up to {target} ({target.stat().st_size:,} bytes)")


@app.command()
def restore(source: Path, yes: bool = typer.Option(False, "--yes", help="do not ask")) -> None:
    """恢复 / Replace the database by a back-up; the present one is kept as weidai_before_restore."""
    if not yes:
        typer.confirm("将用备份替换当前数据库 / This replaces the present database. Continue?", abort=True)
    _cluster().restore(source)
    console.print("已恢复 / restored")


@app.command()
def psql() -> None:
    """打开 SQL 会话 / Open an interactive SQL session."""
    raise SystemExit(subprocess.call(_cluster().psql_command()))
