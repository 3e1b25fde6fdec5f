"""Every partner, every fault: the journey ends in a truthful state, no payout or repayment lost or doubled (R6.3, R7.1, R9.4).

The sandbox world is broken on purpose (sandbox-protocol.md §9). Once everything has come to its end, the bank's statement
and accounts, weidai's loans and repayments, and weidai's ledger must tell the same story to the fen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from tests.support.sides import (
    Moved,
    assert_lender_agrees,
    assert_truthful,
    balance,
    contradictions_open,
    loans_say,
)
from tests.support.world import Life, Sandbox, open_ends, settle
from weidai.assessment import selectors as assessments
from weidai.assessment import services as assessment
from weidai.assessment.models import CreditReport
from weidai.audit import selectors as audit
from weidai.identity import selectors as identities
from weidai.identity import services as identity
from weidai.identity.legal_texts import present_versions
from weidai.jobs.end_of_day import drain
from weidai.kernel.days import shanghai_date
from weidai.kernel.errors import PartnerUnavailable, Refusal
from weidai.ledger.services import AccountCode
from weidai.lending import selectors as lending
from weidai.limits import selectors as limits
from weidai.platform import clock
from weidai.platform.models import OutboxMessage
from weidai.servicing.models import DebitInstruction, Refund
from weidai.servicing.services import IncomingTransfer, transfer_receive

pytestmark = pytest.mark.django_db(transaction=True)

LOAN_FEN, PAID_FEN, TOO_MUCH_FEN = 100_000, 40_000, 12_345
HOLD = {"hold_ms": 400}  # longer than weidai waits for an answer
LOANS_EACH = 3


@dataclass(frozen=True)
class Case:
    """A fault of a money request and what has to come of it: `is_done` says whether the money moves."""

    mode: str
    fields: dict[str, Any] = field(default_factory=dict)
    is_done: bool = True
    is_waiting: bool = False  # nothing may be final before the bank settles


MONEY: dict[str, Case] = {
    "delay": Case("delay", {"delay_ms": 80}),
    "late_answer": Case("delay", {"delay_ms": 400}),
    "timeout_before_effect": Case("timeout_before_effect", HOLD),
    "timeout_after_effect": Case("timeout_after_effect", HOLD),
    "error_5xx": Case("error_5xx", {"status": 502}),
    "reject": Case("reject", {"reason": "card_closed"}, is_done=False),
    "async_accept": Case("async_accept", {"delay_ms": 50}, is_waiting=True),
    "async_accept_held": Case("async_accept", {"hold": True}, is_waiting=True),
    "async_accept_next_day": Case("async_accept", {"hold": True, "book_next_day": True}, is_waiting=True),
    "failed_but_done": Case("contradictory", {"variant": "failed_but_done", "reason": "card_closed"}),
    "succeeded_but_not_done": Case(
        "contradictory", {"variant": "succeeded_but_not_done", "reason": "card_closed"}, is_done=False),
    "accepted_then_opposite": Case("contradictory", {"variant": "accepted_then_opposite", "reason": "card_closed"}),
    "duplicate_callback": Case("duplicate_callback", {"copies": 3}),
    "out_of_order_callback": Case("out_of_order_callback", {"delay_ms": 50}),
    "lost_callback": Case("lost_callback"),
}
money_cases = pytest.mark.parametrize("case", MONEY.values(), ids=MONEY.keys())


@dataclass
class Crew:
    """Borrowers with an activated line; each takes a few loans, so that stories also mix within one customer."""

    sandbox: Sandbox
    _life: Life | None = None

    def borrower(self) -> Life:
        if self._life is None or len(self._life.loans) >= LOANS_EACH:
            self._life = Life(self.sandbox.person("young_worker")).granted()
        return self._life


@pytest.fixture(scope="module")
def crew(sandbox: Sandbox) -> Crew:
    return Crew(sandbox)


@pytest.fixture(scope="module")
def opened(sandbox: Sandbox) -> dict[str, int]:
    """The lender's accounts before the first loan."""
    return sandbox.lender_fen()


@pytest.fixture(autouse=True)
def _explained(sandbox: Sandbox, opened: dict[str, int]) -> Iterator[None]:
    """Each test ends with nothing open and the lender's accounts at the bank explained by the whole ledger."""
    yield
    settle(sandbox)
    assert open_ends() == []
    assert contradictions_open() == 0
    assert_lender_agrees(sandbox, opened=opened)


