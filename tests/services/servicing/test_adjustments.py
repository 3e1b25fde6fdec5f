"""Two persons for money without a name and for a payout booked after all (R6.3, R7.1, R8.6)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.services.lending_support import AT, at, borrower_make, confirm, deliver, drawdown_signed, loan_make
from tests.services.servicing.test_repayments import close_days

from weidai.kernel.bank import BankAnswer, BankState
from weidai.ledger import selectors as ledger
from weidai.ledger.services import AccountCode, AccountRef
from weidai.lending import services as lending
from weidai.lending.errors import PayoutNotConfirmed
from weidai.lending.models import Disbursement, Installment, Loan, PayoutDiscrepancy
from weidai.limits import selectors as limits
from weidai.platform import clock
from weidai.servicing import errors, selectors
from weidai.servicing import services as servicing
from weidai.servicing.models import Adjustment, Repayment, SuspenseItem


@pytest.fixture
def item():
    servicing.transfer_receive(servicing.IncomingTransfer("t1", 50_000, clock.now(), "", "e1", "某人", "**** 1", ""))
    return selectors.suspense_waiting()[0]


def test_nobody_approves_what_they_proposed(item):
    who = borrower_make()
    loan = loan_make(who)
    adjustment = servicing.suspense_propose(item.id, customer_id=who.id, loan_id=loan.id, staff_id="a", reason="流水相符")
    with pytest.raises(errors.AlreadyProposed):
        servicing.suspense_propose(item.id, customer_id=who.id, staff_id="b", reason="流水相符")
    with pytest.raises(errors.AdjustmentSamePerson):
        servicing.adjustment_approve(adjustment, staff_id="a")
    with pytest.raises(IntegrityError), transaction.atomic():  # the database refuses it too
        Adjustment.objects.update(state="approved", decided_by="a", decided_at=clock.now())
    assert not Repayment.objects.exists()
    servicing.adjustment_approve(adjustment, staff_id="b", note="已核对")
    assert Repayment.objects.get().amount_fen == 50_000
    assert SuspenseItem.objects.get().state == "assigned"
    with pytest.raises(errors.AdjustmentNotFound):
        servicing.adjustment_approve(adjustment, staff_id="c")
    assert ledger.check().is_sound


@pytest.mark.long
def test_what_was_rejected_waits_as_before_and_can_be_proposed_again(item):
    who = borrower_make()
    adjustment = servicing.suspense_propose(item.id, customer_id=who.id, staff_id="a", reason="流水相符")
    servicing.adjustment_reject(adjustment, staff_id="b", note="付款人不符")
    assert SuspenseItem.objects.get().state == "waiting"
    assert servicing.suspense_propose(item.id, customer_id=who.id, staff_id="a", reason="再次核对") != adjustment


@pytest.fixture
def contradicted(bank):
    """A payout we booked as failed on 4 March, of which the bank says in April that it was made."""
    who = borrower_make()
    loan_id = confirm(who, drawdown_signed(who))
    bank.fail_with = "card_closed"
    deliver(who)
    bank.truth[f"po-{loan_id}"] = BankAnswer(f"po-{loan_id}", BankState.SUCCEEDED, None, 1_200_000, AT, "e-late")
    lending.payout_post(who.id, loan_id=loan_id, booked_at=AT, entry_id="e-late", source="statement")
    assert (Loan.objects.get().state, PayoutDiscrepancy.objects.count()) == ("cancelled", 1)
    return who


def test_a_payout_made_after_all_is_booked_by_two_persons(contradicted, bank):
    who, row = contradicted, PayoutDiscrepancy.objects.get()
    close_days(date(2026, 4, 6))
    with at(AT + timedelta(days=33)):
        adjustment = servicing.payout_propose(row.id, staff_id="a", reason="对账单已列支")
        servicing.adjustment_approve(adjustment, staff_id="b", note="已向银行核实")
    loan = Loan.objects.get()
    assert (loan.state, loan.starts_on, loan.outstanding_fen) == ("active", date(2026, 3, 4), 1_200_000)
    assert (Disbursement.objects.get().state, Installment.objects.count()) == ("succeeded", 12)
    assert limits.line_get(who.id, who.line_id).used_fen == 1_200_000
    assert ledger.balance_fen(who.id, AccountRef(AccountCode.LOAN_PRINCIPAL, loan.id)) == 1_200_000
    row.refresh_from_db()
    assert row.resolved_at is not None
    assert not lending.payout_reinstate(who.id, discrepancy_id=row.id, resolution="again")
    close_days(date(2026, 4, 7))  # what fell due meanwhile is billed and marked by the next closing
    assert Loan.objects.get().overdue_since == date(2026, 4, 4)
    assert ledger.check().is_sound


@pytest.mark.long
def test_a_payout_the_bank_does_not_confirm_stays_failed(contradicted, bank):
    row = PayoutDiscrepancy.objects.get()
    bank.truth[f"po-{row.loan_id}"] = BankAnswer(f"po-{row.loan_id}", BankState.FAILED, "card_closed", 1_200_000)
    adjustment = servicing.payout_propose(row.id, staff_id="a", reason="对账单已列支")
    with pytest.raises(PayoutNotConfirmed):
        servicing.adjustment_approve(adjustment, staff_id="b")
    assert (Loan.objects.get().state, Adjustment.objects.get().state) == ("cancelled", "proposed")
