"""A caller with a bearer token: what a mini-program sends and gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.services.lending_support import AT, Borrower, FakeBank, bank_wire, book_open, borrower_make, deliver
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.security import services as security
from weidai.security.models import SmsChallenge

PREFIX = "/api/v1"


@dataclass
class Caller:
    """Sends JSON with a token; cookies are neither sent nor kept."""

    token: str = ""
    language: str = ""
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent |= {"Accept-Language": self.language} if self.language else {}
        return self.client.generic(
            method, PREFIX + path, body if isinstance(body, str | bytes) else _json(body),
            content_type="application/json", headers=sent | {k.replace("_", "-"): v for k, v in headers.items()})

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, {} if body is None else body, **headers)

    def ok(self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str) -> Any:
        answer = self.call(method, path, body, **headers)
        assert answer.status_code == status, (path, answer.status_code, answer.content.decode())
        return answer.json() if answer.content else None


def _json(body: Any) -> str:
    import json

    return "" if body is None else json.dumps(body, default=str)


def problem_of(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer, with its shape checked."""
    assert answer.status_code == status, answer.content.decode()
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["code"] == code, found
    assert found["status"] == status
    assert found["type"] == f"urn:weidai:error:{code}"
    assert found["title"]
    assert found["title_en"]
    assert found["detail"]
    return found


def signed_in(who: UUID) -> Caller:
    return Caller(security.session_start(who, user_agent="MicroMessenger miniProgram", ip="::1"))


@dataclass
class Owner(Caller):
    """A borrower with an activated line and a card."""

    who: Borrower = field(default_factory=borrower_make)

    def __post_init__(self) -> None:
        self.token = signed_in(self.who.id).token

    def wish(self, **changes: Any) -> dict[str, Any]:
        return {"line_id": self.who.line_id, "amount_fen": 1_200_000, "term_months": 12, "method": "equal_principal",
                **changes}

    def start(self) -> str:
        row = self.ok("POST", "/drawdowns", self.wish(purpose="daily_consumption"), status=201)
        assert row["state"] == "draft"
        return f"/drawdowns/{row['id']}"

    def signed(self) -> str:
        """A drawdown read, confirmed and signed; only the code is missing."""
        at = self.start()
        assert self.ok("POST", f"{at}/sheet")["seconds_left"] > 0
        with clock.travel_to(clock.now() + timedelta(seconds=20)):
            assert self.ok("POST", f"{at}/sheet/confirm")["confirmed_at"]
            assert self.ok("POST", f"{at}/agreement")["sha256"]
            assert self.ok("POST", f"{at}/agreement/sign")["accepted_at"]
        return at

    def proof(self, at: str) -> dict[str, str]:
        sent = self.ok("POST", f"{at}/code")
        return {"challenge_id": sent["id"], "code": str(SmsChallenge.objects.get(id=sent["id"]).code),
                "device_key": self.who.device.fingerprint, "device_signature": self.who.device.signature(sent["to_sign"])}

    def borrow(self) -> str:
        at = self.signed()
        with clock.travel_to(clock.now() + timedelta(seconds=30)):
            loan = self.ok("POST", f"{at}/confirm", self.proof(at), Idempotency_Key=str(uuid7()))
        deliver(self.who)
        return f"/loans/{loan['loan_id']}"


@pytest.fixture
def bank(db: Any) -> Iterator[FakeBank]:
    wired = bank_wire()
    with clock.travel_to(AT):
        book_open(clock.today())
        yield wired


@pytest.fixture
def owner(bank: FakeBank) -> Owner:
    return Owner()
