"""A real sandbox world behind weidai's ports, and people who live through the product: helpers for whole-life tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from sandbox_world import testing
from weidai import wiring
from weidai.adapters.sandbox_client import Breaker, SandboxClient
from weidai.assessment import ports as assessment
from weidai.demo.borrower import Borrower
from weidai.demo.world import WorldPerson, world
from weidai.identity import ports as identity
from weidai.jobs.end_of_day import drain
from weidai.kernel.errors import PartnerUnavailable
from weidai.lending.ports import disbursement_bank
from weidai.messaging.ports import sms_gateway
from weidai.platform import books, clock, inbox
from weidai.platform.ids import uuid7
from weidai.platform.models import InboxMessage, OutboxMessage
from weidai.platform.ports import PortSlot
from weidai.servicing.ports import bank_statement, collection_bank
from weidai.web.api.ports import sandbox_callbacks

SLOTS: tuple[PortSlot[Any], ...] = (
    identity.id_registry, identity.face_vendor, identity.liveness_vendor, identity.portrait_source, identity.card_network,
    identity.mobile_operator, assessment.behaviour_data, assessment.credit_bureau, disbursement_bank, collection_bank,
    bank_statement, sms_gateway, sandbox_callbacks, world)
PATIENT_SECONDS = 10.0
SETTLE_ROUNDS = 12
CALLBACK_PATH = "/api/callbacks/sandbox"
BALANCE_FEN = 2_000_000
PATHS = {
    ("registry", "check"): "/v1/registry/check", ("face", "verifications"): "/v1/face/verifications",
    ("cards", "four-elements"): "/v1/cards/four-elements", ("operator", "three-elements"): "/v1/operator/three-elements",
    ("sms", "send"): "/v1/sms", ("bureau", "reports"): "/v1/bureau/reports", ("data", "profile"): "/v1/data/profile",
    ("bank", "payouts"): "/v1/bank/payouts", ("bank", "debits"): "/v1/bank/debits",
    ("bank", "refunds"): "/v1/bank/refunds", ("bank", "requests"): "/v1/bank/requests",
}


@dataclass
class Sandbox:
    """A running world: what weidai is wired to, and a second client that looks at the world from outside."""

    running: testing.RunningWorld
    control: SandboxClient
    wired: SandboxClient | None = None
    _people: dict[str, Iterator[WorldPerson]] = field(default_factory=dict)

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Let this world answer every port; the ports are as they were afterwards."""
        before = {slot: slot._adapter for slot in SLOTS}
        self.wired = wiring.wire_sandbox(self.running.base_url, self.running.keys_folder,
                                         timeout_seconds=PATIENT_SECONDS)
        try:
            yield
        finally:
            self.wired.close()
            for slot, adapter in before.items():
                slot._adapter = adapter

    @contextmanager
    def broken(self, partner: str, call: str, mode: str, *, wait: float = 0.25, **fields: Any) -> Iterator[None]:
        """Break a call on purpose (protocol §9) while weidai waits for its answer no longer than `wait` seconds.

        Afterwards the world works again and weidai has forgotten that it rested from asking.
        """
        assert self.wired is not None, "the world is in force"
        patient = self.wired._http.request

        def request(method: str, path: str, **more: Any) -> httpx.Response:
            is_meant = path.split("?")[0].startswith(PATHS[partner, call])
            return patient(method, path, **more, **({"timeout": wait} if is_meant else {}))

        fault_id = self.fault(partner, call, mode, **fields)
        self.wired._http.request = request  # type: ignore[method-assign]
        try:
            yield
            assert self.hits(fault_id) >= 1, "the fault never struck"
        finally:
            self.wired._http.request = patient  # type: ignore[method-assign]
            self.control._tried("DELETE", "control", f"/v1/control/faults/{fault_id}", b"", tries=1)
            self.wired._breaker = Breaker()

    def fault(self, partner: str, call: str, mode: str, **fields: Any) -> str:
        """Break a call on purpose (protocol §9) and return the fault's id."""
        made = self.control.post("control", "/v1/control/faults", {"partner": partner, "call": call, "mode": mode} | fields)
        return str(made["fault_id"])

    def hits(self, fault_id: str) -> int:
        """Return how often a fault has struck."""
        rows = self.control.get("control", "/v1/control/faults")["faults"]
        return int(next(row["hits"] for row in rows if row["fault_id"] == fault_id))

    def mend(self) -> None:
        """Switch every fault off."""
        self.control._tried("DELETE", "control", "/v1/control/faults", b"", tries=1)
        if self.wired is not None:
            self.wired._breaker = Breaker()

    def flush(self) -> None:
        """Settle what the bank has accepted and send every waiting event, until none waits."""
        for _ in range(3):
            told = self.control.post("control", "/v1/control/callbacks/flush", {})
            if not told["settled"] and not told["failed"]:
                return

    def events(self, *, state: str | None = None) -> list[dict[str, Any]]:
        """Return the log of events, newest first."""
        query = {"limit": 200} | ({"state": state} if state else {})
        return list(self.control.get("control", "/v1/control/callbacks", query)["callbacks"])

    def event_retry(self, callback_id: int) -> None:
        """Press the retry button of an event."""
        self.control.post("control", f"/v1/control/callbacks/{callback_id}/retry", {})

    def balance_fen(self, card_number: str) -> int:
        """Return what lies on a person's account."""
        return int(self.control.get("bank", f"/v1/bank/accounts/{card_number}")["balance_fen"])

    def lender_fen(self) -> dict[str, int]:
        """Return the lender's own accounts at the bank."""
        rows = self.control.get("bank", "/v1/bank/lender-accounts")["accounts"]
        return {row["account"]: row["balance_fen"] for row in rows}

    def sms(self, mobile: str) -> list[str]:
        """Return the texts in a number's inbox, newest first."""
        rows = self.control.get("sms", "/v1/sms", {"mobile": mobile, "limit": 50})["messages"]
        return [row["text"] for row in rows]

    def bookings(self) -> list[dict[str, Any]]:
        """Return every booking on the lender's accounts of yesterday to the day after tomorrow."""
        rows: list[dict[str, Any]] = []
        for days in range(-1, 3):
            on = clock.today() + timedelta(days=days)
            rows += self.control.get("bank", "/v1/bank/statement", {"date": on.isoformat(), "limit": 5000})["rows"]
        return rows

    def person(self, persona: str = "salaried") -> WorldPerson:
        """Return the next person of a persona with a valid ID card, no traps, and a Type I debit card."""
        if persona not in self._people:
            self._people[persona] = self._usable(persona)
        return next(self._people[persona])

    def _usable(self, persona: str) -> Iterator[WorldPerson]:
        people, cursor = world().people(persona, 200)
        while True:
            for person in people:
                is_main = any(c.is_main and c.card_type == "debit" and c.account_class == "I" for c in person.cards)
                if is_main and person.trap is None and self._has_valid_id_card(person):
                    yield person
            if cursor is None:
                return
            people, cursor = world().people(persona, 200, cursor)

    def _has_valid_id_card(self, person: WorldPerson) -> bool:
        body = {"name": person.name, "id_number": person.id_number}
        card = self.control.post("registry", "/v1/registry/check", body)["id_card"] or {}
        soon = (clock.today() + timedelta(days=400)).isoformat()
        return card.get("status") == "valid" and (card["is_long_term"] or card["valid_to"] > soon)