@contextmanager
def bank_broken(sandbox: Sandbox, call: str, case: Case, *, with_query: str = "") -> Iterator[None]:
    """Break one request of the bank; `with_query` breaks every question about it, too, in that way."""
    with ExitStack() as stack:
        if with_query:
            stack.enter_context(sandbox.broken("bank", "requests", with_query, wait=0.1, hold_ms=200))
        stack.enter_context(sandbox.broken("bank", call, case.mode, count=1, **case.fields))
        yield


def loan_of(life: Life) -> Any:
    return lending.loan_get(life.customer_id, life.loans[-1])


# ---------------------------------------------------------------------------------------------------------- payouts


@money_cases
def test_payout(sandbox: Sandbox, crew: Crew, case: Case) -> None:
    """R6.3: unknown is never failed; the loan exists exactly when the money left, and is dated by the bank's booking."""
    life = crew.borrower()
    before = loans_say(life)
    with bank_broken(sandbox, "payouts", case):
        life.sign(LOAN_FEN)
        if case.is_waiting:
            assert loan_of(life).state == "pending"
            assert limits.line_get(life.customer_id, life.line_id).reserved_fen == LOAN_FEN
    settle(sandbox)
    assert loan_of(life).state == ("active" if case.is_done else "cancelled")
    assert assert_truthful(sandbox, life) - before == Moved(LOAN_FEN if case.is_done else 0, 0, 0)
    if case.is_done:
        booked = next(row for row in sandbox.bookings() if row["request_id"] == f"po-{life.loans[-1]}")
        assert loan_of(life).starts_on == shanghai_date(datetime.fromisoformat(booked["booked_at"]))


@pytest.mark.parametrize("query", ["timeout_before_effect", "error_5xx"])
@pytest.mark.parametrize("first", ["timeout_after_effect", "failed_but_done", "succeeded_but_not_done"])
def test_payout_when_the_query_is_broken_too(sandbox: Sandbox, crew: Crew, first: str, query: str) -> None:
    """While neither answer nor query can be believed the loan waits, its limit reserved."""
    life, case = crew.borrower(), MONEY[first]
    before = loans_say(life)
    with bank_broken(sandbox, "payouts", case, with_query=query):
        life.sign(LOAN_FEN)
        _try_again()
        assert loan_of(life).state == "pending"
    settle(sandbox)
    assert loan_of(life).state == ("active" if case.is_done else "cancelled")
    assert assert_truthful(sandbox, life) - before == Moved(LOAN_FEN if case.is_done else 0, 0, 0)


def test_payout_accepted_and_its_event_lost(sandbox: Sandbox, crew: Crew) -> None:
    """Without any event the outbox itself finds out."""
    life = crew.borrower()
    before = loans_say(life)
    sandbox.fault("bank", "payouts", "lost_callback", count=1)
    with bank_broken(sandbox, "payouts", MONEY["async_accept"]):
        life.sign(LOAN_FEN)
    settle(sandbox)
    assert loan_of(life).state == "active"
    assert assert_truthful(sandbox, life) - before == Moved(LOAN_FEN, 0, 0)


# ----------------------------------------------------------------------------------------------------------- debits


@money_cases
def test_debit(sandbox: Sandbox, crew: Crew, case: Case) -> None:
    """R7.1: a repayment is booked exactly when the bank took the money, once."""
    life = crew.borrower()
    life.sign(LOAN_FEN)
    settle(sandbox)
    before = loans_say(life)
    with bank_broken(sandbox, "debits", case):
        life.pay("amount", amount_fen=PAID_FEN)
        assert not case.is_waiting or loans_say(life) == before
    settle(sandbox)
    debit = DebitInstruction.objects.get(customer_id=life.customer_id, loan_id=life.loans[-1])
    assert debit.state == ("succeeded" if case.is_done else "failed")
    taken_fen = PAID_FEN if case.is_done else 0
    if case.mode != "async_accept":  # a day later interest takes its part
        assert loan_of(life).outstanding_fen == LOAN_FEN - taken_fen
    assert assert_truthful(sandbox, life) - before == Moved(0, taken_fen, 0)


@pytest.mark.parametrize("query", ["timeout_before_effect", "error_5xx"])
@pytest.mark.parametrize("first", ["timeout_after_effect", "failed_but_done", "succeeded_but_not_done"])
def test_debit_when_the_query_is_broken_too(sandbox: Sandbox, crew: Crew, first: str, query: str) -> None:
    """A debit whose result nobody tells stays open, and a second one is refused meanwhile."""
    life, case = crew.borrower(), MONEY[first]
    life.sign(LOAN_FEN)
    settle(sandbox)
    before = loans_say(life)
    with bank_broken(sandbox, "debits", case, with_query=query):
        life.pay("amount", amount_fen=PAID_FEN)
        with pytest.raises(Refusal) as refused:
            life.pay("amount", amount_fen=PAID_FEN)
        assert refused.value.code == "servicing.debit_in_progress"
        _try_again()
        assert loans_say(life) == before
    settle(sandbox)
    assert assert_truthful(sandbox, life) - before == Moved(0, PAID_FEN if case.is_done else 0, 0)


