"""`weidai run` and `weidai worker`: everything needed to use weidai, started and ended together."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

import typer

from weidai.cli.children import Children
from weidai.cli.output import console, django_ready, errors, phase

HOST = "127.0.0.1"
WEB_PORT, WORLD_PORT = 8800, 8900
_PORTS_TRIED = 20
# glibc: what a large picture took goes back to the system at once, instead of staying with each thread that held one.
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_ARENA_MAX": "4"}
_run_lock: IO[str] | None = None  # held open for the life of the process


def _free_port(wanted: int, *, is_fixed: bool) -> int:
    """Return the wanted port, or the next free one when the person did not insist."""
    for port in range(wanted, wanted + (1 if is_fixed else _PORTS_TRIED)):
        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    errors.print(f"端口 {wanted} 被占用 / port {wanted} is taken: weidai run --port N")
    raise typer.Exit(1)


def _wait_until_answers(url: str, children: Children, *, seconds: float = 180.0) -> None:
    """Return when the address answers 200; exit with the child's log when it ended instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ended := children.first_ended():
            _report_ended(ended.name, children)
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 (own loopback address)
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    errors.print(f"{url} 没有应答 / does not answer")
    children.stop_all()
    raise typer.Exit(1)


def _report_ended(name: str, children: Children) -> None:
    errors.print(f"[red]{name} 意外结束 / ended unexpectedly[/red]\n{children.log_tail(name)}")
    children.stop_all()
    raise typer.Exit(1)


def _home_alone() -> Path:
    """Return the home directory, taken for this run; a second run on it would end the first one's processes."""
    global _run_lock
    from weidai.platform.postgres import home_directory

    home = home_directory()
    home.mkdir(parents=True, exist_ok=True)
    _run_lock = (home / "run.lock").open("w")
    try:
        fcntl.flock(_run_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        errors.print(f"weidai 已在这个目录运行 / weidai is already running on {home}.\n"
                     "WEIDAI_HOME=… 可另开一套 / starts another one.")
        raise typer.Exit(1) from None
    return home


def _prepare_database(home: Path) -> None:
    """Start the database and bring tables and static files up to date."""
    from weidai.platform.postgres import Cluster

    if not os.environ.get("DATABASE_URL"):
        with phase("启动数据库 / starting PostgreSQL") as tell:
            Cluster(home).start(report=tell)
    stamp = home / "prepared"
    wanted = _version_stamp()
    if not stamp.exists() or stamp.read_text() != wanted:
        with phase("准备表结构与静态文件 / preparing tables and static files"):
            _run_prepared("weidai.cli.prepare")
        stamp.write_text(wanted)


def _version_stamp() -> str:
    """Return what changes when code changes: names, sizes and times of migrations and static files."""
    root = Path(__file__).resolve().parents[1]
    watched = sorted([*root.glob("*/migrations/*.py"), *root.glob("web/**/static/**/*"), root / "platform/settings.py"])
    return ";".join(f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in watched if path.is_file())


def _run_prepared(module: str) -> None:
    import subprocess

    result = subprocess.run(
        [sys.executable, "-m", module], env={**os.environ, "WEIDAI_DB_ROLE": "owner", "WEIDAI_STATIC_MANIFEST": "1"},
        capture_output=True, text=True, check=False,
    )
    if result.returncode != 0:
        errors.print(result.stdout[-3000:] + result.stderr[-3000:])
        raise typer.Exit(1)


def run(
    port: int = typer.Option(0, help=f"web port (default {WEB_PORT}, or the next free one)"),
    with_demo: bool = typer.Option(True, "--demo/--no-demo", help="load the demo lender and play the outside world"),
    customers: int = typer.Option(300, help="demo customers loaded in the background, 0–2000", min=0, max=2000),
    empty: bool = typer.Option(False, "--empty", help="demo staff and outside world, but no borrowers yet"),
) -> None:
    """启动全部 / Start the database, the sandbox world, the web server, the worker and the demo; Ctrl-C ends all."""
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell's background job starts with SIGINT ignored
        signal.signal(number, _raise_interrupt)
    home = _home_alone()
    children = Children(home)
    if children.end_leftovers():
        console.print("上次运行的残留进程已结束 / ended leftovers of an earlier run")
    try:
        _prepare_database(home)
        _run_everything(home, children, port=port, with_demo=with_demo, customers=0 if empty else customers,
                        is_empty=empty)
    except KeyboardInterrupt:
        console.print("\n正在停止 / stopping …")
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):  # a second Ctrl-C must not leave half of them running
            signal.signal(number, signal.SIG_IGN)
        children.stop_all()
        _stop_database(home)