@contextmanager
def world_running(home: Path, *, callback_url: str | None = None, people: int = 800) -> Iterator[Sandbox]:
    """Start a world with its own home and wire every port of weidai to it."""
    running = testing.start(home, f"{callback_url}{CALLBACK_PATH}" if callback_url else None, people=people)
    control = SandboxClient(running.base_url, running.keys_folder, timeout_seconds=30)
    sandbox = Sandbox(running, control)
    try:
        with sandbox.in_force():
            yield sandbox
    finally:
        control.close()
        running.stop()


def settle(sandbox: Sandbox) -> None:
    """Let everything that is under way come to its end: calls retried at once, events sent, parked ones applied."""
    for _ in range(SETTLE_ROUNDS):
        pending = OutboxMessage.objects.filter(state=OutboxMessage.State.PENDING)
        pending.update(not_before=clock.wall_now(), leased_until=None)
        drain()
        sandbox.flush()
        inbox.apply_parked()
        if not pending.exists() and not sandbox.control.get("control", "/v1/control/callbacks",
                                                            {"state": "waiting", "limit": 1})["callbacks"]:
            return


def open_ends() -> list[str]:
    """Return what has not come to an end: calls still pending or given up, events nobody could apply."""
    calls = OutboxMessage.objects.exclude(state=OutboxMessage.State.DONE).values_list("kind", "last_error")
    events = InboxMessage.objects.exclude(state=InboxMessage.State.APPLIED).values_list("kind", "note")
    return [f"{kind}: {why}" for kind, why in [*calls, *events]]


class Life(Borrower):
    """A person of the world who lives in the present of the business clock, which moves on between two acts."""

    def __init__(self, person: WorldPerson, book_id: int = books.MAIN_BOOK) -> None:
        super().__init__(person, book_id)
        self.transfers: list[str] = []

    def wait(self, **units: int) -> None:
        """Let business time pass."""
        clock.move_forward(timedelta(**units))

    def registered(self) -> Life:
        """Sign up."""
        self.wait(seconds=61)
        self.register()
        return self

    def verified(self) -> Life:
        """Prove name, face, card and mobile number and say what one earns."""
        self.registered()
        self.prove_identity()
        self.prove_card_and_mobile()
        self.declare()
        return self

    def granted(self, product: str = "consumer_installment_line") -> Life:
        """Have a line that is accepted and activated, and an account whose balance only moves through the lender."""
        self.verified()
        self.assess()
        state = self.apply(product)
        assert state == "offered", state
        self.accept()
        self.activate()
        self.money_in_bank(BALANCE_FEN, freeze_income=True)
        return self

    def send(self, sandbox: Sandbox, amount_fen: int, *, memo: str) -> str:
        """Send money to the lender by bank transfer and return the transfer's id; a time-out at one's own bank is unknown."""
        self.transfers.append(f"tr-{uuid7()}")
        with suppress(PartnerUnavailable):
            sandbox.control.post("bank", "/v1/bank/transfers", {
                "request_id": self.transfers[-1], "card_number": self.card, "amount_fen": amount_fen, "memo": memo})
        return self.transfers[-1]

    def sign(self, amount_fen: int, *, months: int = 12) -> UUID:
        """Read, sign and send a drawdown off; what becomes of its money is the bank's business. Returns the loan."""
        drawdown = self.borrow_begin(amount_fen, months=months, method="level_payment", purpose="daily_consumption")
        self.wait(seconds=61)
        self.borrow_sign(drawdown)
        return self.loans[-1]


def book_open() -> None:
    """Open the main book on the business day that it is."""
    books.book_open(books.MAIN_BOOK, name="main", on=clock.today())
