"""Rows of every kind the console lists, written straight into the tables: many at once for the bound on queries."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests.services.credit_support import customer_make
from weidai.audit.services import event_record
from weidai.identity.models import StaffVideoRequest
from weidai.lending.models import Disbursement, Drawdown, Loan, PayoutDiscrepancy
from weidai.origination.models import Application, ReviewTask
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.platform.models import InboxMessage, OutboxMessage
from weidai.risk.models import Decision, ListEntry
from weidai.servicing.models import (
    DebitInstruction,
    MoneyDiscrepancy,
    ReconciliationItem,
    ReconciliationRun,
    ReconciliationTotal,
    Repayment,
    SuspenseItem,
)

PRODUCT = "consumer_installment_line"


def loan_row(customer_id: UUID, number: int, *, state: str = "active", overdue_days: int = 0) -> Loan:
    """A loan with its drawdown; no schedule."""
    now, today = clock.now(), clock.today()
    drawdown = Drawdown.objects.create(
        customer_id=customer_id, line_id=uuid7(), book_id=1, product=PRODUCT, amount_fen=100_000,
        purpose="daily_consumption", term_months=12, method="equal_principal", daily_rate_e8=40_000,
        penalty_daily_rate_e8=60_000, annual_cap_ppm=240_000, card_id=uuid7(), policy_version="test", state="posted",
        started_at=now, submitted_at=now)
    return Loan.objects.create(
        customer_id=customer_id, book_id=1, line_id=drawdown.line_id, drawdown=drawdown,
        number=f"JK20260304{number:010X}", product=PRODUCT, state=state, principal_fen=100_000, daily_rate_e8=40_000,
        penalty_daily_rate_e8=60_000, annual_cap_ppm=240_000, method="equal_principal", term_months=12,
        card_id=uuid7(), policy_version="test", created_at=now, starts_on=today, outstanding_fen=100_000,
        overdue_since=today - timedelta(days=overdue_days) if overdue_days else None,
        overdue_principal_fen=1_000 if overdue_days else 0, next_due_on=today + timedelta(days=30))


def case_row(customer_id: UUID, *, stage: str = "verification", requested_fen: int = 1_000_000) -> tuple[Application, ReviewTask]:
    """An application that waits for a person."""
    now = clock.now()
    application = Application.objects.create(
        customer_id=customer_id, product=PRODUCT, state="declined" if stage == "appeal" else "verification",
        state_since=now, requested_fen=requested_fen, occupation="employed", opened_at=now, submitted_at=now,
        pack_version="2026-01")
    return application, ReviewTask.objects.create(
        customer_id=customer_id, application=application, stage=stage, opened_at=now, due_at=now + timedelta(hours=3))


def everything(first: int, count: int) -> None:
    """`count` customers, each with one row on every list."""
    now = clock.now()
    for serial in range(first, first + count):
        customer_id = customer_make(serial, consents=())
        loan = loan_row(customer_id, serial, overdue_days=serial % 40)
        case_row(customer_id)
        StaffVideoRequest.objects.create(id=uuid7(), customer_id=customer_id, purpose="real_name", requested_at=now)
        Disbursement.objects.create(customer_id=customer_id, loan=loan, request_id=f"r{serial}", amount_fen=100_000,
                                    card_id=uuid7(), journal_id=uuid7(), state="succeeded", booked_at=now)
        PayoutDiscrepancy.objects.create(customer_id=customer_id, loan=loan, booked_state="succeeded",
                                         claimed_state="failed", source="callback", amount_fen=100_000, noted_at=now)
        repayment = Repayment.objects.create(
            customer_id=customer_id, book_id=1, channel="debit", reference=f"ref{serial}", amount_fen=5_000,
            applied_fen=5_000, excess_fen=0, loan_id=loan.id, received_at=now, received_on=clock.today(),
            booked_on=clock.today(), booked_at=now, journal_id=uuid7())
        debit = DebitInstruction.objects.create(
            customer_id=customer_id, loan_id=loan.id, book_id=1, kind="requested", intent="due", card_id=uuid7(),
            request_id=f"d{serial}", amount_fen=5_000, send_at=now, state="succeeded", created_at=now, booked_at=now,
            repayment=repayment)
        MoneyDiscrepancy.objects.create(
            customer_id=customer_id, subject_type="debit", subject_id=debit.id, booked_state="succeeded",
            claimed_state="failed", source="callback", amount_fen=5_000, noted_at=now)
        SuspenseItem.objects.create(book_id=1, reference=f"s{serial}", amount_fen=700, payer_masked="**** 1111",
                                    payer_name="某人", memo="还款", received_at=now, journal_id=uuid7())
        run = ReconciliationRun.objects.create(day=clock.today() - timedelta(days=serial), state="different", attempts=1,
                                               tried_at=now, finished_at=now, bank_row_count=1)
        ReconciliationTotal.objects.create(run=run, account="collection", opening_fen=0, in_fen=700, out_fen=0,
                                           closing_fen=700, ledger_fen=0, timing_fen=0, difference_fen=700)
        ReconciliationItem.objects.create(run=run, day=run.day, account="collection", reference=f"t{serial}", kind="transfer",
                                          outcome="missing_here", advice="unknown_request", bank_fen=700, ledger_fen=0)
        Decision.objects.create(customer_id=customer_id, event="drawdown", subject_id=uuid7(), outcome="challenge",
                                reasons=["drawdowns_in_an_hour", "list_mobile"], facts={"amount_fen": 100_000},
                                pack_version="2026-01", decided_at=now)
        ListEntry.objects.create(kind="mobile", digest=f"digest{serial}", effect="block", reason="投诉核实", added_at=now,
                                 added_by=str(uuid7()))
        OutboxMessage.objects.create(customer_id=customer_id, kind="lending.payout", subject_id=loan.id, state="parked",
                                     attempts=200, not_before=now, business_at=now, last_error="timeout")
        InboxMessage.objects.create(partner="bank", partner_event_id=f"e{serial}", kind="bank.payout.updated",
                                    payload={}, state="parked", note="no such loan", received_at=now)
        event_record("lending.loan.paid_out", customer_id=customer_id, subject_type="lending.loan", subject_id=loan.id)
