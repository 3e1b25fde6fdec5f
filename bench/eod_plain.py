"""The same closing as lending systems usually do it: one loan at a time through the ORM, a commit each.

It does for a sample of loans what the set-based closing does for all: accrue, bill and post, mark overdue, hold, spell,
notice, event, debit instruction. Arguments: the day, how many loans. Prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date, timedelta
from typing import Any

import django
from django.db import connection, transaction


class Count:
    """How many statements went to the database."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)


def loan_close(loan_id: Any, *, day: date) -> int:
    """Close one loan's day; returns its interest of the day in 1e-8 fen."""
    from weidai.lending.models import Loan

    with transaction.atomic():
        loan = Loan.objects.select_for_update().get(id=loan_id)
        accrued = (loan.outstanding_fen - loan.overdue_principal_fen) * loan.daily_rate_e8
        rows = list(loan.installments.filter(customer_id=loan.customer_id).order_by("number"))
        for row in rows:
            if row.settled_on is None and row.due_on <= day:
                _bill(loan, row, day=day)
                _mark(loan, row)
        _debit(loan, rows, on=day + timedelta(days=1))
    return accrued


def _bill(loan: Any, row: Any, *, day: date) -> None:
    from weidai.ledger.models import Account, LedgerTransfer
    from weidai.platform import clock
    from weidai.platform.ids import uuid7

    amount_fen = row.interest_fen - row.interest_billed_fen
    if not amount_fen:
        return
    row.interest_billed_fen = row.interest_fen
    row.save(update_fields=["interest_billed_fen"])
    accounts = [
        Account.objects.get_or_create(customer_id=loan.customer_id, code=code, subject_id=loan.id, defaults={
            "is_debit_normal": is_debit, "may_overdraw": not is_debit})[0]
        for code, is_debit in (("interest_receivable", True), ("interest_income", False))]
    LedgerTransfer.objects.create(
        customer_id=loan.customer_id, journal_id=uuid7(), phase="posted", debit_account_id=accounts[0].id,
        credit_account_id=accounts[1].id, amount_fen=amount_fen, kind="interest.billed", cause_type="lending.loan",
        cause_id=loan.id, book_id=loan.book_id, booked_on=day, occurred_at=clock.now())
    accounts[0].debits_posted_fen += amount_fen
    accounts[0].save(update_fields=["debits_posted_fen"])
    accounts[1].credits_posted_fen += amount_fen
    accounts[1].save(update_fields=["credits_posted_fen"])


def _mark(loan: Any, row: Any) -> None:
    from weidai.audit.services import event_record
    from weidai.kernel.days import due_instant
    from weidai.limits import services as limits
    from weidai.messaging.services import notice_send
    from weidai.servicing.models import DebitInstruction, OverdueSpell

    waits = DebitInstruction.objects.filter(
        customer_id=loan.customer_id, loan_id=loan.id, state__in=["sent", "unknown"]).exists()
    if row.is_overdue or waits:
        return
    row.is_overdue = True
    row.save(update_fields=["is_overdue"])
    loan.overdue_principal_fen += row.principal_fen - row.principal_paid_fen
    loan.overdue_since = min(loan.overdue_since or row.due_on, row.due_on)
    loan.save(update_fields=["overdue_principal_fen", "overdue_since"])
    limits.hold_place(loan.customer_id, kind="overdue", source="servicing", reason="overdue", is_notified=False)
    spell, is_new = OverdueSpell.objects.get_or_create(
        customer_id=loan.customer_id, ended_at=None, is_void=False, defaults={
            "book_id": loan.book_id, "first_due_on": row.due_on, "started_at": due_instant(row.due_on)})
    if is_new:
        event_record("servicing.overdue_spell.began", customer_id=loan.customer_id,
                     subject_type="servicing.overdue_spell", subject_id=spell.id,
                     facts={"first_due_on": row.due_on})
        notice_send(loan.customer_id, template="servicing.overdue", values={
            "amount_fen": row.principal_fen + row.interest_fen, "days": 1})


def _debit(loan: Any, rows: list[Any], *, on: date) -> None:
    from weidai.kernel.days import shanghai_instant
    from weidai.lending.accounts import account_of
    from weidai.lending.rules import owed
    from weidai.platform import clock
    from weidai.platform.ids import uuid7
    from weidai.servicing.models import AutoDebitAgreement, DebitInstruction

    amount_fen = owed(account_of(loan, rows).state, on=max(on, loan.anchored_on)).total_fen
    if not amount_fen:
        return
    agreement = AutoDebitAgreement.objects.filter(customer_id=loan.customer_id, revoked_at=None).first()
    key = uuid7()
    is_open = DebitInstruction.objects.filter(
        customer_id=loan.customer_id, loan_id=loan.id, state__in=["created", "sent", "unknown"]).exists()
    if agreement and not is_open:
        DebitInstruction.objects.create(
            id=key, customer_id=loan.customer_id, loan_id=loan.id, book_id=loan.book_id, kind="automatic", intent="due",
            card_id=agreement.card_id, agreement_number=agreement.number, request_id=f"ad-{key}", amount_fen=amount_fen,
            due_on=on, window=1, send_at=shanghai_instant(on), created_at=clock.now())


def main() -> None:
    """Close the sample and tell how long it took."""
    day, size = date.fromisoformat(sys.argv[1]), int(sys.argv[2])
    django.setup()
    from weidai.kernel.days import shanghai_instant
    from weidai.lending.models import Loan
    from weidai.platform import clock

    active = Loan.objects.filter(state="active").order_by("id").values_list("id", flat=True)
    step = max(active.count() // size, 1)
    chosen = list(active)[::step][:size]
    count = Count()
    began = time.monotonic()
    with clock.travel_to(shanghai_instant(day + timedelta(days=1))), connection.execute_wrapper(count):
        for loan_id in chosen:
            loan_close(loan_id, day=day)
    print(json.dumps({"loans": len(chosen), "seconds": time.monotonic() - began, "statements": count.statements}))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
    main()
