"""From the first figure to the arrived money, and what a contradicting bank does to it (R6.2, R6.3)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from types import SimpleNamespace

import pytest
from tests.services.credit_support import consent_make
from tests.services.lending_support import (
    AT,
    borrower_make,
    code_for,
    confirm,
    deliver,
    drawdown_signed,
    loan_make,
)

from weidai.audit.models import Event
from weidai.identity.errors import ConsentRequired
from weidai.identity.models import BankCard, Consent
from weidai.kernel.bank import BankAnswer, BankState
from weidai.ledger import selectors as ledger
from weidai.ledger.services import AccountCode, AccountRef
from weidai.lending import errors, policy, selectors
from weidai.lending import services as lending
from weidai.lending.models import CostSheet, Disbursement, Drawdown, Installment, Loan, LoanAgreement, PayoutDiscrepancy
from weidai.lending.services import confirmation
from weidai.limits import selectors as limits
from weidai.limits.models import CreditLine
from weidai.messaging.models import Notice
from weidai.platform import clock, inbox, outbox
from weidai.platform import selectors as platform
from weidai.platform.models import InboxMessage, OutboxMessage
from weidai.policy import selectors as packs

CLEARING = AccountRef(AccountCode.DISBURSEMENT_CLEARING, None)


def principal_of(loan: Loan) -> int:
    return ledger.balance_fen(loan.customer_id, AccountRef(AccountCode.LOAN_PRINCIPAL, loan.id))


def test_quote_shows_every_figure_together_and_writes_nothing():
    who = borrower_make()
    quote = lending.drawdown_quote(who.id, line_id=who.line_id, amount_fen=1_200_000, term_months=12,
                                   method="equal_principal")
    assert (quote.principal_fen, quote.fee_fen, quote.daily_rate_text, quote.apr_simple_text) == (
        1_200_000, 0, "0.04%", "14.60%")
    assert quote.total_fen == quote.principal_fen + quote.interest_fen
    assert len(quote.rows) == 12
    assert quote.irr_simple_text.endswith("%")
    assert quote.late_notice is None
    assert not Drawdown.objects.exists()


def test_between_23_and_24_it_says_that_money_may_come_next_day():
    who = borrower_make()
    with clock.travel_to(datetime(2026, 3, 4, 15, 30, tzinfo=UTC)):  # 23:30 in Shanghai
        quote = lending.drawdown_quote(who.id, line_id=who.line_id, amount_fen=1_200_000, term_months=12,
                                       method="level_payment")
    assert "次日" in quote.late_notice.zh
    assert "tomorrow" in quote.late_notice.en


@pytest.mark.parametrize(("amount_fen", "purpose", "term", "refusal"), [
    (9_900, "daily_consumption", 12, errors.AmountInvalid),
    (1_200_050, "daily_consumption", 12, errors.AmountInvalid),
    (3_000_100, "daily_consumption", 12, errors.AmountInvalid),
    (1_200_000, "securities", 12, errors.PurposeForbidden),
    (1_200_000, "equipment", 12, errors.PurposeUnknown),
    (1_200_000, "nonsense", 12, errors.PurposeUnknown),
    (1_200_000, "daily_consumption", 7, errors.TermsInvalid),
])
def test_what_the_product_does_not_allow_is_refused(amount_fen, purpose, term, refusal):
    who = borrower_make()
    with pytest.raises(refusal):
        lending.drawdown_start(who.id, line_id=who.line_id, amount_fen=amount_fen, purpose=purpose, term_months=term,
                               method="equal_principal")
    assert not Drawdown.objects.exists()


def test_nobody_borrows_without_the_consent_to_reporting():
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    Consent.objects.filter(customer_id=who.id, purpose="credit_reporting").update(withdrawn_at=AT)
    with pytest.raises(ConsentRequired):
        lending.drawdown_start(who.id, line_id=who.line_id, amount_fen=1_200_000, purpose="daily_consumption",
                               term_months=12, method="equal_principal")
    with pytest.raises(ConsentRequired):
        confirm(who, drawdown_id)
    assert not Loan.objects.exists()
    assert Drawdown.objects.get().state == "signed"
    consent_make(who.id, "credit_reporting")
    with clock.travel_to(AT + timedelta(minutes=2)):
        assert confirm(who, drawdown_id)  # the same drawdown goes on, nothing was used up


def test_the_cost_sheet_cannot_be_confirmed_before_its_reading_time():
    who = borrower_make()
    drawdown_id = lending.drawdown_start(who.id, line_id=who.line_id, amount_fen=1_200_000,
                                         purpose="daily_consumption", term_months=12, method="equal_principal")
    sheet = lending.cost_sheet_open(who.id, drawdown_id=drawdown_id)
    for word in ("利息", "单利", "14.60%", "IRR", "不收取任何其他息费", "罚息", "0.05%"):
        assert word in sheet.content.zh
    for word in ("simple", "14.60%", "IRR", "Nothing is charged beyond", "penalty"):
        assert word in sheet.content.en
    with clock.travel_to(AT + timedelta(seconds=9)), pytest.raises(errors.ReadingTooShort):
        lending.cost_sheet_confirm(who.id, drawdown_id=drawdown_id)
    assert CostSheet.objects.get().confirmed_at is None
    with pytest.raises(errors.CostSheetNotConfirmed):
        lending.agreement_open(who.id, drawdown_id=drawdown_id)
    with clock.travel_to(AT + timedelta(seconds=10)):
        assert lending.cost_sheet_open(who.id, drawdown_id=drawdown_id).sha256 == sheet.sha256
        lending.cost_sheet_confirm(who.id, drawdown_id=drawdown_id)
        agreement = lending.agreement_open(who.id, drawdown_id=drawdown_id)
    assert sheet.sha256 in agreement.content.zh
    assert sheet.sha256 in agreement.content.en
    assert LoanAgreement.objects.get().cost_sheet_sha256 == sheet.sha256


def test_signing_reserves_writes_the_pending_loan_and_asks_for_the_payout_once():
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    loan_id = confirm(who, drawdown_id)
    loan = Loan.objects.get()
    line = limits.line_get(who.id, who.line_id)
    assert (loan.id, loan.state, loan.principal_fen) == (loan_id, "pending", 1_200_000)
    assert (line.reserved_fen, line.used_fen, line.available_fen) == (1_200_000, 0, 1_800_000)
    assert OutboxMessage.objects.filter(kind="lending.payout", subject_id=loan_id).count() == 1
    assert principal_of(loan) == 0
    assert Event.objects.filter(name="lending.drawdown.confirmed").count() == 1
    assert selectors.agreement_text(who.id, loan_id=loan_id).signed_at is not None


def test_a_wrong_code_writes_nothing_and_the_same_key_may_be_used_again():
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    with clock.travel_to(AT + timedelta(seconds=20)):
        challenge_id, code = code_for(who, drawdown_id)
        from weidai.security.errors import SmsCodeExpired

        with pytest.raises(SmsCodeExpired):
            lending.drawdown_confirm(who.id, drawdown_id=drawdown_id, challenge_id=drawdown_id, code=code,
                                     device=who.proof(drawdown_id, drawdown_id), idempotency_key="k")
        assert not Loan.objects.exists()
        assert limits.line_get(who.id, who.line_id).reserved_fen == 0
        lending.drawdown_confirm(who.id, drawdown_id=drawdown_id, challenge_id=challenge_id, code=code,
                                 device=who.proof(drawdown_id, challenge_id), idempotency_key="k")
        again = lending.drawdown_confirm(who.id, drawdown_id=drawdown_id, challenge_id=challenge_id, code=code,
                                         idempotency_key="k")
    assert Loan.objects.get().id == again.loan_id


def test_a_confirmation_too_long_ago_is_not_signed():
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    with clock.travel_to(AT + timedelta(minutes=31)):
        challenge_id, code = code_for(who, drawdown_id)
        with pytest.raises(errors.CostSheetExpired):
            lending.drawdown_confirm(who.id, drawdown_id=drawdown_id, challenge_id=challenge_id, code=code,
                                     idempotency_key="k")
    assert not Loan.objects.exists()


@pytest.mark.parametrize("change", ["version", "penalty", "cap", "fees", "method", "line rate"])
def test_nothing_signed_may_differ_from_what_holds_at_the_confirmation(monkeypatch, change):
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    present, version = policy.current(clock.today()), packs.pack(clock.today())
    terms = {"penalty": {"penalty_daily_rate_e8": 49_000}, "cap": {"annual_cap": Fraction(1, 5)}}.get(change)
    if change == "version":
        newer = SimpleNamespace(version="2030-01-01", licence_type=version.licence_type)
        monkeypatch.setattr(confirmation.packs, "pack", lambda on: newer)
        monkeypatch.setattr(confirmation.policy, "current", lambda on: present)
    elif terms:
        changed = replace(present, default_terms=replace(present.default_terms, **terms))
        monkeypatch.setattr(confirmation.policy, "current", lambda on: changed)
    elif change == "line rate":
        CreditLine.objects.filter(id=who.line_id).update(daily_rate_e8=39_000)
    else:
        sheet = CostSheet.objects.get(drawdown_id=drawdown_id)
        figures = sheet.figures | ({"fee_fen": 100} if change == "fees" else {"method": "level_payment"})
        CostSheet.objects.filter(pk=sheet.pk).update(figures=figures)
    with pytest.raises(errors.TermsChanged):
        confirm(who, drawdown_id)
    assert not Loan.objects.exists()


def test_money_never_goes_to_a_card_that_was_unbound_after_the_drawdown_began():
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    BankCard.objects.filter(id=who.card_id).update(state=BankCard.State.REMOVED, is_default=False)
    with pytest.raises(errors.PayoutCardUnbound) as refused:
        confirm(who, drawdown_id)
    assert refused.value.next_step is not None
    assert not Loan.objects.exists()
    assert not OutboxMessage.objects.filter(kind="lending.payout").exists()


@pytest.mark.parametrize("kind", ["lending.payout", "lending.payout_recheck", "servicing.debit", "servicing.debit_recheck",
                                  "servicing.refund", "servicing.refund_recheck"])
def test_where_money_may_have_moved_the_asking_never_ends(kind):
    assert kind in outbox._endless


def test_a_payout_asked_for_the_two_hundredth_time_is_not_parked_but_shown_with_its_age(bank):
    who = borrower_make()
    bank.say = "timeout_before"
    confirm(who, drawdown_signed(who))
    payout = OutboxMessage.objects.filter(kind="lending.payout")
    payout.update(attempts=outbox.MAX_ATTEMPTS + 5)
    deliver(who)
    row = payout.get()
    assert (row.state, row.attempts) == (OutboxMessage.State.PENDING, outbox.MAX_ATTEMPTS + 6)
    assert row.not_before - clock.wall_now() > timedelta(seconds=290)
    with clock.travel_to(AT + timedelta(days=3)):
        counts, (listed,) = platform.message_counts(), platform.outbox_list(kind="lending.payout")
    assert counts.needs_person >= 1
    assert counts.oldest_age > timedelta(days=2)
    assert (listed.is_stuck, listed.age.days) == (True, 2)


def test_money_that_arrives_makes_the_loan_active_from_that_day(bank):
    who = borrower_make()
    loan = loan_make(who)
    line = limits.line_get(who.id, who.line_id)
    assert (loan.starts_on, loan.matures_on, loan.next_due_on) == (
        date(2026, 3, 4), date(2027, 3, 4), date(2026, 4, 4))
    assert (line.reserved_fen, line.used_fen) == (0, 1_200_000)
    assert principal_of(loan) == 1_200_000
    assert ledger.balance_fen(who.id, CLEARING) == -1_200_000
    first = Installment.objects.get(loan=loan, number=1)
    assert (first.principal_fen, first.interest_fen) == (100_000, 14_880)  # 12,000.00 × 0.04 % × 31 days
    assert Notice.objects.filter(template="lending.payout_succeeded").count() == 1
    assert bank.count("payout") == 1
    assert ledger.check().is_sound


def test_money_booked_the_next_day_dates_the_schedule_from_that_day(bank):
    who = borrower_make()
    bank.say = "accepted"
    loan_id = confirm(who, drawdown_signed(who))
    deliver(who)
    assert Loan.objects.get(id=loan_id).state == "pending"
    bank.truth[f"po-{loan_id}"] = BankAnswer(
        f"po-{loan_id}", BankState.SUCCEEDED, None, 1_200_000, AT + timedelta(hours=22), "e-late")
    deliver(who)
    loan = Loan.objects.get(id=loan_id)
    assert (loan.state, loan.starts_on, loan.next_due_on) == ("active", date(2026, 3, 5), date(2026, 4, 5))


@pytest.mark.parametrize("say", ["timeout_after", "lie_failed"])
def test_unknown_and_a_false_no_are_never_taken_for_failed(bank, say):
    who = borrower_make()
    bank.say = say
    loan_id = confirm(who, drawdown_signed(who))
    deliver(who)
    deliver(who)
    assert Loan.objects.get(id=loan_id).state == "active"
    assert bank.count("payout") == 1


def test_a_request_that_never_took_effect_is_sent_again_under_the_same_id(bank):
    who = borrower_make()
    bank.say = "timeout_before"
    loan_id = confirm(who, drawdown_signed(who))
    deliver(who)
    assert Loan.objects.get(id=loan_id).state == "pending"
    bank.say = "truth"
    deliver(who)
    assert Loan.objects.get(id=loan_id).state == "active"
    assert {request_id for kind, request_id in bank.calls if kind == "payout"} == {f"po-{loan_id}"}


@pytest.mark.parametrize(("fail_with", "say"), [("card_closed", "truth"), (None, "lie_succeeded")])
def test_a_payout_the_query_confirms_as_failed_is_undone(bank, fail_with, say):
    who = borrower_make()
    bank.fail_with, bank.say = fail_with, say
    loan_id = confirm(who, drawdown_signed(who))
    deliver(who)
    loan = Loan.objects.get(id=loan_id)
    line = limits.line_get(who.id, who.line_id)
    assert loan.state == "cancelled"
    assert (line.reserved_fen, line.used_fen, line.available_fen) == (0, 0, 3_000_000)
    assert principal_of(loan) == 0
    assert selectors.drawdown_get(who.id, loan.drawdown_id).state == "failed"
    assert Notice.objects.filter(template="lending.payout_failed").count() == 1
    assert ledger.check().is_sound


def event(loan_id, state: str, number: int = 1) -> dict[str, object]:
    return {"event_id": f"evt-{number}", "type": "bank.payout.updated", "request_id": f"po-{loan_id}", "state": state,
            "amount_fen": 1_200_000, "booked_at": "2026-03-04T02:00:20Z", "entry_id": "e-1"}


def test_a_callback_wakes_the_delivery_and_copies_change_nothing(bank):
    who = borrower_make()
    bank.say = "accepted"
    loan_id = confirm(who, drawdown_signed(who))
    deliver(who)
    for number in range(20):
        inbox.receive("bank", event_id=f"evt-{number % 2}", kind="bank.payout.updated",
                      payload=event(loan_id, "succeeded"))
    deliver(who)
    assert Loan.objects.get(id=loan_id).state == "active"
    assert Installment.objects.filter(loan_id=loan_id).count() == 12
    assert limits.line_get(who.id, who.line_id).used_fen == 1_200_000


def test_an_early_callback_waits_for_its_subject():
    state = inbox.receive("bank", event_id="evt-9", kind="bank.payout.updated", payload=event("nobody", "succeeded"))
    assert state == InboxMessage.State.PARKED


def test_a_false_alarm_by_callback_is_checked_by_query_and_closed(bank):
    who = borrower_make()
    loan = loan_make(who)
    inbox.receive("bank", event_id="evt-5", kind="bank.payout.updated", payload=event(loan.id, "failed"))
    deliver(who)
    row = PayoutDiscrepancy.objects.get()
    assert row.resolved_at is not None
    assert Loan.objects.get(id=loan.id).state == "active"


def test_money_sent_after_we_voided_is_shown_to_a_person_and_never_ignored(bank):
    who = borrower_make()
    bank.fail_with = "card_closed"
    loan_id = confirm(who, drawdown_signed(who))
    deliver(who)
    bank.truth[f"po-{loan_id}"] = BankAnswer(
        f"po-{loan_id}", BankState.SUCCEEDED, None, 1_200_000, AT, "e-after-all")
    inbox.receive("bank", event_id="evt-6", kind="bank.payout.updated", payload=event(loan_id, "succeeded"))
    deliver(who)
    (row,) = selectors.discrepancies_open()
    assert (row.booked_state, row.claimed_state, row.source) == ("failed", "succeeded", "query")
    assert Disbursement.objects.get().state == "failed"


def test_the_loan_of_another_customer_is_not_found():
    who, other = borrower_make(1), borrower_make(2)
    loan = loan_make(who)
    with pytest.raises(errors.LoanNotFound):
        selectors.loan_get(other.id, loan.id)
    with pytest.raises(errors.DrawdownNotFound):
        lending.cost_sheet_open(other.id, drawdown_id=loan.drawdown_id)


def test_a_drawdown_stopped_by_us_is_not_said_to_be_the_banks_doing():
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    Drawdown.objects.filter(id=drawdown_id).update(state="cancelled", failure_code="risk_blocked")
    row = selectors.drawdown_get(who.id, drawdown_id)
    assert row.failure_text is not None
    assert "银行" not in row.failure_text.zh
    assert "bank" not in row.failure_text.en


def test_many_drawdowns_are_listed_with_as_many_statements_as_one(django_assert_num_queries):
    who = borrower_make()
    loan = loan_make(who, amount_fen=100_000)
    with django_assert_num_queries(2):
        assert [row.loan_id for row in selectors.drawdowns_for(who.id)] == [loan.id]
    for _ in range(4):
        lending.drawdown_start(who.id, line_id=who.line_id, amount_fen=100_000, purpose="daily_consumption",
                               term_months=12, method="equal_principal")
    with django_assert_num_queries(2):
        assert [row.loan_id for row in selectors.drawdowns_for(who.id)] == [None] * 4 + [loan.id]


def test_a_payout_costs_a_bounded_number_of_statements(django_assert_max_num_queries):
    first, second = borrower_make(1), borrower_make(2)
    loan_make(first)  # the first one plans the statements and opens accounts
    confirm(second, drawdown_signed(second))
    with django_assert_max_num_queries(34):  # two of them a text message's
        assert deliver(second) == 2
    assert Loan.objects.get(customer_id=second.id).state == Loan.State.ACTIVE
