"""Where money goes that is more than a named loan takes, that names none, or that another order holds for (R7.1)."""

from datetime import date, timedelta

import pytest
from tests.services.lending_support import AT, at, borrower_make, loan_make
from tests.services.servicing.test_repayments import DUE, close_days, noon, pay

from weidai.lending.models import Loan
from weidai.servicing import policy
from weidai.servicing.models import Refund, RepaymentShare
from weidai.servicing.policy import AllocationException, AllocationPolicy
from weidai.servicing.services.repayments import allocation_order


def test_what_a_named_loan_leaves_goes_to_overdue_loans_before_it_is_given_back():
    who = borrower_make()
    late = loan_make(who, amount_fen=1_200_000)
    with at(noon(date(2026, 3, 20))):
        named = loan_make(who, amount_fen=100_000, term_months=3)
    close_days(DUE + timedelta(days=1))
    with at(noon(DUE + timedelta(days=1))):
        booked = pay(who, 300_000, loan_id=named.id, reference="t1", channel="transfer")
    named.refresh_from_db()
    assert named.state == "settled"
    paid = dict(RepaymentShare.objects.values_list("loan_id", "amount_fen"))
    assert paid[late.id] == 100_000 + 14_880 + 50  # what is overdue, a day of penalty with it, and nothing ahead
    assert booked.excess_fen == Refund.objects.get().amount_fen == 300_000 - sum(paid.values())


@pytest.mark.long
def test_a_debit_for_one_loan_pays_no_other():
    who = borrower_make()
    loan_make(who, amount_fen=1_200_000)
    with at(noon(date(2026, 3, 20))):
        named = loan_make(who, amount_fen=100_000, term_months=3)
    close_days(DUE + timedelta(days=1))
    with at(noon(DUE + timedelta(days=1))):
        booked = pay(who, 300_000, loan_id=named.id, intent="settle")
    assert RepaymentShare.objects.get().loan_id == named.id
    assert booked.excess_fen > 190_000


@pytest.mark.parametrize(("amount_fen", "undone"), [
    (1_200_300, True), pytest.param(1_200_000, True, marks=pytest.mark.long),
    pytest.param(1_199_999, False, marks=pytest.mark.long)])
def test_the_whole_principal_within_a_day_undoes_the_loan_without_its_number(amount_fen, undone):
    who = borrower_make()
    loan_make(who)
    with at(AT + timedelta(hours=23)):
        pay(who, amount_fen, channel="transfer")
    assert RepaymentShare.objects.get().kind == ("cooled_off" if undone else "paid")
    assert Loan.objects.get().state == ("settled" if undone else "active")


@pytest.mark.long
def test_among_several_loans_only_the_exact_principal_undoes_one():
    who = borrower_make()
    first = loan_make(who, amount_fen=500_000)
    with at(AT + timedelta(minutes=5)):
        second = loan_make(who, amount_fen=700_000)
    with at(AT + timedelta(hours=2)):
        pay(who, 700_000, channel="transfer")
        assert [row.loan_id for row in RepaymentShare.objects.filter(kind="cooled_off")] == [second.id]
        pay(who, 500_001, channel="transfer", reference="r2")
    first.refresh_from_db()
    assert first.state == "settled"  # alone by then: the principal, and one fen given back
    assert Refund.objects.get().amount_fen == 1


def test_the_order_follows_product_and_category(monkeypatch):
    rules = AllocationPolicy(
        "charges_first", "principal_first", 90, exceptions=(
            AllocationException("charges_first", products=("pay_later_line",), categories=("doubtful", "loss")),
            AllocationException("principal_first", products=("pay_later_line",)),
            AllocationException("principal_first", categories=("loss",))))
    found = {
        (product, days, category): rules.order_for(product, days_past_due=days, category=category)
        for product, days, category in (
            ("pay_later_line", 0, "normal"), ("pay_later_line", 300, "doubtful"), ("business_loan", 30, "special_mention"),
            ("business_loan", 91, "substandard"), ("business_loan", 400, "loss"))}
    assert list(found.values()) == [
        "principal_first", "charges_first", "charges_first", "principal_first", "principal_first"]
    on = date(2026, 4, 4)
    assert allocation_order("business_loan", days_past_due=5, on=on) == policy.current(on).allocation.order
