"""`weidai demo …`: load the lively lender, show who can log in and with which code."""

from __future__ import annotations

import os

import typer

from weidai.cli.output import console, django_ready, print_json, print_table

app = typer.Typer(help="演示 / The demo lender.", no_args_is_help=True)
_JSON = typer.Option(False, "--json", help="one JSON object")


def seed_foreground() -> None:
    """Staff accounts and the first borrowers, with a progress bar; returns at once when they are there."""
    from weidai.demo import load

    load.staff_ensure()
    if not load.is_loaded():
        _with_progress("载入演示借款人 / loading demo borrowers", load.first_wave)


def seed_staff() -> None:
    """Staff accounts and an open business day, no borrowers; a lender on its first morning."""
    from weidai.demo import load
    from weidai.platform import books

    load.staff_ensure()
    books.business_date()


def _with_progress(title: str, work) -> None:  # type: ignore[no-untyped-def]
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} 天 days"),
                  TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task(title, total=None)
        ended = work(lambda done, total: progress.update(task, completed=done, total=total))
    if ended:
        console.print("故事中止的原因 / stories that ended in a refusal: "
                      + ", ".join(f"{code} × {count}" for code, count in sorted(ended.items())))


@app.command("load")
def load_command() -> None:
    """载入第一批 / Load staff and the first borrowers (weidai run does it by itself)."""
    django_ready()
    seed_foreground()


@app.command()
def background(count: int = typer.Argument(300, min=0, max=2000)) -> None:
    """载入第二批 / Live the second wave of borrowers in a book of its own."""
    django_ready()
    from weidai.demo import load

    _with_progress("载入更多借款人 / loading more borrowers", lambda progress: load.second_wave(count, progress))


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
