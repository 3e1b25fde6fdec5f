"""The general ledger and the trial balance as files (R7.10)."""

import csv
import json
from datetime import date

import pytest
from tests.services.lending_support import bank_wire, book_open, borrower_make, loan_make
from typer.testing import CliRunner

from weidai.cli.evidence import ledger_app
from weidai.jobs.end_of_day import day_close
from weidai.kernel.days import shanghai_instant
from weidai.ledger.rules import CHART, AccountCode, is_debit_normal
from weidai.platform import clock

DAY = date(2026, 3, 4)


@pytest.fixture
def closed(db):
    bank_wire()
    with clock.travel_to(shanghai_instant(DAY)):
        book_open(DAY)
        loan_make(borrower_make())
    with clock.travel_to(shanghai_instant(date(2026, 3, 5))):
        day_close(1)


def test_the_general_ledger_of_closed_days_is_a_file(closed, tmp_path):
    file, run = tmp_path / "gl.csv", CliRunner()
    assert run.invoke(ledger_app, ["general", "--from", "2026-03-01", "--to", "2026-03-31", "--csv", str(file)]).exit_code == 0
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = {row["code"]: row for row in csv.DictReader(opened)}
    principal, clearing = rows["loan_principal"], rows["disbursement_clearing"]
    assert (principal["day"], principal["debits_fen"], principal["balance_fen"]) == ("2026-03-04", "1200000", "1200000")
    assert (clearing["credits_fen"], clearing["balance_fen"], clearing["class"]) == ("1200000", "-1200000", "asset")
    found = json.loads(run.invoke(ledger_app, ["trial", "--json"]).stdout)
    assert found["debits_fen"] == found["credits_fen"] == 1_200_000
    assert run.invoke(ledger_app, ["general", "--from", "2026-03-09", "--to", "2026-03-01"]).exit_code == 2


def test_the_chart_has_a_place_for_losses_and_funding_shares():
    reserved = {row.code for row in CHART if row.is_reserved}
    assert reserved == {AccountCode.LOAN_LOSS_ALLOWANCE, AccountCode.IMPAIRMENT_LOSS, AccountCode.WRITE_OFF_RECOVERY,
                        AccountCode.FUNDING_SHARE_PAYABLE}
    assert [is_debit_normal(code) for code in (AccountCode.IMPAIRMENT_LOSS, AccountCode.LOAN_LOSS_ALLOWANCE)] == [True, False]
    assert {row.code for row in CHART} == set(AccountCode)
