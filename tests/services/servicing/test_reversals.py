"""A repayment whose money is not there is taken back: every balance is as if it had never been booked (R7.1)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.services.lending_support import AT, at, borrower_make, deliver, loan_make

from weidai.audit.models import Event
from weidai.jobs.end_of_day import day_close
from weidai.kernel.days import shanghai_instant
from weidai.ledger import selectors as ledger
from weidai.ledger.models import Account
from weidai.ledger.services import AccountCode, AccountRef
from weidai.lending.models import Installment, Loan
from weidai.limits import selectors as limits
from weidai.limits import services as limit_services
from weidai.limits.models import CreditLine, LimitChange
from weidai.limits.services import ReviewResult
from weidai.messaging.models import Notice
from weidai.platform import books, clock
from weidai.servicing import errors, selectors
from weidai.servicing import services as servicing
from weidai.servicing.models import OverdueSpell, Refund, Repayment, RepaymentLine, SettlementCertificate

DUE, SECOND_DUE = date(2026, 4, 4), date(2026, 5, 4)
ROW_1 = 114_880  # 1,000.00 and 148.80 of interest


def noon(day: date) -> datetime:
    return shanghai_instant(day) + timedelta(hours=12)


def pay(who, amount_fen: int, *, reference: str = "r1", received_at: datetime | None = None, **more):
    return servicing.repayment_receive(who.id, amount_fen=amount_fen, received_at=received_at or clock.now(),
                                       channel=more.pop("channel", "debit"), reference=reference, **more)


def reverse(who, repayment_id, reason: str = "returned_by_bank") -> bool:
    return servicing.repayment_reverse(who.id, repayment_id=repayment_id, reason=reason, staff_id="7")


def close_days(until: date) -> None:
    while books.business_date() < until:
        with at(shanghai_instant(books.business_date() + timedelta(days=1)) + timedelta(minutes=5)):
            day_close(books.MAIN_BOOK)


def picture(who) -> dict[str, Any]:
    """Everything that must be the same again: loans, rows, ledger balances, limit, holds."""
    accounts = [(row.code, row.subject_id) for row in Account.objects.filter(customer_id=who.id)]
    money = {key: ledger.balance_fen(who.id, AccountRef(AccountCode(key[0]), key[1])) for key in accounts}
    return {
        "loans": list(Loan.objects.filter(customer_id=who.id).order_by("id").values()),
        "rows": list(Installment.objects.filter(customer_id=who.id).order_by("loan_id", "number").values()),
        "ledger": {key: fen for key, fen in money.items() if fen},
        "line": list(CreditLine.objects.filter(customer_id=who.id).values()),
        "holds": limits.hold_kinds(who.id),
        "paid": sorted(RepaymentLine.objects.filter(customer_id=who.id).values_list(
            "share__repayment__reference", "installment_number", "principal_fen", "interest_fen", "penalty_fen")),
        "spells": list(OverdueSpell.objects.filter(customer_id=who.id, is_void=False).values(
            "first_due_on", "started_at", "ended_at", "cured_within_72h")),
    }


@pytest.mark.parametrize(("paid_on", "amount_fen", "more"), [
    (date(2026, 3, 14), 50_000, {}),
    (date(2026, 3, 14), 300_000, {"choice": "smaller_installments"}),
    (date(2026, 3, 14), 1_204_800, {"intent": "settle"}),
    (date(2026, 3, 4), 1_200_000, {"intent": "settle"}),  # cooling off
    (DUE, ROW_1, {}),
    (DUE, 14_880, {}),
    (date(2026, 4, 6), 50_000, {}),  # overdue, in part
    (date(2026, 4, 6), ROW_1 + 100, {}),  # overdue, in full: the spell had ended
    (date(2026, 4, 6), 400_000, {}),
])
def test_everything_is_as_it_was(paid_on, amount_fen, more):
    who = borrower_make()
    loan = loan_make(who)
    if paid_on > DUE:
        close_days(paid_on)
    elif paid_on == DUE:
        books.Book.objects.filter(id=1).update(open_on=DUE)
    before = picture(who)
    with at(noon(paid_on)):
        booked = pay(who, amount_fen, loan_id=loan.id, **more)
        assert picture(who) != before
        assert reverse(who, booked.repayment_id) is True
        assert picture(who) == before
        assert reverse(who, booked.repayment_id) is False
        assert picture(who) == before
    assert ledger.check().is_sound
    row = Repayment.objects.get()
    assert (row.state, row.reversal_reason) == ("reversed", "returned_by_bank")
    assert Event.objects.filter(name="servicing.repayment.reversed").count() == 1
    notice = Notice.objects.get(template="servicing.repayment_reversed")
    assert notice.values["amount_fen"] == amount_fen


def test_later_payments_move_up_and_lateness_runs_from_the_missed_day():
    who, twin = borrower_make(1), borrower_make(2)
    loan_make(who)
    loan_make(twin)
    with at(noon(DUE)):
        first = pay(who, ROW_1)
    close_days(date(2026, 4, 20))
    with at(noon(date(2026, 4, 20))):
        pay(who, 120_000, reference="r2")
        pay(twin, 120_000, reference="r2")
        assert limits.hold_kinds(who.id) == []
        reverse(who, first.repayment_id)
    mine, other = picture(who), picture(twin)
    assert [row[1:] for row in mine["paid"]] == [row[1:] for row in other["paid"]]
    for name in ("outstanding_fen", "overdue_principal_fen", "overdue_since", "next_due_on", "anchored_on",
                 "interest_numerator", "principal_days"):
        assert mine["loans"][0][name] == other["loans"][0][name], name
    assert sorted(mine["ledger"].values()) == sorted(other["ledger"].values())
    assert limits.line_get(who.id, who.line_id).used_fen == limits.line_get(twin.id, twin.line_id).used_fen
    assert ledger.check().is_sound


def test_a_payment_in_time_taken_back_after_the_due_day_makes_the_borrower_late():
    who = borrower_make()
    loan_make(who)
    with at(noon(DUE)):
        booked = pay(who, ROW_1)
    close_days(date(2026, 4, 8))
    assert not OverdueSpell.objects.exists()
    with at(noon(date(2026, 4, 8))):
        reverse(who, booked.repayment_id)
        assert limits.hold_kinds(who.id) == ["overdue"]
        assert selectors.bills_for(who.id).overdue_fen == ROW_1 + 200  # four days of 0.05 % on 1,000.00
        spell = OverdueSpell.objects.get()
        assert (spell.first_due_on, spell.ended_at, spell.is_void) == (DUE, None, False)
        pay(who, ROW_1 + 200, reference="r2")
    spell.refresh_from_db()
    assert (spell.ended_at, spell.cured_within_72h) == (noon(date(2026, 4, 8)), False)
    assert limits.hold_kinds(who.id) == []


def test_one_continuous_time_of_being_late_stays_one_event():
    who = borrower_make()
    loan_make(who)
    close_days(date(2026, 4, 6))
    with at(noon(date(2026, 4, 6))):
        booked = pay(who, ROW_1 + 100)
    close_days(date(2026, 5, 6))
    assert [row.is_quick for row in selectors.spells_for(who.id)] == [None, True]
    with at(noon(date(2026, 5, 6))):
        reverse(who, booked.repayment_id)
        (spell,) = selectors.spells_for(who.id)
    assert (spell.first_due_on, spell.ended_at) == (DUE, None)


def test_the_limit_follows_when_what_was_freed_has_been_drawn_anew():
    who = borrower_make(amount_fen=1_200_000)
    loan_make(who, amount_fen=1_200_000)
    with at(AT + timedelta(days=2)):
        booked = pay(who, 500_000)
        freed = limits.line_get(who.id, who.line_id).available_fen
        again = freed // 10_000 * 10_000
        loan_make(who, amount_fen=again)
        reverse(who, booked.repayment_id)
        line = limits.line_get(who.id, who.line_id)
        assert (line.used_fen, line.approved_fen, line.available_fen, line.target_fen) == (
            1_200_000 + again, 1_200_000 + again, 0, 1_200_000)
        assert LimitChange.objects.get(kind="exceeded").reason == "repayment_reversed"
        pay(who, again // 2, reference="r2")
        line = limits.line_get(who.id, who.line_id)
        assert line.approved_fen == line.used_fen > line.target_fen  # falls with the debt
        pay(who, again, reference="r3")
        line = limits.line_get(who.id, who.line_id)
    assert (line.approved_fen, line.available_fen) == (1_200_000, 1_200_000 - line.used_fen)


def test_a_waiting_decrease_is_where_it_was():
    who = borrower_make(amount_fen=1_500_000)
    loan_make(who, amount_fen=1_200_000)
    with at(AT + timedelta(days=2)):
        limit_services.line_review(who.id, line_id=who.line_id,
                                   result=ReviewResult(amount_fen=500_000, reason="scheduled"))
        before = limits.line_get(who.id, who.line_id)
        booked = pay(who, 300_000)
        assert limits.line_get(who.id, who.line_id).approved_fen < before.approved_fen
        reverse(who, booked.repayment_id)
        assert limits.line_get(who.id, who.line_id) == before


def test_a_settled_loan_is_owed_again_and_its_certificate_revoked():
    who = borrower_make()
    loan = loan_make(who)
    with at(noon(date(2026, 3, 14))):
        booked = pay(who, 1_204_800, loan_id=loan.id, intent="settle")
        assert selectors.certificate_pdf(who.id, loan.id).startswith(b"%PDF")
        reverse(who, booked.repayment_id)
        with pytest.raises(errors.LoanNotSettled):
            selectors.certificate_pdf(who.id, loan.id)
        told = [row.text.en for row in selectors.loan_statement(who.id, loan.id).timeline]
        assert "repayment reversed, owed again" in told
        pay(who, 1_204_800, loan_id=loan.id, intent="settle", reference="r2")
        assert selectors.certificate_pdf(who.id, loan.id).startswith(b"%PDF")
    old, new = SettlementCertificate.objects.order_by("issued_at", "id")
    assert (old.revoked_at is None, new.revoked_at) == (False, None)
    assert new.facts["principal_fen"] == 1_200_000  # what the reversed one paid does not count


def test_money_given_back_in_part_is_not_reversed_behind_the_banks_back():
    who = borrower_make()
    loan = loan_make(who)
    with at(noon(date(2026, 3, 14))):
        booked = pay(who, 1_300_000, loan_id=loan.id)
        for _ in range(2):  # waiting, then paid
            with pytest.raises(errors.RepaymentRefunded):
                reverse(who, booked.repayment_id)
            deliver(who)
    assert Refund.objects.get().state == "succeeded"
    assert Repayment.objects.get().state == "booked"


def test_excess_still_owed_to_the_customer_is_taken_back_with_it(bank):
    who = borrower_make()
    loan = loan_make(who)
    before = picture(who)
    with at(noon(date(2026, 3, 14))):
        booked = pay(who, 1_300_000, loan_id=loan.id, channel="counter")
        assert booked.excess_fen == 95_200
        reverse(who, booked.repayment_id, "never_received")
    assert picture(who) == before
    assert ledger.check().is_sound


def test_what_cannot_be_reversed_is_refused():
    who, other = borrower_make(1), borrower_make(2)
    loan_make(who)
    booked = pay(who, 50_000)
    with pytest.raises(errors.ReversalReasonInvalid):
        reverse(who, booked.repayment_id, "because")
    with pytest.raises(errors.RepaymentNotFound):
        reverse(other, booked.repayment_id)
    assert Repayment.objects.get().state == "booked"
