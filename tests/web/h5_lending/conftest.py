"""A signed-in borrower with an activated line and a bank that answers as told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.services import lending_support
from tests.services.lending_support import AT, FakeBank, bank_wire, book_open, borrower_make, deliver
from weidai.lending.models import Loan
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.security import services as security
from weidai.security.models import SmsChallenge
from weidai.web.shared.borrower import COOKIE

AMOUNT = "12000"


@dataclass
class Reader:
    """A borrower at the pages: fills in what a browser would send."""

    who: lending_support.Borrower
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.client.cookies[COOKIE] = security.session_start(self.who.id, user_agent="iPhone MicroMessenger", ip="::1")

    def get(self, address: str, **more: Any) -> Any:
        return self.client.get(address, **more)

    def post(self, address: str, **values: Any) -> Any:
        return self.client.post(address, values)

    def keyed(self, address: str, **values: Any) -> Any:
        return self.post(address, idempotency_key=values.pop("idempotency_key", str(uuid7())), **values)

    def proof_at(self, address: str) -> dict[str, str]:
        """What the page's script would sign with the bound device's key."""
        page = self.get(address).context
        return {"device_key": self.who.device.fingerprint, "device_nonce": page["device_nonce"],
                "device_signature": self.who.device.signature(page["to_sign"])}

    @property
    def borrow_address(self) -> str:
        return f"/h5/borrow/{self.who.line_id}/"

    def wish(self, **changes: Any) -> dict[str, str]:
        return {"amount": AMOUNT, "term_months": "12", "method": "equal_principal", "purpose": "daily_consumption",
                "card": str(self.who.card_id), **changes}

    def ask(self) -> str:
        """Start a drawdown and return the address of its pages."""
        answer = self.post(self.borrow_address, **self.wish())
        assert answer.status_code == 302, answer.content.decode()
        return str(answer.url).removesuffix("/sheet")

    def read(self, at: str) -> None:
        """Open the sheet and confirm it after its reading time."""
        assert self.get(f"{at}/sheet").status_code == 200
        with clock.travel_to(clock.now() + timedelta(seconds=10)):
            assert self.post(f"{at}/sheet").url == f"{at}/agreement"

    def sign(self, at: str) -> None:
        assert self.get(f"{at}/agreement").status_code == 200
        with clock.travel_to(clock.now() + timedelta(seconds=11)):
            assert self.post(f"{at}/agreement").url == f"{at}/code"

    def code(self, at: str) -> dict[str, str]:
        """Have a code sent and return what the form carries."""
        answer = self.post(f"{at}/code/send")
        challenge = UUID(re.search(r"challenge=([0-9a-f-]{36})", answer.url)[1])  # type: ignore[index]
        proof = self.who.proof(UUID(at.split("/")[-1]), challenge)
        return {"challenge": str(challenge), "code": str(SmsChallenge.objects.get(id=challenge).code),
                "device_key": proof.key, "device_signature": proof.signature}

    def borrow(self) -> Loan:
        """All five screens and the bank."""
        at = self.ask()
        self.read(at)
        self.sign(at)
        with clock.travel_to(clock.now() + timedelta(seconds=30)):
            assert self.keyed(f"{at}/code", **self.code(at)).url == f"{at}/result"
        deliver(self.who)
        return Loan.objects.get(customer_id=self.who.id)


@pytest.fixture(autouse=True)
def bank(db: Any) -> Iterator[FakeBank]:
    wired = bank_wire()
    with clock.travel_to(AT):
        book_open(clock.today())
        yield wired


@pytest.fixture
def reader(bank: FakeBank) -> Reader:
    return Reader(borrower_make())
