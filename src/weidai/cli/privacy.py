"""`weidai privacy`: deletions that are due, erasing a person, and the receipts that prove it (R8.5, R9.6)."""

from __future__ import annotations

from uuid import UUID

import typer

from weidai.cli.output import console, django_ready, errors, print_json, print_table

app = typer.Typer(help="个人信息 / Personal data: retention, erasure, receipts.", no_args_is_help=True)
_JSON = typer.Option(False, "--json", help="one JSON object")
_REASON = typer.Option("customer_request", help="customer_request, consent_withdrawn, account_closed, regulator")


@app.command("retention")
def retention(json: bool = _JSON) -> None:
    """到期删除 / Delete every file whose time is over (the worker does the same each night)."""
    django_ready()
    from weidai.files import services
    from weidai.origination.services import papers_expire
    from weidai.platform import clock

    counts = {**services.retention_run(clock.today())}
    if pages := papers_expire():
        counts["application_papers"] = pages
    orphans = services.orphans_remove()
    if json:
        print_json({"deleted": counts, "orphans": orphans})
    else:
        print_table("到期删除 / Deleted", ["kind", "count"], [*counts.items(), ("orphans", orphans)])


@app.command("biometrics")
def erase_biometrics(customer: str = typer.Argument(help="customer id"), reason: str = _REASON) -> None:
    """销毁生物特征 / Destroy the key of a person's face and voice data; nobody can read it any more."""
    _erase(customer, reason, everything=False)


@app.command("erase")
def erase(customer: str = typer.Argument(help="customer id"), reason: str = _REASON,
          yes: bool = typer.Option(False, "--yes", help="确认 / confirm: it cannot be undone")) -> None:
    """彻底删除 / Close the account of somebody who never borrowed and make everything personal unreadable."""
    if not yes:
        errors.print("不可恢复，请加 --yes 确认 / it cannot be undone: add --yes")
        raise typer.Exit(1)
    _erase(customer, reason, everything=True)


@app.command("receipts")
def receipts(customer: str = typer.Argument(help="customer id"), json: bool = _JSON) -> None:
    """删除回执 / What was deleted of a person, when and why."""
    django_ready()
    from weidai.files import selectors

    rows = selectors.deletion_receipts(_id(customer))
    if json:
        print_json({"receipts": [{"id": row.id, "what": row.what, "reason": row.reason, "counts": row.counts,
                                  "digest": row.digest, "deleted_at": row.deleted_at, "event_id": row.event_id}
                                 for row in rows]})
    else:
        print_table("删除回执 / Deletion receipts", ["时间 at", "对象 what", "理由 reason", "数量 counts", "摘要 digest"],
                    [(f"{row.deleted_at:%Y-%m-%d %H:%M}", row.what, row.reason, row.counts, row.digest[:16]) for row in rows])


def _erase(customer: str, reason: str, *, everything: bool) -> None:
    django_ready()
    from weidai.audit.services import Actor, acting_as
    from weidai.identity import services

    if reason not in services.ERASURE_REASONS:
        errors.print(f"理由须为 / the reason is one of: {', '.join(services.ERASURE_REASONS)}")
        raise typer.Exit(2)
    with acting_as(Actor.system()):
        act = services.person_erase if everything else services.biometrics_erase
        receipt = act(_id(customer), reason=reason)
    console.print(f"{receipt.what} · {receipt.counts} · sha256 {receipt.digest} · event {receipt.event_id}", soft_wrap=True)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        errors.print("不是客户编号 / not a customer id")
        raise typer.Exit(2) from None