def _raise_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop_database(home: Path) -> None:
    if not os.environ.get("DATABASE_URL"):
        from weidai.platform.postgres import Cluster

        Cluster(home).stop()


def _run_everything(
    home: Path, children: Children, *, port: int, with_demo: bool, customers: int, is_empty: bool,
) -> None:
    web_port = _free_port(port or WEB_PORT, is_fixed=bool(port))
    environment = {"WEIDAI_STATIC_MANIFEST": "1", "WEIDAI_DEMO": "1" if with_demo else "", "WEIDAI_LOG_FORMAT": "json"}
    world_url = ""
    if with_demo:
        world_port = _free_port(int(os.environ.get("WEIDAI_WORLD_PORT", WORLD_PORT)), is_fixed=False)
        world_url = f"http://{HOST}:{world_port}"
        children.start("world", _world_command(home, world_port, web_port), environment)
    environment["WEIDAI_SANDBOX_URL"] = world_url
    os.environ.update(environment | {"WEIDAI_LOG_FORMAT": ""})
    children.start("web", _web_command(web_port), environment | {"WEIDAI_DB_POOL": "8"} | _MEMORY)
    children.start("worker", [sys.executable, "-m", "weidai.cli", "worker"], environment)
    if _reads_papers():
        children.start("reader", [sys.executable, "-m", "weidai.cli", "reader"], environment)
    (home / "sandbox" / "address").unlink(missing_ok=True)
    if with_demo:
        _wait_until_answers(f"{world_url}/health", children)
        (home / "sandbox" / "address").write_text(world_url, encoding="utf-8")  # for commands given beside this one
        django_ready()
        from weidai.cli.demo import seed_foreground, seed_staff

        (seed_staff if is_empty else seed_foreground)()
    _wait_until_answers(f"http://{HOST}:{web_port}/health", children)
    _print_addresses(web_port, world_url)
    if with_demo and not is_empty:  # the stories with papers, then the second wave
        children.start("seeder", [sys.executable, "-m", "weidai.cli", "demo", "background", str(customers)], environment)
    _watch(children)


def _reads_papers() -> bool:
    """Say whether pictures of papers can be read here; without the vision group the pages ask for typing instead."""
    from weidai.vision.asking import is_installed

    return is_installed()


def _watch(children: Children) -> NoReturn:
    """Start again what ends by itself; give up, and say why, when it keeps ending. The seeder may end."""
    while True:
        if ended := children.first_ended():
            code = ended.process.returncode
            if ended.name == "seeder":
                if code:
                    errors.print(f"演示数据没有载完 / not all of the demo was loaded\n{children.log_tail('seeder')}")
            elif children.start_again(ended):
                errors.print(f"{ended.name} 已重新启动（退出码 {code}） / was started again (exit {code})")
            else:
                _report_ended(ended.name, children)
        time.sleep(0.5)


def _world_command(home: Path, port: int, web_port: int) -> list[str]:
    return [
        sys.executable, "-m", "sandbox_world", "--host", HOST, "--port", str(port), "--home", str(home / "sandbox"),
        "--callback-url", f"http://{HOST}:{web_port}/api/callbacks/sandbox",
    ]


def _web_command(port: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers", "2",
        "--blocking-threads", "8", "--workers-kill-timeout", "4s", "--no-ws", "--log-level", "warning",
        "weidai.web.wsgi:application",
    ]


def _print_addresses(web_port: int, world_url: str) -> None:
    base = f"http://{HOST}:{web_port}"
    console.rule("微贷 weidai")
    addresses = [("借款人 / borrowers ", f"{base}/h5/"), ("工作台 / console   ", f"{base}/console/")]
    if world_url:
        addresses += [("沙盒世界 / outside ", f"{world_url}/"), ("短信 / SMS inbox   ", f"{world_url}/sms")]
    for name, address in addresses:  # never wrapped: a broken address cannot be clicked or copied
        console.print(f"{name}  [link]{address}[/link]", soft_wrap=True)
    if world_url:
        from weidai.cli.demo import print_log_ins

        print_log_ins()
    console.print("按 Ctrl-C 停止 / Ctrl-C ends everything")


def _give_way(steps: int) -> None:
    """Lower our own priority; where Linux schedules by session, `nice` counts inside a session only, so lower that too."""
    os.nice(steps)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(steps))


def worker() -> None:
    """运行任务 / Run queued and periodic jobs until stopped. Gives way to the web server where both want the processor."""
    _give_way(int(os.environ.get("WEIDAI_WORKER_NICE", "5")))
    django_ready()
    from django.core.management import call_command

    call_command("procrastinate", "worker", "--concurrency", "2", "--delete-jobs", "successful")
