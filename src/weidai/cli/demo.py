"""`weidai demo …`: load the lively lender, show who can log in and with which code."""

from __future__ import annotations

import os
from collections.abc import Callable

import typer

from weidai.cli.output import console, django_ready, print_json, print_table

app = typer.Typer(help="演示 / The demo lender.", no_args_is_help=True)
Progress = Callable[[int, int], None]  # days done, days in all
_JSON = typer.Option(False, "--json", help="one JSON object")


def seed_foreground(*, tells_refusals: bool = False) -> None:
    """Staff accounts and the first borrowers, with a progress bar; returns at once when they are there.

    `tells_refusals` adds the codes of the refusals some stories met on their way: for those who write stories.
    """
    from weidai.demo import load

    load.staff_ensure()
    if not load.is_loaded():
        _with_progress("载入演示借款人 / loading demo borrowers", load.first_wave, tells_refusals=tells_refusals)


def seed_staff() -> None:
    """Staff accounts and an open business day, no borrowers; a lender on its first morning."""
    from weidai.demo import load
    from weidai.platform import books

    load.staff_ensure()
    books.business_date()


def _with_progress(title: str, work: Callable[[Progress], dict[str, int]], *, tells_refusals: bool) -> None:
    """Do the work with a bar on a terminal, with a plain line at every tenth of the way in a pipe or a file."""
    if console.is_terminal:
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        with Bars(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} 天 days"),
                  TimeRemainingColumn(), console=console) as bars:
            task = bars.add_task(title, total=None)
            ended = work(lambda done, total: bars.update(task, completed=done, total=total))
    else:
        console.print(f"{title} …", soft_wrap=True)
        ended = work(_lines(title))
    if ended and tells_refusals:
        console.print("故事中止的原因 / stories that ended in a refusal: "
                      + ", ".join(f"{code} × {count}" for code, count in sorted(ended.items())))


def _lines(title: str) -> Progress:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        tenths = done * 10 // total if total else 10
        if tenths > told:
            told = tenths
            console.print(f"{title}: {tenths * 10} % ({done}/{total} 天 days)", soft_wrap=True)

    return tell


@app.command("load")
def load_command() -> None:
    """载入第一批 / Load staff and the first borrowers (weidai run does it by itself)."""
    os.environ.setdefault("WEIDAI_DEMO", "1")  # only a demonstration lets the sandbox play face checks
    django_ready()
    seed_foreground(tells_refusals=True)


@app.command()
def background(count: int = typer.Argument(300, min=0, max=2000)) -> None:
    """载入材料故事和第二批 / Live the stories with papers, then the second wave of borrowers, each in a book of its own."""
    os.environ.setdefault("WEIDAI_DEMO", "1")
    django_ready()
    from weidai.demo import load
    from weidai.platform.postgres import home_directory
    from weidai.platform.postgres.locks import lock_try

    if lock_try(home_directory() / "background.lock") is None:  # held until this process ends
        console.print("后台载入正在进行，进度见 logs/seeder.log / being loaded already, progress in logs/seeder.log",
                      soft_wrap=True)
        raise typer.Exit(1)
    _with_progress("载入证件照片与材料故事 / loading stories with pictures and papers", load.paper_wave, tells_refusals=True)
    if count:
        _with_progress("载入更多借款人 / loading more borrowers", lambda progress: load.second_wave(count, progress),
                       tells_refusals=True)


@app.command()
def logins(json: bool = _JSON) -> None:
    """列出登录方式 / List demo borrowers and staff."""
    django_ready()
    if json:
        from weidai.demo import load

        print_json(load.logins())
    else:
        print_log_ins()


@app.command()
def codes() -> None:
    """当前动态码 / Show the current authenticator code of every demo staff account."""
    os.environ.setdefault("WEIDAI_DEMO", "1")  # the accounts exist only where the demo was loaded
    django_ready()
    from weidai.staff import services as staff

    print_table("动态码 / Authenticator codes", ["账号 account", "验证码 code", "剩余秒 seconds left"],
                [(row.username, row.code, row.seconds_left) for row in staff.demo_codes()])


def print_log_ins() -> None:
    """Print who can log in: borrowers by story (code by SMS), staff with password (code by `weidai demo codes`)."""
    from weidai.demo import load
    from weidai.demo.borrower import PAYMENT_PASSWORD

    kept = load.logins()
    print_table(
        f"借款人 / Borrowers · 支付密码 payment password {PAYMENT_PASSWORD} · 验证码 codes: 短信 SMS inbox",
        ["手机号 mobile", "姓名 name", "身份 persona", "状态 story"],
        [(b["mobile"], b["name"], b["persona"], f"{b['title_zh']} {b['title_en']}") for b in kept.get("borrowers", [])],
        whole=True,
    )
    print_table(
        "员工 / Staff · 动态码 authenticator codes: .venv/bin/weidai demo codes",
        ["账号 account", "岗位 role", "密码 password", "TOTP"],
        [(s["username"], s["display_name"], s["password"], s["totp_secret"]) for s in kept.get("staff", [])], whole=True,
    )