# ------------------------------------------------------------------------------------------------ transfers, refunds


@pytest.mark.parametrize("name", MONEY)
def test_transfer(sandbox: Sandbox, crew: Crew, name: str) -> None:
    """Money a borrower sends is booked when the bank tells of it, once, however often it does."""
    life, case = crew.borrower(), MONEY[name]
    life.sign(LOAN_FEN)
    settle(sandbox)
    before, balance_fen = loans_say(life), sandbox.balance_fen(life.card)
    sandbox.fault("bank", "transfers", case.mode, count=1, **case.fields)
    transfer_id = life.send(sandbox, PAID_FEN, memo=loan_of(life).number)
    sandbox.mend()
    settle(sandbox)
    is_done = sandbox.balance_fen(life.card) == balance_fen - PAID_FEN
    assert is_done == (name not in ("timeout_before_effect", "error_5xx", "reject", "succeeded_but_not_done"))
    if name in ("lost_callback", "accepted_then_opposite"):  # nobody told weidai: the money is missing, not misbooked
        assert loans_say(life) == before
        _told_later(sandbox, transfer_id)
    assert assert_truthful(sandbox, life) - before == Moved(0, PAID_FEN if is_done else 0, 0)


@money_cases
def test_refund(sandbox: Sandbox, crew: Crew, case: Case) -> None:
    """What was paid too much goes back once, or stays owed to the customer and visible when the bank refuses."""
    life = crew.borrower()
    life.sign(LOAN_FEN)
    settle(sandbox)
    before, owed_back_fen = loans_say(life), balance(life, AccountCode.CUSTOMER_PAYABLE)
    transfer_id = life.send(sandbox, LOAN_FEN + TOO_MUCH_FEN, memo=loan_of(life).number)
    sandbox.flush()
    with bank_broken(sandbox, "refunds", case):
        drain()
    settle(sandbox)
    refund = Refund.objects.get(customer_id=life.customer_id, repayment__reference=transfer_id)
    assert refund.state == ("succeeded" if case.is_done else "failed")
    assert loan_of(life).state == "settled"
    back_fen = TOO_MUCH_FEN if case.is_done else 0
    assert assert_truthful(sandbox, life) - before == Moved(0, LOAN_FEN + TOO_MUCH_FEN, back_fen)
    assert balance(life, AccountCode.CUSTOMER_PAYABLE) == owed_back_fen + TOO_MUCH_FEN - back_fen


# --------------------------------------------------------------------------------------- identity, data, application

QUESTIONS: dict[str, tuple[str, str]] = {
    "registry": ("registry", "check"), "face": ("face", "verifications"), "cards": ("cards", "four-elements"),
    "operator": ("operator", "three-elements"), "bureau": ("bureau", "reports"), "data": ("data", "profile"),
}
FAULTS: dict[str, dict[str, Any]] = {
    "delay": {"delay_ms": 60}, "timeout_before_effect": {"hold_ms": 300}, "timeout_after_effect": {"hold_ms": 300},
    "error_5xx": {}, "reject": {"reason": "inconclusive"},
}


@pytest.mark.parametrize("mode", FAULTS)
@pytest.mark.parametrize("partner", QUESTIONS)
def test_question(sandbox: Sandbox, partner: str, mode: str) -> None:
    """A partner that does not answer leaves a typed refusal and nothing half-verified; trying again succeeds."""
    life = Life(sandbox.person("thin_file")).registered()
    name, call = QUESTIONS[partner]
    steps = _steps(life)
    for step in steps[:list(QUESTIONS).index(partner)]:
        step()
    broken_step = steps[list(QUESTIONS).index(partner)]
    before = _known(life), len(assessments.history(life.customer_id))
    with sandbox.broken(name, call, mode, wait=0.15, **FAULTS[mode]):
        if mode == "delay":
            broken_step()
        else:
            with pytest.raises(Refusal) as refused:
                broken_step()
            assert refused.value.message.zh
            assert refused.value.message.en
            assert isinstance(refused.value, PartnerUnavailable) or mode == "reject"
            assert (_known(life), len(assessments.history(life.customer_id))) == before, "something was half-verified"
    for step in steps[list(QUESTIONS).index(partner) + (mode == "delay"):]:
        step()
    assert _known(life) == {"is_real_name", "strength_90", "card", "report", "assessment"}
    assert audit.verify().is_sound


