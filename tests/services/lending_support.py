"""A bank that answers as told and a borrower with a line, for tests of lending, servicing and end of day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from tests.services.credit_support import customer_make

from weidai.demo.device import SoftwareDevice
from weidai.identity.models import BankCard
from weidai.kernel.bank import BankAnswer, BankState
from weidai.kernel.errors import PartnerUnavailable
from weidai.lending import ports as lending_ports
from weidai.lending import services as lending
from weidai.lending.models import Loan
from weidai.limits import services as limits
from weidai.platform import books, clock, outbox
from weidai.platform.ids import uuid7
from weidai.security.models import SmsChallenge
from weidai.security.services import DeviceProof
from weidai.servicing import ports as servicing_ports

AT = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
PRODUCT = "consumer_installment_line"


@dataclass
class FakeBank:
    """Books once per request id, keeps what is true, and says what the test wants it to say."""

    truth: dict[str, BankAnswer] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    fail_with: str | None = None
    say: str = "truth"  # truth, accepted, lie_failed, lie_succeeded, timeout_after, timeout_before
    is_query_down: bool = False

    def _do(self, kind: str, request_id: str, amount_fen: int) -> BankAnswer:
        self.calls.append((kind, request_id))
        if self.say == "timeout_before":
            raise PartnerUnavailable
        if request_id not in self.truth:
            is_failed = self.fail_with is not None or self.say == "lie_succeeded"
            self.truth[request_id] = (
                BankAnswer(request_id, BankState.FAILED, self.fail_with or "unknown", amount_fen) if is_failed else
                BankAnswer(request_id, BankState.SUCCEEDED, None, amount_fen, clock.now(), f"e-{len(self.truth)}"))
        if self.say == "timeout_after":
            raise PartnerUnavailable
        if self.say == "accepted":
            return BankAnswer(request_id, BankState.ACCEPTED, None, amount_fen)
        if self.say == "lie_failed":
            return BankAnswer(request_id, BankState.FAILED, "card_closed", amount_fen)
        if self.say == "lie_succeeded":
            return BankAnswer(request_id, BankState.SUCCEEDED, None, amount_fen, clock.now(), "e-lie")
        return self.truth[request_id]

    def payout(self, *, request_id: str, card_number: str, name: str, amount_fen: int, memo: str) -> BankAnswer:
        return self._do("payout", request_id, amount_fen)

    def debit(self, *, request_id, card_number, name, amount_fen, agreement_id, memo) -> BankAnswer:
        return self._do("debit", request_id, amount_fen)

    def refund(self, *, request_id: str, original_request_id: str, amount_fen: int, memo: str) -> BankAnswer:
        return self._do("refund", request_id, amount_fen)

    def query(self, request_id: str) -> BankAnswer:
        self.calls.append(("query", request_id))
        if self.is_query_down:
            raise PartnerUnavailable
        return self.truth.get(request_id) or BankAnswer(request_id, BankState.NOT_FOUND)

    def count(self, kind: str) -> int:
        return sum(1 for called, _ in self.calls if called == kind)


def bank_wire() -> FakeBank:
    import weidai.lending.arrivals
    import weidai.lending.deliveries
    import weidai.servicing.arrivals
    import weidai.servicing.deliveries  # noqa: F401

    bank = FakeBank()
    lending_ports.disbursement_bank.fill(bank)
    servicing_ports.collection_bank.fill(bank)
    return bank


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    with clock.travel_to(instant):
        yield


def line_make(customer_id: UUID, *, amount_fen: int = 3_000_000, rate_e8: int = 40_000) -> UUID:
    line = limits.line_grant(customer_id, product=PRODUCT, amount_fen=amount_fen, grade="B", daily_rate_e8=rate_e8,
                             terms=(), application_id=uuid7())
    limits.line_activate(customer_id, line_id=line.id)
    return line.id


@dataclass(frozen=True)
class Borrower:
    """A customer with an activated line, a card and a bound device."""

    id: UUID
    line_id: UUID
    card_id: UUID
    device: SoftwareDevice = field(default_factory=SoftwareDevice)

    def proof(self, drawdown_id: UUID, challenge_id: UUID) -> DeviceProof:
        return self.device.proof(
            lending.drawdown_to_sign(self.id, drawdown_id=drawdown_id, challenge_id=challenge_id))


def borrower_make(serial: int = 1, *, amount_fen: int = 3_000_000, rate_e8: int = 40_000) -> Borrower:
    customer_id = customer_make(serial)
    card = BankCard.objects.get(customer_id=customer_id)
    who = Borrower(customer_id, line_make(customer_id, amount_fen=amount_fen, rate_e8=rate_e8), card.id)
    who.device.bound_first(customer_id)
    return who


def drawdown_signed(who: Borrower, *, amount_fen: int = 1_200_000, term_months: int = 12,
                    method: str = "equal_principal") -> UUID:
    """Bring a drawdown to the accepted agreement; the clock moves on over the reading time."""
    began = clock.now()
    drawdown_id = lending.drawdown_start(who.id, line_id=who.line_id, amount_fen=amount_fen,
                                         purpose="daily_consumption", term_months=term_months, method=method)
    lending.cost_sheet_open(who.id, drawdown_id=drawdown_id)
    with clock.travel_to(began + timedelta(seconds=10)):
        lending.cost_sheet_confirm(who.id, drawdown_id=drawdown_id)
        lending.agreement_open(who.id, drawdown_id=drawdown_id)
        lending.agreement_sign(who.id, drawdown_id=drawdown_id)
    return drawdown_id


def code_for(who: Borrower, drawdown_id: UUID) -> tuple[UUID, str]:
    challenge = lending.drawdown_code_send(who.id, drawdown_id=drawdown_id)
    return challenge.id, SmsChallenge.objects.get(id=challenge.id).code


def confirm(who: Borrower, drawdown_id: UUID, *, key: str = "k1") -> UUID:
    """Sign with the SMS code and return the loan."""
    with clock.travel_to(clock.now() + timedelta(seconds=20)):
        challenge_id, code = code_for(who, drawdown_id)
        return lending.drawdown_confirm(who.id, drawdown_id=drawdown_id, challenge_id=challenge_id, code=code,
                                        device=who.proof(drawdown_id, challenge_id), idempotency_key=key).loan_id


def deliver(who: Borrower) -> int:
    from weidai.platform.models import OutboxMessage

    OutboxMessage.objects.filter(customer_id=who.id, state="pending").update(not_before=clock.wall_now())
    return outbox.deliver_due(customer_id=who.id)


def loan_make(who: Borrower, *, amount_fen: int = 1_200_000, term_months: int = 12,
              method: str = "equal_principal") -> Loan:
    """Draw, sign and pay out a loan now."""
    loan_id = confirm(who, drawdown_signed(who, amount_fen=amount_fen, term_months=term_months, method=method),
                      key=str(uuid7()))
    deliver(who)
    loan = Loan.objects.get(customer_id=who.id, id=loan_id)
    assert loan.state == "active", loan.state
    return loan


def book_open(on: date) -> None:
    books.book_open(books.MAIN_BOOK, name="main", on=on)
