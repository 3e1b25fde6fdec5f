"""`weidai keys`: which keys are in use, new versions under load, and removing what nothing uses any more (R9.6)."""

from __future__ import annotations

import typer

from weidai.cli.output import console, django_ready, errors, print_json, print_table

app = typer.Typer(help="密钥 / Keys of personal data.", no_args_is_help=True)
_LONGEST_WAIT = 330  # a one-time code lives five minutes
_JSON = typer.Option(False, "--json", help="one JSON object")


@app.command("status")
def status(json: bool = _JSON) -> None:
    """各版本密钥的使用数量 / How much is under which version of which key; the keys themselves are never shown."""
    django_ready()
    from weidai.platform.keys import rotation

    _show(rotation.key_uses(), as_json=json)


@app.command("rotate")
def rotate(
    wait: bool = typer.Option(True, help="等待已发出的验证码过期 / wait, 5 minutes at most, until codes already sent expire"),
) -> None:
    """更换密钥 / Give every key a new version and move everything to it, while the system runs.

    Cut off at any point, the same command goes on where it was. Old versions stay in the key file until retire.
    """
    django_ready()
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from weidai.audit.services import Actor, acting_as, event_record
    from weidai.platform.ids import uuid7
    from weidai.platform.keys import rotation
    from weidai.platform.keys.keyfile import keyring

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, int] = {}

        def told(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=total)
            progress.update(tasks[step], completed=done, total=total)  # type: ignore[arg-type]

        rotation.rotate(told, wait_seconds=_LONGEST_WAIT if wait else 0)
    with acting_as(Actor.system()):
        event_record("platform.keys.rotated", subject_type="keys", subject_id=uuid7(),
                     facts={"master_key_version": keyring(fresh=True).kek.active})
    _show(rotation.key_uses(), as_json=False)


@app.command("verify")
def verify(
    json: bool = _JSON, read: bool = typer.Option(True, help="逐项解密 / open every sealed value as well"),
) -> None:
    """验证 / Check that nothing uses an old key and that every sealed value can be read; exit 1 otherwise."""
    django_ready()
    from weidai.platform.keys import rotation

    uses = rotation.key_uses()
    old = sum(use.count for use in uses if use.is_old)
    with console.status("逐项解密 / opening every value"):
        broken = dict(rotation.unreadable()) if read else {}
    if json:
        print_json({"is_sound": not old and not broken, "under_old_keys": old, "unreadable": broken,
                    "uses": [{"what": use.what, "version": use.version, "count": use.count, "is_old": use.is_old}
                             for use in uses]})
    else:
        _show(uses, as_json=False)
        for place, count in broken.items():
            console.print(f"  [red]{place}: {count} 项无法读取 / cannot be read[/red]")
        console.print(f"旧密钥下 / under old keys: {old:,} · 无法读取 / unreadable: {sum(broken.values()):,}")
    raise typer.Exit(1 if old or broken else 0)


@app.command("retire")
def destroy_old(
    yes: bool = typer.Option(False, "--yes", help="确认：之前的备份将无法读取 / confirm: older backups become unreadable"),
) -> None:
    """销毁旧密钥 / Remove old keys that nothing uses, of signatures too. Backups made before cannot be read any more."""
    django_ready()
    from weidai.audit.services import Actor, acting_as, event_record
    from weidai.platform.ids import uuid7
    from weidai.platform.keys import rotation

    if not yes:
        errors.print("之前的备份将无法读取，请加 --yes 确认 / backups made before become unreadable: add --yes")
        raise typer.Exit(1)
    try:
        gone = rotation.old_keys_destroy()
    except ValueError as still_used:
        errors.print(f"旧密钥仍在使用 / old keys are still in use: {still_used}\n→ weidai keys rotate")
        raise typer.Exit(1) from None
    with acting_as(Actor.system()):
        event_record("platform.keys.destroyed", subject_type="keys", subject_id=uuid7(), facts={"versions": gone})
    console.print(f"已销毁 / destroyed: {', '.join(map(str, gone)) or '—'}")


def _show(uses: object, *, as_json: bool) -> None:
    rows = list(uses)  # type: ignore[call-overload]
    if as_json:
        print_json({"uses": [{"what": use.what, "version": use.version, "count": use.count, "is_old": use.is_old}
                             for use in rows]})
        return
    print_table("密钥使用 / Keys in use", ["对象 what", "版本 version", "数量 count", ""],
                [(use.what, use.version, f"{use.count:,}", "旧 old" if use.is_old else "") for use in rows])
