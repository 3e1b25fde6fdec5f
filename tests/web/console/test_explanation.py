"""How each fen of a debt arises, on the loan's page of the console (R6.6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.services.lending_support import AT, at, borrower_make, loan_make
from tests.web.staff_session import staff_client
from weidai.staff.rules import Role


@pytest.mark.parametrize(("language", "words"), [
    ("zh", ["逐日推导", "与账务记录一致", "31 天 × 12,000.00 元 × 0.04% = 148.80 元", "9 天 × 1,000.00 元 × 0.05% = 4.50 元"]),
    ("en", ["How each fen arises", "equal to the record", "31 days × CNY 12,000.00 × 0.04% = CNY 148.80"])])
def test_the_loan_page_derives_the_debt(language: str, words: list[str]) -> None:
    loan = loan_make(borrower_make(1))
    with at(AT + timedelta(days=40)):
        body = staff_client(Role.OPERATIONS).get(f"/console/loans/{loan.id}?lang={language}").content.decode()
    for word in words:
        assert word in body, word
