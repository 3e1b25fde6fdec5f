"""Above 90 days late, interest is no income until it is paid; categories follow the days (R7.7, R7.11)."""

from datetime import date, datetime, timedelta

import pytest
from tests.services.lending_support import at, borrower_make, loan_make

from weidai.audit.models import Event
from weidai.jobs import end_of_day
from weidai.kernel.days import shanghai_instant
from weidai.ledger import selectors as ledger
from weidai.ledger.models import LedgerTransfer
from weidai.ledger.services import LENDER_PARTITION, AccountCode, AccountRef
from weidai.lending.models import Installment
from weidai.platform.models import Book
from weidai.servicing import selectors as servicing_rows
from weidai.servicing import services as servicing
from weidai.servicing.models import LoanClassification, NonAccrualSpell, VatDay
from weidai.servicing.selectors.classification import categories_of
from weidai.servicing.services import tax

# 12,000.00 over 12 equal principals at 0.04 % a day from 2026-03-04; rows due on the 4th, the first on 2026-04-04.
INTEREST = (14_880, 13_200, 12_400, 10_800, 9_920)
FIRST_DUE = date(2026, 4, 4)
STOPS_ON = date(2026, 7, 4)  # 91 days past the first due date: the fourth row is the first without income


def close(day: date) -> end_of_day.EodReport:
    """Close one day, the days before it left out."""
    Book.objects.filter(id=1).update(open_on=day)
    with at(shanghai_instant(day + timedelta(days=1)) + timedelta(minutes=5)):
        return end_of_day.day_close(1)


def fen(loan, code: AccountCode) -> int:
    return ledger.balance_fen(loan.customer_id, AccountRef(code, loan.id))


def income(loan) -> tuple[int, int, int]:
    """Interest income, interest set aside, interest receivable."""
    return (fen(loan, AccountCode.INTEREST_INCOME), fen(loan, AccountCode.SUSPENDED_INTEREST),
            fen(loan, AccountCode.INTEREST_RECEIVABLE))


def late_loan():
    """A loan never paid, closed on its due days up to the fifth."""
    loan = loan_make(borrower_make())
    for day in (FIRST_DUE, date(2026, 5, 4), date(2026, 6, 4), date(2026, 7, 3)):
        close(day)
    return loan


def pay(loan, amount_fen: int, when: datetime, **more):
    with at(when):
        return servicing.repayment_receive(loan.customer_id, amount_fen=amount_fen, received_at=when, channel="transfer",
                                           reference=f"r{when:%m%d}", entry_id="e", loan_id=loan.id, **more)


def categories(loan) -> list[tuple[str, date, date | None]]:
    return list(LoanClassification.objects.filter(loan_id=loan.id).order_by("from_on", "id").values_list(
        "category", "from_on", "until_on"))


def test_income_ends_on_the_91st_day():
    loan = late_loan()
    assert income(loan) == (sum(INTEREST[:3]), 0, sum(INTEREST[:3]))
    assert not NonAccrualSpell.objects.exists()
    close(STOPS_ON)
    assert income(loan) == (sum(INTEREST[:3]), INTEREST[3], sum(INTEREST[:4]))
    spell = NonAccrualSpell.objects.get()
    assert (spell.began_on, spell.noted_on, spell.ended_on) == (STOPS_ON, STOPS_ON, None)
    close(date(2026, 8, 4))
    assert income(loan) == (sum(INTEREST[:3]), sum(INTEREST[3:5]), sum(INTEREST[:5]))
    assert ledger.check().is_sound


def test_categories_follow_the_days_with_their_history():
    loan = loan_make(borrower_make())
    close(FIRST_DUE)
    assert categories(loan) == []  # late from the end of this day on: day 0
    for days in (1, 90, 91, 270, 271, 360, 361):
        close(FIRST_DUE + timedelta(days=days))
    steps = [FIRST_DUE + timedelta(days=days) for days in (1, 91, 271, 361)]
    assert categories(loan) == [
        ("special_mention", steps[0], steps[1]), ("substandard", steps[1], steps[2]), ("doubtful", steps[2], steps[3]),
        ("loss", steps[3], None)]
    assert [row.facts["after"] for row in Event.objects.filter(name="servicing.loan.reclassified").order_by("id")] == [
        "special_mention", "substandard", "doubtful", "loss"]


def test_a_loan_shows_its_category_and_since_when_it_bears_no_income():
    loan = late_loan()
    close(STOPS_ON)
    noon = datetime.fromisoformat("2026-07-05T04:00:00+00:00")
    with at(noon):
        shown = servicing_rows.loan_statement(loan.customer_id, loan.id)
        assert (shown.category, shown.bucket, shown.non_accrual_since) == ("substandard", "days_91_180", STOPS_ON)
    pay(loan, 10**6, noon, intent="due")
    close(date(2026, 7, 5))
    with at(noon + timedelta(days=1)):
        shown = servicing_rows.loan_statement(loan.customer_id, loan.id)
        assert (shown.category, shown.bucket, shown.non_accrual_since) == ("substandard", "current", None)
    assert [row.category for row in categories_of(loan.customer_id, loan.id)] == ["special_mention", "substandard"]


def test_closing_again_classifies_nothing_twice():
    loan = late_loan()
    close(STOPS_ON)
    before = (LedgerTransfer.objects.count(), LoanClassification.objects.count(), Event.objects.count())
    from weidai.jobs.chunks import GREATEST_ID, LEAST_ID
    from weidai.lending.services.end_of_day import Chunk
    from weidai.servicing.services import classification

    assert classification.loans_classify(Chunk(1, STOPS_ON, LEAST_ID, GREATEST_ID)) == 0
    assert (LedgerTransfer.objects.count(), LoanClassification.objects.count(), Event.objects.count()) == before
    assert income(loan)[1] == INTEREST[3]


