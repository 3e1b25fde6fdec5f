"""Two at once on drawing: one loan, one limit, one payout (R5.5, R6.2, R6.3)."""

from datetime import timedelta

import pytest
from tests.races.conftest import together
from tests.services.lending_support import AT, borrower_make, code_for, confirm, deliver, drawdown_signed

from weidai.ledger import selectors as ledger
from weidai.lending import services as lending
from weidai.lending.models import Installment, Loan
from weidai.limits import selectors as limits
from weidai.limits import services as limit_services
from weidai.limits.errors import CreditLineFrozen, LimitExceeded
from weidai.platform import clock, inbox
from weidai.security.models import SmsAllowance, SmsChallenge

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _signing_time():
    with clock.travel_to(AT):
        yield


def _confirming(who, drawdown_id, challenge_id, code, key):
    proof = who.proof(drawdown_id, challenge_id)
    return lambda: lending.drawdown_confirm(who.id, drawdown_id=drawdown_id, challenge_id=challenge_id, code=code,
                                            device=proof, idempotency_key=key)


@pytest.mark.parametrize("keys", [("same", "same"), ("first", "second")])
def test_two_confirmations_of_one_drawdown_make_one_loan(keys):
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    with clock.travel_to(AT + timedelta(seconds=20)):
        challenge_id, code = code_for(who, drawdown_id)
        done = together(*(_confirming(who, drawdown_id, challenge_id, code, key) for key in keys))
    loan = Loan.objects.get()
    assert [result.loan_id for result in done] == [loan.id, loan.id]
    assert limits.line_get(who.id, who.line_id).reserved_fen == 1_200_000


def test_two_drawdowns_cannot_both_take_the_last_of_a_limit():
    who = borrower_make(amount_fen=2_000_000)
    first = drawdown_signed(who)
    from weidai.lending.models import Drawdown

    Drawdown.objects.filter(id=first).update(state="posted", submitted_at=AT)  # keep it from being replaced
    second = drawdown_signed(who)
    Drawdown.objects.filter(id=first).update(state="signed", submitted_at=None)
    with clock.travel_to(AT + timedelta(seconds=20)):
        codes = []
        for drawdown_id in (first, second):
            SmsAllowance.objects.all().delete()
            codes.append(code_for(who, drawdown_id))
        # the second one ended the first
        SmsChallenge.objects.filter(id=codes[0][0]).update(expires_at=clock.now() + timedelta(minutes=5))
        done = together(*(_confirming(who, drawdown_id, *code, str(drawdown_id))
                          for drawdown_id, code in zip((first, second), codes, strict=True)))
    assert sorted(isinstance(result, LimitExceeded) for result in done) == [False, True], done
    assert Loan.objects.count() == 1
    line = limits.line_get(who.id, who.line_id)
    assert (line.reserved_fen, line.available_fen) == (1_200_000, 800_000)


def test_a_freeze_while_drawing_lets_either_win_and_nothing_in_between():
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    with clock.travel_to(AT + timedelta(seconds=20)):
        challenge_id, code = code_for(who, drawdown_id)
        drawn, frozen = together(
            _confirming(who, drawdown_id, challenge_id, code, "k"),
            lambda: limit_services.hold_place(who.id, kind="fraud", source="risk", reason="test"))
    assert not isinstance(frozen, Exception)
    assert limits.hold_kinds(who.id) == ["fraud"]
    reserved = limits.line_get(who.id, who.line_id).reserved_fen
    if isinstance(drawn, CreditLineFrozen):
        assert (Loan.objects.count(), reserved) == (0, 0)
    else:
        assert (Loan.objects.get().id, reserved) == (drawn.loan_id, 1_200_000)


def test_twenty_copies_of_a_callback_and_two_workers_pay_out_once(bank):
    who = borrower_make()
    bank.say = "accepted"
    loan_id = confirm(who, drawdown_signed(who))
    deliver(who)
    payload = {"request_id": f"po-{loan_id}", "state": "succeeded", "amount_fen": 1_200_000}
    copies = [lambda: inbox.receive("bank", event_id="evt-1", kind="bank.payout.updated", payload=payload)] * 20
    assert not [result for result in together(*copies) if isinstance(result, Exception)]
    answer = bank.truth[f"po-{loan_id}"]
    posts = [lambda: lending.payout_post(who.id, loan_id=loan_id, booked_at=answer.booked_at, entry_id="e",
                                         source="query")] * 4
    assert sorted(together(*posts)) == [False, False, False, True]
    assert Installment.objects.filter(loan_id=loan_id).count() == 12
    assert limits.line_get(who.id, who.line_id).used_fen == 1_200_000
    assert ledger.check().is_sound


def test_post_and_void_at_once_leave_one_truth():
    who = borrower_make()
    loan_id = confirm(who, drawdown_signed(who))
    posted, voided = together(
        lambda: lending.payout_post(who.id, loan_id=loan_id, booked_at=AT, entry_id="e", source="query"),
        lambda: lending.payout_void(who.id, loan_id=loan_id, reason="card_closed", source="query"))
    assert sorted([posted, voided]) == [False, True]
    line = limits.line_get(who.id, who.line_id)
    assert (line.used_fen, line.reserved_fen) == ((1_200_000, 0) if posted else (0, 0))
    assert Loan.objects.get().state == ("active" if posted else "cancelled")
    assert ledger.check().is_sound
