"""`weidai customer show` and `weidai loan show`: the same facts as the console, for people and machines."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import typer

from weidai.cli.explanation import explanation_json, explanation_print
from weidai.cli.output import console, django_ready, print_json, print_table
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text

customer_app = typer.Typer(help="客户 / Customers (masked).", no_args_is_help=True)
loan_app = typer.Typer(help="借据 / Loans.", no_args_is_help=True)
_ON = typer.Option(None, "--on", formats=["%Y-%m-%d"], help="another day (default: today)")
_ALL = typer.Option(False, "--all", help="installments to come and those already paid, too")
_JSON = typer.Option(False, "--json", help="one JSON object")


@customer_app.command("show")
def customer_show(customer_id: UUID, json: bool = _JSON) -> None:
    """显示客户 / Show a customer: identity, lines, holds, loans. Personal data stays masked."""
    django_ready()
    from weidai.identity import selectors as identity
    from weidai.lending import selectors as lending
    from weidai.limits import selectors as limits

    customer = identity.customer_get(customer_id)
    lines, holds, loans = limits.lines_for(customer_id), limits.holds_for(customer_id), lending.loans_for(customer_id)
    if json:
        print_json({"customer": asdict(customer), "lines": [asdict(line) for line in lines],
                    "holds": [asdict(hold) for hold in holds], "loans": [asdict(loan) for loan in loans]})
        return
    for key, value in asdict(customer).items():
        console.print(f"{key:28} {_plain(value)}")
    print_table("额度 / Lines", ["product", "status", "approved ¥", "used ¥", "reserved ¥", "available ¥"],
                [(line.product, line.status, yuan_text(line.approved_fen), yuan_text(line.used_fen),
                  yuan_text(line.reserved_fen), yuan_text(line.available_fen)) for line in lines])
    print_table("冻结 / Holds", ["kind", "source", "placed"], [(h.kind, h.source, h.placed_at) for h in holds])
    print_table("借据 / Loans", ["id", "number", "status", "principal ¥"],
                [(loan.id, loan.number, loan.state, yuan_text(loan.principal_fen)) for loan in loans])


@loan_app.command("show")
def loan_show(number_or_id: str, json: bool = _JSON) -> None:
    """显示借据 / Show a loan by its number or id: terms, schedule as it stands, ledger transfers."""
    django_ready()
    from weidai.servicing import selectors as servicing

    customer_id, loan_id = _loan_find(number_or_id)
    statement = servicing.loan_statement(customer_id, loan_id)
    transfers = servicing.transfers_of(customer_id, loan_id)
    if json:
        print_json({"statement": asdict(statement), "transfers": [asdict(row) for row in transfers]})
        return
    print_table("还款计划 / Schedule", ["#", "due", "principal ¥", "interest ¥", "penalty ¥", "paid ¥", "state"], [
        (row.number, row.due_on, yuan_text(row.principal_fen), yuan_text(row.interest_fen), yuan_text(row.penalty_owed_fen),
         yuan_text(row.principal_paid_fen + row.interest_paid_fen + row.penalty_paid_fen), row.state_text)
        for row in statement.rows])
    print_table("分录 / Ledger", ["booked", "debit", "credit", "amount ¥", "kind", "phase"], [
        (row.booked_on, row.debit_code, row.credit_code, yuan_text(row.amount_fen), row.kind, row.phase)
        for row in transfers])


@loan_app.command("explain")
def loan_explain(number_or_id: str, on: datetime | None = _ON, full: bool = _ALL, json: bool = _JSON) -> None:
    """逐分推导欠款 / Derive every fen owed: days × rate × principal, roundings, payments, cap; exit 1 if it differs."""
    django_ready()
    from weidai.servicing import selectors as servicing

    found = servicing.loan_explanation(*_loan_find(number_or_id), on=on.date() if on else None)
    if json:
        print_json(explanation_json(found))
    else:
        explanation_print(found, full=full)
    raise typer.Exit(1 if found.agrees is False else 0)


def _loan_find(number_or_id: str) -> tuple[UUID, UUID]:
    from weidai.lending import selectors as lending
    from weidai.lending.errors import LoanNotFound

    try:
        loan = lending.loan_row_any(UUID(number_or_id))
    except ValueError:
        found = lending.customer_by_loan_number(number_or_id)
        if found is None:
            raise LoanNotFound from None
        return found
    return loan.customer_id, loan.id


def _plain(value: object) -> object:
    return f"{value['zh']} / {value['en']}" if isinstance(value, dict) and set(value) == {"zh", "en"} else (
        f"{value.zh} / {value.en}" if isinstance(value, Text) else value)
