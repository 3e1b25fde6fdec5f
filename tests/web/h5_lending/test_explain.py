"""How a debt is worked out, on the borrower's page: plain words in both languages, only for its owner (R6.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.services.lending_support import FakeBank, at, borrower_make, confirm, drawdown_signed, loan_make
from tests.support.browsers import NO_BROWSER
from tests.web.h5_lending.conftest import Reader
from tests.web.h5_onboarding.test_browser import Viewer
from weidai.platform import clock
from weidai.servicing import selectors
from weidai.servicing import services as servicing
from weidai.web.shared.formats import yuan


def late_loan(reader: Reader, *, days: int = 70) -> UUID:
    """Forty days in paid a part, late; read on the last of `days` from now."""
    began = clock.now()
    loan = loan_make(reader.who)
    with at(began + timedelta(days=10)):
        servicing.repayment_receive(reader.who.id, amount_fen=40_000, received_at=clock.now(), channel="debit",
                                    reference="early", loan_id=loan.id)
    with at(began + timedelta(days=40)):
        servicing.repayment_receive(reader.who.id, amount_fen=70_000, received_at=clock.now(), channel="debit",
                                    reference="late", loan_id=loan.id)
    return UUID(str(loan.id))


@pytest.mark.parametrize(("language", "words"), [
    ("zh", ["怎么算的", "今天应还多少", "10 天 × 12,000.00 元 × 0.04% = 48.00 元", "9 天 × 648.00 元 × 0.05% = 2.916 元",
            "一分不差"]),
    ("en", ["How it is worked out", "What is owed today", "10 days × CNY 12,000.00 × 0.04% = CNY 48.00", "to the fen"])])
def test_the_page_says_in_plain_words_what_the_bill_asks(reader: Reader, language: str, words: list[str]) -> None:
    loan_id = late_loan(reader)
    reader.client.cookies["weidai_lang"] = language
    with at(clock.now() + timedelta(days=70)):
        bill = selectors.bills_for(reader.who.id).rows[0]
        with CaptureQueriesContext(connection) as queries:
            page = reader.get(f"/h5/loans/{loan_id}/explain")
        body = page.content.decode()
        for address in ("/h5/bills/", f"/h5/loans/{loan_id}/"):
            assert f"/h5/loans/{loan_id}/explain" in reader.get(address).content.decode()
    assert page.status_code == 200
    assert len(queries) <= 12
    for word in [*words, yuan(bill.due_now_fen), yuan(bill.payoff.total_fen)]:
        assert word in body, word


def test_a_loan_whose_money_is_on_its_way_owes_nothing(reader: Reader) -> None:
    loan_id = confirm(reader.who, drawdown_signed(reader.who))
    body = reader.get(f"/h5/loans/{loan_id}/explain").content.decode()
    assert "现在没有欠款" in body
    assert f"/h5/loans/{loan_id}/explain" not in reader.get(f"/h5/loans/{loan_id}/").content.decode()


def test_nobody_reads_the_loan_of_another(reader: Reader) -> None:
    loan = loan_make(borrower_make(2))
    assert reader.get(f"/h5/loans/{loan.id}/explain").status_code == 404


@pytest.mark.browser
@pytest.mark.skipif(NO_BROWSER, reason="no Chromium here")
def test_the_page_fits_a_phone_and_is_accessible(
    browser: Any, live_server: Any, reader: Reader, bank: FakeBank,
) -> None:
    present = clock.wall_now()
    with at(present - timedelta(days=70)):
        late = late_loan(reader)
    with at(present):
        fresh = loan_make(reader.who, amount_fen=500_000, term_months=6, method="level_payment")
    viewer = Viewer(browser, live_server.url)
    viewer.sign_in(reader)
    viewer.look("70_explain_late", f"/h5/loans/{late}/explain")
    viewer.look("71_explain_fresh", f"/h5/loans/{fresh.id}/explain")
    viewer.look("72_loan_with_link", f"/h5/loans/{late}/")
    viewer.look("73_bills_with_links", "/h5/bills/")
    assert viewer.wrong == []
