"""Refunds that failed or are contradicted, money of nobody, and names the typeface does not hold (R7.1, R6.6)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from fpdf import FPDF
from tests.services.lending_support import at, borrower_make, deliver, loan_make

from weidai.audit.models import Event
from weidai.kernel.bank import BankAnswer, BankState
from weidai.kernel.days import shanghai_instant
from weidai.ledger import selectors as ledger
from weidai.ledger.services import LENDER_PARTITION, AccountCode, AccountRef
from weidai.platform import inbox
from weidai.servicing import errors, selectors
from weidai.servicing import services as servicing
from weidai.servicing.certificate_pdf import certificate_draw, with_code_points
from weidai.servicing.models import MoneyDiscrepancy, Refund, Repayment

COLLECTION = AccountRef(AccountCode.COLLECTION_CLEARING, None)
PAYABLE = AccountRef(AccountCode.CUSTOMER_PAYABLE, None)
SUSPENSE = AccountRef(AccountCode.SUSPENSE, None)
LATER = shanghai_instant(date(2026, 3, 14)) + timedelta(hours=12)


@pytest.fixture
def who():
    return borrower_make()


@pytest.fixture
def failed(who, bank) -> Refund:
    """Ten yuan too much were paid; the bank could not give them back."""
    loan_make(who)
    with at(LATER):
        servicing.repayment_receive(who.id, amount_fen=1_205_800, received_at=LATER, channel="debit", reference="r1")
        bank.fail_with = "card_closed"
        deliver(who)
        bank.fail_with = None
    refund = Refund.objects.get()
    assert (refund.state, refund.amount_fen) == ("failed", 1_000)
    assert ledger.balance_fen(who.id, PAYABLE) == 1_000
    return refund


def told(refund: Refund, state: str) -> None:
    inbox.receive("bank", event_id=f"{refund.id}-{state}", kind="bank.refund.updated",
                  payload={"request_id": refund.request_id, "state": state})


def retry(who, refund: Refund):
    return servicing.refund_retry(who.id, refund_id=refund.id, staff_id="7")


def test_a_failed_refund_is_tried_again_once_under_a_new_number(who, bank, failed):
    with at(LATER + timedelta(hours=1)):
        new_id = retry(who, failed)
        assert retry(who, failed) == new_id
        deliver(who)
    new = Refund.objects.get(id=new_id)
    assert (new.state, new.amount_fen, new.retry_of_id) == ("succeeded", 1_000, failed.id)
    assert new.request_id != failed.request_id
    assert bank.count("refund") == 2
    assert ledger.balance_fen(who.id, PAYABLE) == 0
    assert Event.objects.filter(name="servicing.refund.retried").count() == 1
    with pytest.raises(errors.RefundNotRetryable):
        retry(who, new)
    with pytest.raises(errors.RefundNotFound):
        servicing.refund_retry(borrower_make(2).id, refund_id=failed.id, staff_id="7")
    assert ledger.check().is_sound


def test_a_refund_paid_after_all_is_booked_when_the_query_says_so(who, bank, failed):
    bank.truth[failed.request_id] = BankAnswer(failed.request_id, BankState.SUCCEEDED, None, 1_000, LATER, "e-9")
    with at(LATER + timedelta(hours=1)):
        for _ in range(2):
            told(failed, "succeeded")
        deliver(who)
    assert Refund.objects.get().state == "succeeded"
    assert ledger.balance_fen(who.id, PAYABLE) == 0
    row = MoneyDiscrepancy.objects.get()
    assert (row.subject_type, row.booked_state, row.claimed_state) == ("refund", "failed", "succeeded")
    assert row.resolution == "bank query: the refund was paid; booked"
    assert ledger.check().is_sound


def test_a_refund_paid_after_all_and_tried_again_waits_for_a_person(who, bank, failed):
    with at(LATER + timedelta(hours=1)):
        retry(who, failed)
        deliver(who)
        bank.truth[failed.request_id] = BankAnswer(failed.request_id, BankState.SUCCEEDED, None, 1_000, LATER, "e-9")
        told(failed, "succeeded")
        deliver(who)
    (row,) = selectors.discrepancies_open()
    assert (row.subject_type, row.source, row.amount_fen) == ("refund", "query", 1_000)
    failed.refresh_from_db()
    assert failed.state == "failed"
    assert ledger.balance_fen(who.id, PAYABLE) == 0


def test_a_false_alarm_about_a_paid_refund_closes_itself_and_a_true_one_stays(who, bank, failed):
    with at(LATER + timedelta(hours=1)):
        paid = Refund.objects.get(id=retry(who, failed))
        deliver(who)
        paid.refresh_from_db()
        told(paid, "failed")
        deliver(who)
        assert MoneyDiscrepancy.objects.get().resolution == "bank query confirms our books"
        MoneyDiscrepancy.objects.all().delete()
        bank.truth[paid.request_id] = BankAnswer(paid.request_id, BankState.FAILED, "card_closed", 1_000)
        inbox.receive("bank", event_id="later", kind="bank.refund.updated",
                      payload={"request_id": paid.request_id, "state": "failed"})
        deliver(who)
    (row,) = selectors.discrepancies_open()
    assert (row.booked_state, row.claimed_state, row.source) == ("succeeded", "failed", "query")
    assert Refund.objects.get(id=paid.id).state == "succeeded", "our books stay until somebody has looked"


def test_suspense_leaves_the_lenders_partition_whole(who):
    loan = loan_make(who)
    with at(LATER):
        inbox.receive("bank", event_id="e2", kind="bank.transfer.received", payload={
            "transfer_id": "tr-2", "amount_fen": 20_001, "booked_at": "2026-03-12T04:00:00Z", "memo": "?",
            "entry_id": "e-2", "payer_name": "王伟", "payer_masked": "6225****", "payer_card_number": ""})
        assert ledger.balance_fen(LENDER_PARTITION, SUSPENSE) == 20_001
        assert ledger.balance_fen(LENDER_PARTITION, COLLECTION) == 20_001
        before = ledger.balance_fen(who.id, COLLECTION)
        (item,) = selectors.suspense_waiting()
        servicing.suspense_assign(item.id, customer_id=who.id, loan_id=loan.id)
    assert ledger.balance_fen(LENDER_PARTITION, SUSPENSE) == 0
    assert ledger.balance_fen(LENDER_PARTITION, COLLECTION) == 0
    assert ledger.balance_fen(who.id, COLLECTION) - before == 20_001
    repayment = Repayment.objects.get()
    assert (repayment.amount_fen, repayment.received_at) == (20_001, datetime(2026, 3, 12, 4, 0, tzinfo=UTC))
    assert ledger.check().is_sound


def test_a_rare_character_is_shown_by_its_code_point(monkeypatch):
    written: list[str] = []
    for name in ("cell", "multi_cell"):
        real = getattr(FPDF, name)
        monkeypatch.setattr(FPDF, name, lambda self, w, h, text="", *args, real=real, **more: (
            written.append(text), real(self, w, h, text, *args, **more))[1])
    facts = {"number": "JQ1", "loan_number": "JK1", "agreement_number": "HT1", "agreement_sha256": "0" * 64,
             "lender_zh": "示范", "lender_en": "Sample", "product_zh": "小额", "product_en": "Small", "amount_fen": 100,
             "starts_on": "2026-03-04", "settled_on": "2026-03-14", "principal_fen": 100, "interest_fen": 0,
             "penalty_fen": 0}

    def drawn(name: str) -> str:
        written.clear()
        pdf = certificate_draw(facts, sha256="0" * 64, issued_at=LATER, holder_name=name, holder_id_masked="1")
        assert pdf.startswith(b"%PDF")
        return "\n".join(written)

    assert "王[U+4DAE]" in drawn("王䶮")
    assert "字库未收录" in drawn("王䶮")
    assert "字库未收录" not in drawn("王伟")
    assert with_code_points("王𠮷", {ord("王")}) == "王[U+20BB7]"
