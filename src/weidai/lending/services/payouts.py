"""What the bank's word does to a loan that is being paid out: post, void, or a discrepancy for a person (R6.3)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record, events_together
from weidai.identity.selectors.cards import card_masked
from weidai.kernel.days import shanghai_date
from weidai.kernel.text import Text
from weidai.ledger import services as ledger
from weidai.lending.accounts import anchor_fields, terms_of
from weidai.lending.errors import LoanNotFound
from weidai.lending.models import Disbursement, Drawdown, Loan, PayoutDiscrepancy
from weidai.lending.rules import loan_open, schedule_build
from weidai.limits import services as limits
from weidai.messaging.services import notice_send
from weidai.platform import books, clock, outbox, statements
from weidai.platform.ids import uuid7

RECHECK_KIND = "lending.payout_recheck"
_State = Disbursement.State

FAILURE_TEXTS: dict[str, Text] = {
    "card_not_found": Text("收款卡不存在", "the receiving card does not exist"),
    "name_mismatch": Text("收款卡户名不符", "the card is not in your name"),
    "card_closed": Text("收款卡已注销", "the receiving card is closed"),
    "lender_funds_insufficient": Text("资金调度中，请稍后再试", "funds are being arranged; please try again later"),
}
OTHER_FAILURE = Text("银行未受理", "the bank did not accept it")


def payout_lock(customer_id: UUID, loan_id: UUID) -> tuple[Loan, Disbursement]:
    """Lock line, then loan, then disbursement (documented order) and return the last two."""
    found = statements.row("SELECT line_id FROM lending_loan WHERE customer_id = %s AND id = %s", [customer_id, loan_id])
    if found is None:
        raise LoanNotFound
    limits.line_lock(customer_id, line_id=found[0])
    loan = statements.row_lock(Loan, customer_id, loan_id)
    disbursement = statements.row_lock(Disbursement, customer_id, loan_id, by="loan_id")
    assert loan is not None, "a loan stays"
    assert disbursement is not None, "a loan is made with its disbursement"
    return loan, disbursement


def payout_sent(customer_id: UUID, *, loan_id: UUID) -> None:
    """Note that the bank is about to be asked; from now on only its own word tells whether it paid. One statement."""
    statements.count(
        """WITH sent AS (
             UPDATE lending_disbursement SET sent_at = %s WHERE customer_id = %s AND loan_id = %s AND sent_at IS NULL
             RETURNING customer_id, loan_id)
           UPDATE lending_drawdown AS d SET state = 'paying'
             FROM sent JOIN lending_loan AS l ON l.customer_id = sent.customer_id AND l.id = sent.loan_id
            WHERE d.customer_id = l.customer_id AND d.id = l.drawdown_id AND d.state = 'submitted'""",
        [clock.now(), customer_id, loan_id])


@transaction.atomic
def payout_post(customer_id: UUID, *, loan_id: UUID, booked_at: datetime, entry_id: str, source: str) -> bool:
    """The money arrived: the loan is active and its schedule dated from that day. False when it was final before.

    Interest starts on the Shanghai date of the bank's booking (R6.3). After a void the claim becomes a discrepancy.
    """
    with events_together():
        return _post(customer_id, loan_id, booked_at, entry_id, source)


def _post(customer_id: UUID, loan_id: UUID, booked_at: datetime, entry_id: str, source: str) -> bool:
    loan, disbursement = payout_lock(customer_id, loan_id)
    if disbursement.state == _State.FAILED:
        discrepancy_note(loan, booked_state=_State.FAILED, claimed_state=_State.SUCCEEDED, source=source)
    if disbursement.state != _State.PENDING:
        return False
    moment, starts_on = clock.now(), shanghai_date(booked_at)
    statements.count(
        """UPDATE lending_disbursement SET state = 'succeeded', booked_at = %s, entry_id = %s, answered_at = %s
            WHERE customer_id = %s AND id = %s""", [booked_at, entry_id, moment, customer_id, disbursement.id])
    ledger.journal_post_pending(customer_id, disbursement.journal_id, at=moment,
                                booked_on=books.business_date(loan.book_id))
    limits.limit_use(customer_id, line_id=loan.line_id, amount_fen=loan.principal_fen, cause_id=loan.id)
    first_due_on = loan_begin(loan, starts_on=starts_on, at=moment)
    event_record("lending.loan.paid_out", customer_id=customer_id, subject_type="lending.loan", subject_id=loan.id,
                 facts={"amount_fen": loan.principal_fen, "starts_on": starts_on, "entry_id": entry_id,
                        "source": source})
    tell_arrived(loan, first_due_on=first_due_on)
    return True


def loan_begin(loan: Loan, *, starts_on: date, at: datetime) -> date:
    """Write the schedule of a loan whose money arrived on a day and make it active; returns the first due date."""
    schedule = schedule_build(terms_of(loan, starts_on=starts_on))
    state = loan_open(schedule)
    rows, anchor = state.installments, anchor_fields(state, overdue_numbers=frozenset())
    anchor |= {"state": str(anchor["state"]), "starts_on": starts_on, "matures_on": schedule.ends_on}
    written = statements.count(  # one fact, one statement; whatever the plan says of payments is still nothing
        f"""WITH begun AS (
             UPDATE lending_loan SET {", ".join(f"{name} = %({name})s" for name in anchor)}
              WHERE customer_id = %(customer)s AND id = %(loan)s),
           posted AS (
             UPDATE lending_drawdown SET state = 'posted', failure_code = '', finished_at = %(at)s
              WHERE customer_id = %(customer)s AND id = %(drawdown)s)
           INSERT INTO lending_installment (id, number, starts_on, due_on, principal_fen, interest_fen, fee_fen, customer_id,
             loan_id, book_id, principal_paid_fen, interest_paid_fen, penalty_paid_fen, fee_paid_fen, penalty_numerator,
             interest_billed_fen, is_overdue)
           SELECT *, %(customer)s::uuid, %(loan)s::uuid, %(book)s::smallint, 0, 0, 0, 0, 0, 0, false
             FROM unnest(%(ids)s::uuid[], %(numbers)s::smallint[], %(starts)s::date[], %(dues)s::date[],
                         %(principals)s::bigint[], %(interests)s::bigint[], %(fees)s::bigint[])""",  # noqa: S608 (names)
        {**anchor, "customer": loan.customer_id, "loan": loan.id, "drawdown": loan.drawdown_id, "book": loan.book_id,
         "at": at, "ids": [uuid7() for _ in rows], "numbers": [row.number for row in rows],
         "starts": [row.starts_on for row in rows], "dues": [row.due_on for row in rows],
         "principals": [row.principal_fen for row in rows], "interests": [row.interest_fen for row in rows],
         "fees": [row.fee_fen for row in rows]})
    assert written == len(rows), "a plan is written once"
    return schedule.first_due_on


def tell_arrived(loan: Loan, *, first_due_on: date) -> None:
    card = card_masked(loan.customer_id, loan.card_id)
    notice_send(loan.customer_id, template="lending.payout_succeeded", values={
        "amount_fen": loan.principal_fen, "card_masked": card, "first_due_on": first_due_on})


@transaction.atomic
def payout_void(customer_id: UUID, *, loan_id: UUID, reason: str, source: str) -> bool:
    """The bank did not pay: limit given back, loan cancelled. False when it was final before.

    Only called once a query has confirmed the failure. After a post the claim becomes a discrepancy.
    """
    loan, disbursement = payout_lock(customer_id, loan_id)
    if disbursement.state == _State.SUCCEEDED:
        discrepancy_note(loan, booked_state=_State.SUCCEEDED, claimed_state=_State.FAILED, source=source)
    if disbursement.state != _State.PENDING:
        return False
    moment = clock.now()
    Disbursement.objects.filter(pk=disbursement.pk).update(
        state=_State.FAILED, failure_reason=reason, answered_at=moment)
    ledger.journal_void_pending(customer_id, disbursement.journal_id, at=moment,
                                booked_on=books.business_date(loan.book_id))
    limits.limit_release(customer_id, line_id=loan.line_id, amount_fen=loan.principal_fen, cause_id=loan.id)
    Loan.objects.filter(pk=loan.pk).update(state=Loan.State.CANCELLED)
    Drawdown.objects.filter(customer_id=customer_id, id=loan.drawdown_id).update(
        state=Drawdown.State.FAILED, failure_code=reason, finished_at=moment)
    event_record("lending.loan.cancelled", customer_id=customer_id, subject_type="lending.loan", subject_id=loan.id,
                 facts={"amount_fen": loan.principal_fen, "reason": reason, "source": source})
    notice_send(customer_id, template="lending.payout_failed", values={
        "amount_fen": loan.principal_fen, "reason": FAILURE_TEXTS.get(reason, OTHER_FAILURE)})
    return True


def discrepancy_note(loan: Loan, *, booked_state: str, claimed_state: str, source: str) -> None:
    """Keep a contradiction between our books and the bank's word, once, and ask the bank again."""
    row, is_new = PayoutDiscrepancy.objects.get_or_create(
        customer_id=loan.customer_id, loan=loan, booked_state=booked_state, claimed_state=claimed_state,
        defaults={"source": source, "amount_fen": loan.principal_fen, "noted_at": clock.now()})
    if not is_new:
        return
    event_record("lending.payout.contradicted", customer_id=loan.customer_id, subject_type="lending.loan",
                 subject_id=loan.id, facts={"booked": booked_state, "claimed": claimed_state, "source": source})
    if source == "callback":
        outbox.enqueue(loan.customer_id, kind=RECHECK_KIND, subject_id=row.id)


@transaction.atomic
def discrepancy_resolve(customer_id: UUID, *, discrepancy_id: UUID, resolution: str) -> None:
    """Close a discrepancy with the words of who looked into it (staff, or the bank's own query)."""
    row = PayoutDiscrepancy.objects.select_for_update().filter(
        customer_id=customer_id, id=discrepancy_id, resolved_at=None).first()
    if row is None:
        raise LoanNotFound
    PayoutDiscrepancy.objects.filter(pk=row.pk).update(resolved_at=clock.now(), resolution=resolution)
    event_record("lending.payout.discrepancy_resolved", customer_id=customer_id, subject_type="lending.loan",
                 subject_id=row.loan_id, facts={"booked": row.booked_state, "claimed": row.claimed_state})
