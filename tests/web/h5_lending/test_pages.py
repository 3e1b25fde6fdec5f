"""Every page in both languages, with a bounded number of queries and within its weight (R9.1, R10.6)."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.services.lending_support import at, deliver, loan_make
from tests.web.h5_lending.conftest import Reader
from weidai.platform import clock
from weidai.security import services as security
from weidai.servicing import services as servicing

_CHINESE = re.compile(r"[一-鿿]{2,}")
# Names and stored words that stay as they are in the English page.
_KEPT = ("中文", "微贷")
_QUERIES = 30
_BYTES = 60 * 1024


def addresses(reader: Reader) -> list[str]:
    """A borrower with an open, a settled and a running drawdown, and every page they can open."""
    loan = reader.borrow()
    with at(clock.now() + timedelta(minutes=5)):
        settled = loan_make(reader.who, amount_fen=300_000, term_months=3)
        servicing.repayment_receive(reader.who.id, amount_fen=300_000, received_at=clock.now(), channel="debit",
                                    reference="back", loan_id=settled.id)
    card = reader.who.card_id
    debit = reader.keyed(f"/h5/repay/{loan.id}/confirm", kind="amount", amount="100", choice="shorten_term",
                         card=str(card), seen_fen="10000").url
    deliver(reader.who)
    security.payment_password_set(reader.who.id, password="250918")
    paid = reader.get("/h5/bills/paid").context["rows"][0].id
    drawn = str(loan.drawdown_id)
    sheet = reader.ask()
    return [
        "/h5/bills/", "/h5/bills/paid", f"/h5/receipts/{paid}", reader.borrow_address,
        f"{reader.borrow_address}?amount=500&term_months=12&method=level_payment", f"{sheet}/sheet",
        f"/h5/drawdowns/{drawn}/result", "/h5/loans/", f"/h5/loans/{loan.id}/", f"/h5/loans/{settled.id}/",
        f"/h5/loans/{loan.id}/papers/agreement", f"/h5/loans/{loan.id}/papers/cost-sheet",
        f"/h5/loans/{settled.id}/certificate", f"/h5/loans/{loan.id}/certificate", f"/h5/repay/{loan.id}/",
        f"/h5/repay/{loan.id}/confirm?kind=settle&card={card}", debit, "/h5/autopay/", "/h5/me/", "/h5/me/cards/",
        "/h5/me/security/", "/h5/me/security/password", "/h5/help",
    ]


def test_every_page_in_both_languages_with_few_queries_and_little_weight(reader: Reader):
    wrong = []
    for address in addresses(reader):
        for language in ("zh", "en"):
            reader.client.cookies["weidai_lang"] = language
            with CaptureQueriesContext(connection, ) as queries:
                page = reader.get(address)
            if page.status_code != 200:
                wrong.append(f"{address} {language}: {page.status_code}")
                continue
            if len(queries) > _QUERIES:
                wrong.append(f"{address}: {len(queries)} queries")
            text = page.content.decode()
            if language == "en":
                words = re.sub(r"<[^>]*>", " ", text)
                for kept in _KEPT:
                    words = words.replace(kept, "")
                if found := _CHINESE.findall(words):
                    wrong.append(f"{address}: {found[:5]}")
            if (weight := weight_of(text)) > _BYTES:
                wrong.append(f"{address}: {weight} bytes")
    assert wrong == [], "\n".join(wrong)


def weight_of(text: str) -> int:
    """Compressed bytes of a page and of everything it loads."""
    parts = [text.encode()]
    for name in set(re.findall(r'(?:href|src)="/static/([^"?]+)', text)):
        found = finders.find(name)
        assert found, name
        with open(found, "rb") as file:
            parts.append(file.read())
    return sum(len(gzip.compress(part)) for part in parts)


@pytest.mark.parametrize("count", [1, 4])
def test_bills_do_not_ask_more_for_every_loan(reader: Reader, count: int):
    for number in range(count):
        with at(clock.now() + timedelta(minutes=5 * number)):
            loan_make(reader.who, amount_fen=100_000, term_months=3)
    with CaptureQueriesContext(connection) as queries:
        assert reader.get("/h5/bills/").status_code == 200
    assert len(queries) <= 12 + 2 * count, len(queries)
