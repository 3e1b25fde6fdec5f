"""The command line's entry: sub-commands by subject, refusals shown as sentences, never as tracebacks."""

from __future__ import annotations

import sys

import typer
from django.db.utils import OperationalError

from weidai.cli import (
    assess,
    database,
    demo,
    evidence,
    keys,
    model,
    people,
    policy,
    privacy,
    reading,
    reconciliation,
    serve,
    staff,
    vectors,
)
from weidai.cli.output import print_refusal
from weidai.kernel.errors import Refusal

app = typer.Typer(
    name="weidai", help="微贷 weidai：从申请到还清的小额贷款平台 / digital micro-loans from end to end.",
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
)
app.add_typer(database.app, name="db")
app.add_typer(evidence.ledger_app, name="ledger")
app.add_typer(evidence.audit_app, name="audit")
app.add_typer(evidence.clock_app, name="clock")
app.add_typer(demo.app, name="demo")
app.add_typer(people.customer_app, name="customer")
app.add_typer(people.loan_app, name="loan")
app.add_typer(policy.app, name="policy")
app.add_typer(vectors.app, name="vectors")
app.add_typer(staff.app, name="staff")
app.add_typer(model.app, name="model")
app.add_typer(keys.app, name="keys")
app.add_typer(privacy.app, name="privacy")
app.command("run")(serve.run)
app.command("worker")(serve.worker)
app.command("reader")(reading.reader)
app.command("eod")(evidence.end_of_day)
app.command("reconcile")(reconciliation.reconcile)
app.command("assess")(assess.assess)


def main() -> None:
    """Run the command line; exit 1 with a sentence for a refusal, 2 for wrong usage (typer's own)."""
    from weidai.platform.postgres import PostgresError

    try:
        app()
    except OperationalError as error:
        sys.stderr.write(f"数据库没有应答 / the database does not answer: {error}\n→ weidai db start\n")
        sys.exit(1)
    except Refusal as refusal:
        print_refusal(refusal)
        sys.exit(1)
    except PostgresError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
