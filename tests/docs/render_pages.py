"""The other generated pages: refusals, permissions, commands, chart of accounts, notices."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from typing import Any

import typer

from tests.docs.render import REPOSITORY, table
from weidai.kernel.errors import Refusal
from weidai.kernel.text import Text


def refusals() -> dict[str, type[Refusal]]:
    """Return every refusal with a code of its own, by code; two classes with one code are a bug."""
    import weidai

    for module in pkgutil.walk_packages(weidai.__path__, "weidai."):
        if "migrations" not in module.name and not module.name.endswith(("__main__", ".wsgi", ".prepare")):
            importlib.import_module(module.name)
    found: dict[str, type[Refusal]] = {}
    waiting = [Refusal]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "code" in vars(kind) and kind.__module__.startswith("weidai."):
            assert found.get(kind.code, kind) is kind, f"two refusals are called {kind.code}"
            found[kind.code] = kind
    return found


def errors() -> str:
    """Return the page of refusals."""
    found = refusals()
    text = (
        "# Refusals\n\n"
        "A refusal is a typed \"no\": a stable code, a sentence in both languages, what to do next, and an HTTP status. "
        "Pages show the sentence and the next step; the command line adds the code. Words in braces are filled in. "
        "A code is never reused for another meaning. A bug is not a refusal: it is logged and answered with 500.\n\n"
        f"{len(found)} codes.\n"
    )
    by_room: dict[str, list[str]] = defaultdict(list)
    for code in sorted(found):
        by_room[code.split(".")[0]].append(code)
    for room, codes in by_room.items():
        rows = [[f"`{code}`", str(found[code].http_status), _both(found[code].text), _both(found[code].next_step)]
                for code in codes]
        text += f"\n## {room}\n\n" + table(["code", "status", "sentence", "next step"], rows)
    return text


def _both(text: Text | None) -> str:
    return f"{text.zh}<br>{text.en}" if text else "—"


def permissions() -> str:
    """Return the permission × role table."""
    from weidai.staff.rules import PERMISSIONS, ROLE_NAMES, Role
    from weidai.web.shared.permissions import console_routes

    pages: dict[str, list[str]] = defaultdict(list)
    for route in console_routes():
        if route.permission:
            pages[route.permission].append(f"`/{route.route}`")
    text = (
        "# Permissions and roles\n\n"
        "Nobody holds everything. A person may have several roles. Every console page needs one permission and a second "
        "factor given in the session; opening it is recorded (R8.6). A permission without an address below belongs to an area "
        "that has no page yet, or is asked inside another page.\n\n## Roles\n\n"
    )
    text += table(["role", "中文", "English", "permissions held"], [
        [f"`{role.value}`", ROLE_NAMES[role].zh, ROLE_NAMES[role].en,
         str(sum(role in permission.roles for permission in PERMISSIONS.values()))] for role in Role])
    by_room: dict[str, list[str]] = defaultdict(list)
    for code in PERMISSIONS:
        by_room[code.split(".")[0]].append(code)
    for room, codes in by_room.items():
        text += f"\n## {room}\n\n" + table(["permission", "meaning", "roles", "addresses"], [
            [f"`{code}`", f"{PERMISSIONS[code].meaning.zh}<br>{PERMISSIONS[code].meaning.en}",
             ", ".join(role.value for role in Role if role in PERMISSIONS[code].roles), "<br>".join(pages[code]) or "—"]
            for code in codes])
    return text


def commands() -> str:
    """Return every command with its arguments and options, and the targets of the Makefile."""
    from weidai.cli.main import app

    text = (
        "# Commands\n\n"
        "`weidai` stands in `.venv/bin/` after `make setup`. Commands that read take `--json` where the table says so and then "
        "print one JSON document. Exit codes: 0 done; 1 refused, or a check found a difference; 2 wrong usage.\n\n"
        "## make\n\n"
    )
    text += table(["target", "what it does"], [[f"`make {name}`", words] for name, words in make_targets().items()])
    text += "\n## weidai\n"
    for path, command in walk(typer.main.get_command(app), "weidai"):
        text += f"\n### `{path}{_usage(command)}`\n\n{_help(command)}\n"
        rows = [[_option(parameter), _help_of(parameter), _default(parameter)] for parameter in command.params
                if parameter.param_type_name == "option" and "--help" not in parameter.opts]
        if rows:
            text += "\n" + table(["option", "meaning", "default"], rows)
    return text + (
        "\n## The sandbox world\n\n`python -m sandbox_world` plays every outside system; its options stand in "
        "[sandbox-protocol.md](sandbox-protocol.md).\n"
    )


def make_targets() -> dict[str, str]:
    """Return the documented targets of the Makefile."""
    text = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+):.*?## (.+)$", text, flags=re.MULTILINE))


def walk(command: Any, path: str) -> list[tuple[str, Any]]:
    """Return every runnable command below this one with its full name."""
    inside: dict[str, Any] = getattr(command, "commands", {})
    if not inside:
        return [(path, command)]
    return [row for name, inner in inside.items() for row in walk(inner, f"{path} {name}")]


def command_options() -> dict[str, set[str]]:
    """Return the options of every command, by its name without `weidai`."""
    from weidai.cli.main import app

    return {path.removeprefix("weidai "): {name for parameter in command.params
                                           for name in [*parameter.opts, *parameter.secondary_opts]}
            for path, command in walk(typer.main.get_command(app), "weidai")}


def _usage(command: Any) -> str:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    return "".join(f" {a.name.upper()}" if a.required else f" [{a.name.upper()}]" for a in arguments)


def _help(command: Any) -> str:
    return inspect.cleandoc(command.help or "").strip()


def _option(option: Any) -> str:
    return " / ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])


def _help_of(option: Any) -> str:
    return getattr(option, "help", None) or "—"


def _default(option: Any) -> str:
    value = option.default
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{value}`" if value not in ("", 0, None) else "—"


def chart_of_accounts() -> str:
    """Return the chart and what each event books."""
    from weidai.ledger.rules import CHART, is_debit_normal

    text = (
        "# Chart of accounts\n\n"
        "Accounts exist per customer; the lender's side of every transfer is a sub-account in the same customer's partition, so "
        "no row is shared by all customers ([ADR-0006](../adr/0006-one-row-transfers.md)). The lender's totals by day, book and "
        "account code stand in `ledger_generalledgerday` once the day is closed. Amounts are fen. Loan accounts exist once per "
        "loan (subject = loan id); the others once per customer.\n\n"
    )
    text += table(["code", "中文", "English", "class", "rises with", "may be overdrawn"], [
        [f"`{row.code.value}`", row.name_zh, row.name_en, row.account_class.value,
         "debit" if is_debit_normal(row.code) else "credit", "yes" if row.may_overdraw else "no (CHECK)"]
        for row in CHART if not row.is_reserved])
    text += (
        "\n## Reserved places\n\nNothing books these accounts yet. They are kept for what has to stand beside the loans: an "
        "allowance for expected losses (raised against `impairment_loss`; a write-off takes principal out of it), money that "
        "comes back on written-off loans, and the share of a loan's principal that a funding partner pays for (one account a "
        "loan, against `loan_principal`).\n\n" + table(["code", "中文", "English", "class", "rises with"], [
            [f"`{row.code.value}`", row.name_zh, row.name_en, row.account_class.value,
             "debit" if is_debit_normal(row.code) else "credit"] for row in CHART if row.is_reserved]))
    text += "\n## What each event books\n\n" + table(["fact", "debit", "credit", "kind"], [
        [fact, f"`{debit}`", f"`{credit}`", f"`{kind}`"] for fact, debit, credit, kind in BOOKINGS])
    return text + (
        "\nMoney in suspense belongs to no customer yet and stands in the lender's own partition (the nil customer); assigning "
        "it reverses that row and books a repayment of the customer. The VAT of a day's income stands there too: income of the "
        "loans is gross, the lender's own sub-account takes the tax out of it, the general ledger shows the net "
        "([ADR-0009](../adr/0009-vat-is-split-once-a-day.md)).\n\n"
        "`suspended_interest` stands against `interest_receivable`: what was billed while a loan was more than 90 days overdue "
        "and is not paid yet ([ADR-0008](../adr/0008-interest-above-90-days-waits-for-its-payment.md)).\n\n"
        "A correction (a backdated or reversed payment replayed) books the difference the other way round, under the same kind "
        "with `.correction`; a reversed journal has the kind with `.reversal`. A journal whose outcome the bank still has to "
        "tell is `pending`: it counts against the account's limit at once and is resolved by a later row (`post_pending`, "
        "`void_pending`). `weidai ledger check` rebuilds every balance from the rows and compares; the worker does so once "
        "after every closing.\n"
    )


BOOKINGS: tuple[tuple[str, str, str, str], ...] = (
    ("a payout taken for failed that the bank made after all", "loan_principal", "disbursement_clearing",
     "disbursement.reinstated"),
    ("drawdown confirmed (pending), money arrived (posted)", "loan_principal", "disbursement_clearing", "disbursement"),
    ("installment falls due", "interest_receivable", "interest_income", "interest.billed"),
    ("interest billed while the loan does not accrue", "interest_income", "suspended_interest", "interest.suspended"),
    ("suspended interest is paid", "suspended_interest", "interest_income", "interest.released"),
    ("the loan accrues again; what is left unpaid", "suspended_interest", "interest_income", "interest.resumed"),
    ("VAT contained in the day's interest, once a day", "interest_income", "output_vat_payable", "vat.interest"),
    ("VAT contained in the day's penalty, once a day", "penalty_income", "output_vat_payable", "vat.penalty"),
    ("penalty interest, when it is paid", "penalty_receivable", "penalty_income", "penalty.billed"),
    ("penalty interest is paid", "collection_clearing", "penalty_receivable", "penalty.collected"),
    ("interest is paid", "collection_clearing", "interest_receivable", "interest.collected"),
    ("principal is paid", "collection_clearing", "loan_principal", "principal.collected"),
    ("more arrives than is owed", "collection_clearing", "customer_payable", "excess.received"),
    ("refund decided (pending), paid (posted)", "customer_payable", "collection_clearing", "refund"),
    ("money arrives that nobody is named for", "collection_clearing", "suspense", "suspense.received"),
)


def notices() -> str:
    """Return every notice template with its kind and placeholders."""
    from weidai.messaging.templates import SENDER, TEMPLATES

    text = (
        "# Notices\n\n"
        "What a customer is told. The in-app notice shows title and body; the text message only the body behind the sender "
        f"(`{SENDER.zh}` / `{SENDER.en.strip()}`). `{{…_fen}}` is shown in yuan. A `transaction` notice is sent at once; a "
        "`reminder` or `marketing` text message waits for the end of the quiet hours, 22:00–08:00. One-time codes are not "
        "notices: they are sent at once and never stored in plain.\n\n"
    )
    return text + table(["template", "kind", "title", "body"], [
        [f"`{code}`", template.kind, _both(template.title), _both(template.body)]
        for code, template in sorted(TEMPLATES.items())])
