"""What money received does: allocation, ledger, limit, spell, hold, refund (R7.1-R7.3)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.services.lending_support import AT, at, borrower_make, deliver, loan_make

from weidai.audit.models import Event
from weidai.identity.errors import ConsentRequired
from weidai.identity.models import Consent
from weidai.jobs.end_of_day import day_close
from weidai.kernel.days import shanghai_instant
from weidai.kernel.errors import Invalid
from weidai.ledger import selectors as ledger
from weidai.ledger.services import AccountCode, AccountRef
from weidai.lending.models import Installment, Loan
from weidai.limits import selectors as limits
from weidai.platform import books, clock, inbox
from weidai.servicing import errors, selectors
from weidai.servicing import services as servicing
from weidai.servicing.models import DebitInstruction, MoneyDiscrepancy, OverdueSpell, Refund, Repayment, SuspenseItem
from weidai.servicing.own_loans import OwnLoans

COLLECTION = AccountRef(AccountCode.COLLECTION_CLEARING, None)
PAYABLE = AccountRef(AccountCode.CUSTOMER_PAYABLE, None)
DUE = date(2026, 4, 4)
INTEREST_1 = 14_880  # 12,000.00 × 0.04 % × 31 days


def noon(day: date) -> datetime:
    return shanghai_instant(day) + timedelta(hours=12)


def pay(who, amount_fen: int, *, received_at: datetime | None = None, reference: str = "r1", **more):
    return servicing.repayment_receive(who.id, amount_fen=amount_fen, received_at=received_at or clock.now(),
                                       channel=more.pop("channel", "debit"), reference=reference, **more)


def books_of(loan: Loan) -> dict[str, int]:
    return {code.value: ledger.balance_fen(loan.customer_id, AccountRef(code, loan.id)) for code in (
        AccountCode.LOAN_PRINCIPAL, AccountCode.INTEREST_RECEIVABLE, AccountCode.INTEREST_INCOME,
        AccountCode.PENALTY_RECEIVABLE, AccountCode.PENALTY_INCOME)}


def close_days(until: date) -> None:
    while books.business_date() < until:
        with at(shanghai_instant(books.business_date() + timedelta(days=1)) + timedelta(minutes=5)):
            day_close(books.MAIN_BOOK)


def test_paying_the_due_amount_on_the_due_date():
    who = borrower_make()
    loan = loan_make(who)
    with at(noon(DUE)):
        booked = pay(who, 100_000 + INTEREST_1)
    assert (booked.applied_fen, booked.excess_fen, booked.is_new) == (114_880, 0, True)
    assert books_of(loan) == {"loan_principal": 1_100_000, "interest_receivable": 0, "interest_income": INTEREST_1,
                              "penalty_receivable": 0, "penalty_income": 0}
    assert ledger.balance_fen(who.id, COLLECTION) == 114_880
    line = limits.line_get(who.id, who.line_id)
    assert (line.used_fen, line.available_fen) == (1_100_000, 1_900_000)
    first = Installment.objects.get(loan=loan, number=1)
    assert (first.settled_on, first.interest_billed_fen) == (DUE, INTEREST_1)
    assert Loan.objects.get().next_due_on == date(2026, 5, 4)
    assert Event.objects.filter(name="servicing.repayment.received").count() == 1
    assert ledger.check().is_sound


def test_the_same_reference_is_booked_once():
    who = borrower_make()
    loan_make(who)
    first = pay(who, 50_000)
    again = pay(who, 50_000)
    assert (again.repayment_id, again.is_new) == (first.repayment_id, False)
    assert Repayment.objects.count() == 1


def test_a_second_deduction_under_the_same_reference_is_given_back(bank):
    who = borrower_make()
    loan_make(who)
    pay(who, 50_000, entry_id="e-1")
    twice = pay(who, 50_000, entry_id="e-2")
    assert (twice.applied_fen, twice.excess_fen) == (0, 50_000)
    assert pay(who, 50_000, entry_id="e-2").is_new is False
    refund = Refund.objects.get()
    assert (refund.reason, refund.original_request_id, refund.amount_fen) == ("duplicate", "r1", 50_000)
    assert ledger.balance_fen(who.id, PAYABLE) == 50_000
    deliver(who)
    assert Refund.objects.get().state == "succeeded"
    assert ledger.balance_fen(who.id, PAYABLE) == 0
    assert bank.count("refund") == 1
    assert ledger.check().is_sound


def test_giving_everything_back_within_24_hours_costs_nothing():
    who = borrower_make()
    loan = loan_make(who)
    with at(AT + timedelta(hours=23)):
        quote = servicing.settle_quote(who.id, loan_id=loan.id)
        assert (quote.total_fen, quote.is_cooling_off) == (1_200_000, True)
        pay(who, 1_200_000, loan_id=loan.id, intent="settle")
    assert Loan.objects.get().state == "settled"
    assert books_of(loan)["interest_income"] == 0
    assert limits.line_get(who.id, who.line_id).available_fen == 3_000_000


def test_early_settlement_pays_interest_for_the_days_used_only():
    who = borrower_make()
    loan = loan_make(who)
    with at(noon(date(2026, 3, 14))):
        quote = servicing.settle_quote(who.id, loan_id=loan.id)
        assert (quote.principal_fen, quote.interest_fen, quote.fee_fen) == (1_200_000, 4_800, 0)  # 10 days
        pay(who, quote.total_fen, loan_id=loan.id, intent="settle")
    assert Loan.objects.get().state == "settled"
    assert books_of(loan) == {"loan_principal": 0, "interest_receivable": 0, "interest_income": 4_800,
                              "penalty_receivable": 0, "penalty_income": 0}
    assert Refund.objects.count() == 0


def test_money_for_a_settled_loan_is_given_back():
    who = borrower_make()
    loan = loan_make(who)
    with at(noon(date(2026, 3, 14))):
        pay(who, 1_300_000, loan_id=loan.id)
    assert Refund.objects.get().amount_fen == 1_300_000 - 1_204_800
    with at(noon(date(2026, 3, 15))):
        booked = pay(who, 10_000, loan_id=loan.id, reference="r2")
    assert booked.excess_fen == 10_000


def test_day_of_lateness_freezes_and_full_payment_frees():
    who = borrower_make()
    loan = loan_make(who)
    close_days(date(2026, 4, 5))
    assert limits.hold_kinds(who.id) == ["overdue"]
    spell = OverdueSpell.objects.get()
    assert (spell.first_due_on, spell.started_at) == (DUE, datetime(2026, 4, 4, 16, 0, tzinfo=UTC))
    assert Loan.objects.get().overdue_principal_fen == 100_000
    assert books_of(loan)["interest_receivable"] == INTEREST_1
    with at(noon(date(2026, 4, 6))):
        bills = selectors.bills_for(who.id)
        assert (bills.overdue_fen, bills.rows[0].days_past_due) == (100_000 + INTEREST_1 + 100, 2)  # 2 × 0.05 %
        pay(who, 100_000)
        assert limits.hold_kinds(who.id) == ["overdue"]
        pay(who, bills.overdue_fen - 100_000, reference="r2")
    assert limits.hold_kinds(who.id) == []
    spell.refresh_from_db()
    assert spell.cured_within_72h is True
    assert books_of(loan) == {"loan_principal": 1_100_000, "interest_receivable": 0, "interest_income": INTEREST_1,
                              "penalty_receivable": 0, "penalty_income": 100}
    facts = OwnLoans().repayment_facts(who.id, on=date(2026, 4, 7))
    assert (facts.overdue_event_count, facts.standing_notches, facts.is_overdue) == (1, 1, False)
    assert OwnLoans().repayment_facts(who.id, on=date(2026, 7, 6)).standing_notches == 0
    assert ledger.check().is_sound


def test_money_received_in_time_but_told_late_undoes_the_lateness():
    who = borrower_make()
    loan = loan_make(who)
    close_days(date(2026, 4, 5))
    with at(noon(date(2026, 4, 6))):
        pay(who, 100_000 + INTEREST_1, received_at=datetime(2026, 4, 4, 15, 59, tzinfo=UTC))
    assert OverdueSpell.objects.get().is_void is True
    assert limits.hold_kinds(who.id) == []
    assert books_of(loan)["penalty_income"] == 0
    assert OwnLoans().repayment_facts(who.id, on=date(2026, 4, 7)).overdue_event_count == 0


def test_part_of_the_money_in_time_does_not_undo_being_late_with_the_rest():
    who = borrower_make()
    loan = loan_make(who)
    close_days(date(2026, 4, 15))
    with at(noon(date(2026, 4, 14))):
        pay(who, 100_000, reference="r1")  # ten days late, and not all of it
    assert OverdueSpell.objects.get().ended_at is None
    with at(noon(date(2026, 4, 16))):
        pay(who, 20_000, received_at=datetime(2026, 4, 4, 8, tzinfo=UTC), reference="r2")  # in time, told late
    spell = OverdueSpell.objects.get()
    assert (spell.is_void, spell.ended_at, spell.cured_within_72h) == (False, noon(date(2026, 4, 14)), False)
    assert limits.hold_kinds(who.id) == []
    assert books_of(loan)["penalty_income"] > 0
    assert OwnLoans().repayment_facts(who.id, on=date(2026, 4, 16)).overdue_event_count == 1


def test_a_backdated_payment_replays_what_came_later():
    who = borrower_make()
    loan = loan_make(who)
    close_days(date(2026, 4, 5))
    with at(noon(date(2026, 4, 14))):
        pay(who, 100_000 + INTEREST_1 + 500, reference="late")  # ten days of penalty
        assert books_of(loan)["penalty_income"] == 500
        pay(who, 100_000 + INTEREST_1, received_at=noon(DUE), reference="early")
    assert books_of(loan)["penalty_income"] == 0
    assert ledger.check().is_sound
    repaid = sum(row.principal_fen + row.interest_fen + row.penalty_fen for row in selectors.repayments_for(who.id))
    assert repaid == 2 * (100_000 + INTEREST_1) + 500
    balance = books_of(loan)
    assert balance["loan_principal"] == Loan.objects.get().outstanding_fen
    assert balance["interest_receivable"] == 0


def test_pay_now_with_the_bound_card(bank):
    who = borrower_make()
    loan = loan_make(who)
    with at(noon(DUE)):
        debit_id = servicing.repayment_request(who.id, loan_id=loan.id, kind="due", idempotency_key="k")
        assert servicing.repayment_request(who.id, loan_id=loan.id, kind="due", idempotency_key="k") == debit_id
        with pytest.raises(errors.DebitInProgress):
            servicing.repayment_request(who.id, loan_id=loan.id, kind="due", idempotency_key="k2")
        with pytest.raises(Invalid):
            servicing.repayment_request(who.id, loan_id=loan.id, kind="settle", idempotency_key="k")
        deliver(who)
    row = selectors.debit_get(who.id, debit_id)
    assert (row.state, row.amount_fen) == ("succeeded", 114_880)
    assert Installment.objects.get(loan=loan, number=1).settled_on == DUE


def test_a_false_no_of_the_bank_is_checked_and_the_money_booked(bank):
    who = borrower_make()
    loan = loan_make(who)
    bank.say = "lie_failed"
    with at(noon(DUE)):
        debit_id = servicing.repayment_request(who.id, loan_id=loan.id, kind="due", idempotency_key="k")
        deliver(who)
    assert selectors.debit_get(who.id, debit_id).state == "succeeded"


def test_money_taken_although_we_held_it_for_failed_is_booked_after_a_query(bank):
    who = borrower_make()
    loan = loan_make(who)
    with at(noon(DUE)):
        bank.fail_with = "insufficient_funds"
        debit_id = servicing.repayment_request(who.id, loan_id=loan.id, kind="due", idempotency_key="k")
        deliver(who)
        row = selectors.debit_get(who.id, debit_id)
        assert (row.state, row.failure_text.en) == ("failed", "the balance is too low")
        bank.fail_with = None
        request_id = DebitInstruction.objects.get().request_id
        del bank.truth[request_id]
        bank.debit(request_id=request_id, card_number="", name="", amount_fen=114_880, agreement_id="", memo="")
        inbox.receive("bank", event_id="e1", kind="bank.debit.updated",
                      payload={"request_id": request_id, "state": "succeeded"})
        deliver(who)
    assert selectors.debit_get(who.id, debit_id).state == "succeeded"
    assert MoneyDiscrepancy.objects.filter(resolved_at=None).count() == 0
    assert Repayment.objects.get().amount_fen == 114_880


def test_less_owed_when_the_debit_succeeds_means_a_refund(bank):
    who = borrower_make()
    loan = loan_make(who)
    with at(noon(DUE)):
        servicing.repayment_request(who.id, loan_id=loan.id, kind="due", idempotency_key="k")
        pay(who, 14_880, channel="transfer", reference="tr-1")
        deliver(who)
    assert Refund.objects.get().amount_fen == 14_880
    assert Installment.objects.get(loan=loan, number=1).settled_on == DUE
    assert Installment.objects.get(loan=loan, number=2).principal_paid_fen == 0


def transfer(number: int, *, memo: str, card: str = "", amount_fen: int = 20_000) -> dict[str, object]:
    return {"transfer_id": f"tr-{number}", "amount_fen": amount_fen, "booked_at": "2026-03-20T04:00:00Z", "memo": memo,
            "entry_id": f"e-{number}", "payer_name": "王伟", "payer_masked": "6225****", "payer_card_number": card}


def test_transfers_find_their_customer_by_memo_or_wait_in_suspense():
    who = borrower_make()
    loan = loan_make(who)
    with at(noon(date(2026, 3, 20))):
        for _ in range(3):
            inbox.receive("bank", event_id="e1", kind="bank.transfer.received", payload=transfer(1, memo=f"还款 {loan.number}"))
            inbox.receive("bank", event_id="e2", kind="bank.transfer.received", payload=transfer(2, memo="?"))
        assert Repayment.objects.count() == 1
        (item,) = selectors.suspense_waiting()
        servicing.suspense_assign(item.id, customer_id=who.id, loan_id=loan.id)
        with pytest.raises(errors.SuspenseNotFound):
            servicing.suspense_assign(item.id, customer_id=who.id)
    assert Repayment.objects.count() == 2
    assert SuspenseItem.objects.get().state == "assigned"
    assert ledger.check().is_sound


def test_the_certificate_of_a_settled_loan_is_a_pdf_and_always_the_same():
    who = borrower_make()
    loan = loan_make(who)
    with pytest.raises(errors.LoanNotSettled):
        selectors.certificate_pdf(who.id, loan.id)
    with at(noon(date(2026, 3, 14))):
        pay(who, 1_204_800, loan_id=loan.id)
        first = selectors.certificate_pdf(who.id, loan.id)
    assert first.startswith(b"%PDF")
    assert selectors.certificate_pdf(who.id, loan.id) == first


def test_the_statement_shows_rows_history_and_bucket():
    who = borrower_make()
    loan = loan_make(who)
    close_days(date(2026, 4, 5))
    with at(noon(date(2026, 4, 10))):
        pay(who, 50_000)
        statement = selectors.loan_statement(who.id, loan.id)
    assert statement.loan.state == "overdue"
    assert statement.rows[0].state == "overdue"
    assert statement.rows[0].days_past_due == 6
    assert statement.rows[1].state == "planned"
    assert (statement.bucket, statement.category) == ("days_1_30", "special_mention")
    told = [row.text.en for row in statement.timeline]
    assert {"agreement signed, payout requested", "money arrived, interest starts", "became overdue"} <= set(told)
    assert statement.repayments[0].interest_fen == INTEREST_1


def test_auto_debit_needs_its_own_consent():
    who = borrower_make()
    Consent.objects.filter(customer_id=who.id, purpose="auto_debit").update(withdrawn_at=AT)
    with pytest.raises(ConsentRequired) as refusal:
        servicing.auto_debit_authorize(who.id, card_id=who.card_id)
    assert refusal.value.purpose == "auto_debit"
    assert selectors.auto_debit_for(who.id) is None