def test_suspended_interest_is_income_as_it_is_paid_the_oldest_row_first():
    loan = late_loan()
    close(STOPS_ON)
    quote = 4 * 100_000 + sum(INTEREST[:4])
    with at(datetime.fromisoformat("2026-07-05T04:00:00+00:00")):
        penalty_fen = servicing.settle_quote(loan.customer_id, loan_id=loan.id).penalty_fen
    pay(loan, quote + penalty_fen - 5_000, datetime.fromisoformat("2026-07-05T04:00:00+00:00"))
    row = Installment.objects.get(loan=loan, number=4)
    left = row.interest_fen - row.interest_paid_fen
    assert income(loan) == (sum(INTEREST[:4]) - left, left, left)
    assert ledger.check().is_sound


def test_everything_overdue_paid_the_loan_accrues_again_and_waits_six_months_to_go_up():
    loan = late_loan()
    close(STOPS_ON)
    noon = datetime.fromisoformat("2026-07-05T04:00:00+00:00")
    pay(loan, 10**6, noon, intent="due")
    assert income(loan) == (sum(INTEREST[:4]), 0, 0)
    close(date(2026, 7, 5))
    assert NonAccrualSpell.objects.get().ended_on == date(2026, 7, 5)
    row = LoanClassification.objects.get(until_on=None)
    assert (row.category, row.observed_from) == ("substandard", date(2026, 7, 5))
    assert ledger.check().is_sound


def test_a_reversed_payment_sets_its_interest_aside_again():
    loan = late_loan()
    close(STOPS_ON)
    before, noon = income(loan), datetime.fromisoformat("2026-07-05T04:00:00+00:00")
    assert before == (sum(INTEREST[:3]), INTEREST[3], sum(INTEREST[:4]))
    paid = pay(loan, 4 * 100_000 + sum(INTEREST[:4]), noon)  # penalty first, so that a little interest is left
    assert income(loan)[1] < INTEREST[3]
    with at(noon + timedelta(hours=1)):
        servicing.repayment_reverse(loan.customer_id, repayment_id=paid.repayment_id, reason="returned_by_bank",
                                    staff_id="s")
    assert income(loan) == before
    assert ledger.check().is_sound


def test_money_received_before_it_stopped_and_told_late_leaves_what_is_still_unpaid_set_aside():
    loan = late_loan()
    close(STOPS_ON)
    received = datetime.fromisoformat("2026-07-01T04:00:00+00:00")
    with at(datetime.fromisoformat("2026-07-06T04:00:00+00:00")):
        servicing.repayment_receive(loan.customer_id, amount_fen=10**6, received_at=received, channel="transfer",
                                    reference="late", entry_id="e", loan_id=loan.id, intent="due")
    assert income(loan) == (sum(INTEREST[:3]), INTEREST[3], INTEREST[3])
    close(date(2026, 7, 6))
    assert NonAccrualSpell.objects.get().ended_on is None  # the fourth row is overdue
    pay(loan, 10**6, datetime.fromisoformat("2026-07-07T04:00:00+00:00"), intent="due")
    close(date(2026, 7, 7))
    assert NonAccrualSpell.objects.get().ended_on == date(2026, 7, 7)
    assert income(loan) == (sum(INTEREST[:4]), 0, 0)
    assert ledger.check().is_sound


def test_the_vat_of_a_day_is_split_once_and_late_income_with_the_next_day():
    loan = loan_make(borrower_make())
    close(FIRST_DUE)
    row = VatDay.objects.get(income_code="interest_income")
    # 14,880 × 6 ÷ 106 = 842.264…
    assert (row.income_fen, row.tax_fen, row.net_fen) == (14_880, 842, 14_038)
    assert ledger.balance_fen(LENDER_PARTITION, AccountRef(AccountCode.OUTPUT_VAT_PAYABLE)) == 842
    assert ledger.balance_fen(LENDER_PARTITION, AccountRef(AccountCode.INTEREST_INCOME)) == -842
    assert {line.code: line.credits_fen - line.debits_fen for line in ledger.general_ledger_day(1, FIRST_DUE)} == {
        "interest_income": 14_038, "interest_receivable": -14_880, "output_vat_payable": 842}
    assert tax.day_split(1, FIRST_DUE) == 0
    from weidai.ledger import services as books
    from weidai.ledger.services import Transfer

    books.journal_post(loan.customer_id, transfers=[Transfer(
        AccountRef(AccountCode.INTEREST_RECEIVABLE, loan.id), AccountRef(AccountCode.INTEREST_INCOME, loan.id), 100,
        "interest.billed")], cause_type="lending.loan", cause_id=loan.id, book_id=1, booked_on=FIRST_DUE,
        at=shanghai_instant(FIRST_DUE))
    close(FIRST_DUE + timedelta(days=1))
    late = VatDay.objects.get(income_code="interest_income", day=FIRST_DUE + timedelta(days=1))
    # 14,980 × 6 ÷ 106 = 847.92…: 848 together
    assert (late.income_fen, late.late_fen, late.tax_fen, late.net_fen) == (0, 100, 6, 94)
    assert ledger.check().is_sound


def test_suspended_interest_bears_no_vat_before_it_is_paid():
    late_loan()
    close(STOPS_ON)
    row = VatDay.objects.get(income_code="interest_income", day=STOPS_ON)
    assert (row.income_fen, row.tax_fen) == (0, 0)


@pytest.mark.parametrize("step", ["classify", "tax"])
def test_the_steps_are_on_the_status_page(step):
    from weidai.jobs import selectors

    assert step in selectors.STEP_TEXTS