@pytest.mark.parametrize("mode", FAULTS)
def test_registration_code(sandbox: Sandbox, mode: str) -> None:
    """A code that does not arrive blocks nobody for good, and arrives once."""
    person = sandbox.person("thin_file")
    life = Life(person)
    life.wait(seconds=61)
    with sandbox.broken("sms", "send", mode, wait=0.15, **FAULTS[mode]):
        challenge = identity.registration_start(mobile=person.mobile)
        drain()
    assert (len(sandbox.sms(person.mobile)) == 1) == (mode in ("delay", "timeout_after_effect"))
    settle(sandbox)
    if mode == "reject":  # the gateway said no: the person asks for another code
        life.wait(seconds=61)
        challenge = identity.registration_start(mobile=person.mobile)
        settle(sandbox)
    assert len(sandbox.sms(person.mobile)) == 1
    customer_id = identity.registration_complete(
        challenge_id=challenge.id, mobile=person.mobile, code=life.code(), agreed=present_versions(), book_id=1)
    assert identities.customer_by_mobile(person.mobile) == customer_id


@pytest.mark.parametrize("mode", FAULTS)
@pytest.mark.parametrize("partner", ["bureau", "data"])
def test_application_under_review(sandbox: Sandbox, partner: str, mode: str) -> None:
    """A stage that cannot ask its partner waits and goes on by itself later; it is never taken for a "no" (R4.4)."""
    life = Life(sandbox.person("young_worker")).verified()
    life.assess()
    name, call = QUESTIONS[partner]
    with sandbox.broken(name, call, mode, wait=0.15, **FAULTS[mode]):
        state = life.apply()
    assert state == "offered" if mode == "delay" else state in ("final_review", "screening"), state
    assert limits.lines_for(life.customer_id) == []
    settle(sandbox)
    assert life.application_state() == "offered"
    life.accept()
    assert len(limits.lines_for(life.customer_id)) == 1


# ---------------------------------------------------------------------------------------------------------- helpers


def _steps(life: Life) -> list[Callable[[], Any]]:
    """Return what a person does, in the order of QUESTIONS; the first question of each step is that partner's."""
    life.consent("real_name_check", "face", "bank_card_check", "mobile_check", "payment_data", "credit_report")
    me, person = life.customer_id, life.person
    return [
        lambda: identity.id_card_submit(me, name=person.name, id_number=person.id_number),
        lambda: identity.face_check(me, image_digest=life._picture("real_name"), purpose="real_name"),
        lambda: identity.bank_card_bind(me, card_number=life.card, mobile=person.mobile),
        lambda: identity.mobile_check(me),
        lambda: assessment.assessment_run(me, trigger="requested", bureau_reason="loan_approval"),
        lambda: assessment.assessment_run(me, trigger="requested"),
    ]


def _known(life: Life) -> set[str]:
    """Return everything that the questions establish about a customer."""
    me = life.customer_id
    points = identities.identity_strength(me).points
    found = {
        "is_real_name": identities.is_real_name(me), "card": bool(identities.bank_cards(me)),
        f"strength_{points}": points > 0,
        "report": CreditReport.objects.filter(customer_id=me).exists(), "assessment": assessments.latest(me) is not None,
    }
    return {name for name, is_so in found.items() if is_so}


def _try_again() -> None:
    """Let every open call be tried once more."""
    OutboxMessage.objects.filter(state="pending").update(not_before=clock.wall_now(), leased_until=None)
    drain()


def _told_later(sandbox: Sandbox, transfer_id: str) -> None:
    """Have the event of a transfer sent after all, or, where the bank never wrote one, book its statement line."""
    lost = [row for row in sandbox.events(state="lost") if row["body"].get("transfer_id") == transfer_id]
    for row in lost:
        sandbox.event_retry(row["callback_id"])
    if not lost:
        booked = next(row for row in sandbox.bookings() if row["request_id"] == transfer_id)
        transfer_receive(IncomingTransfer(
            transfer_id=transfer_id, amount_fen=booked["amount_fen"], memo=booked["memo"], entry_id=booked["entry_id"],
            received_at=datetime.fromisoformat(booked["booked_at"]), payer_name="", payer_masked="",
            payer_card_number=""))
