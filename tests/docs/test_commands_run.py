"""The reading commands of the README run on a real loan, for people and as JSON."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from tests.services.lending_support import AT, bank_wire, book_open, borrower_make, loan_make
from weidai.platform import clock


@pytest.fixture
def loan(db):
    bank_wire()
    with clock.travel_to(AT):
        book_open(clock.today())
        yield loan_make(borrower_make())


def run(*words: str) -> str:
    from weidai.cli.main import app

    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, (words, result.output, result.exception)
    return result.output


def test_reading_commands(loan, capsys):
    for words in (("customer", "show", str(loan.customer_id)), ("loan", "show", loan.number), ("loan", "show", str(loan.id)),
                  ("ledger", "check"), ("audit", "verify"), ("clock", "show"), ("eod",), ("demo", "codes"), ("demo", "logins")):
        run(*words)
    for words in (("customer", "show", str(loan.customer_id)), ("loan", "show", loan.number), ("ledger", "check"),
                  ("audit", "verify"), ("clock", "show"), ("eod",), ("demo", "logins")):
        assert isinstance(json.loads(run(*words, "--json")), dict)


def test_every_command_has_help():
    from tests.docs import render_pages

    for name in render_pages.command_options():
        run(*name.split(), "--help")
