"""The end of day's pieces of servicing: a few set-based statements per chunk, never one per loan (R7.10, R10.1)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

from django.db import connection

from weidai.kernel.days import shanghai_instant
from weidai.ledger import services as ledger
from weidai.ledger.services import AccountCode, AccountRef, BulkTransfer, Transfer
from weidai.lending.services import end_of_day as lending
from weidai.lending.services.end_of_day import Chunk
from weidai.limits import services as limits
from weidai.limits.services import BulkHold
from weidai.messaging.services import NewNotice, notices_send_bulk
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.servicing import policy
from weidai.servicing.models import AccrualDay, AutoDebitAgreement, DebitInstruction
from weidai.servicing.services.spells import HOLD_KIND, HOLD_SOURCE, spells_begin


def bill_due(chunk: Chunk) -> int:
    """Turn the interest of everything due by the day into income and a receivable; returns how many rows.

    Two statements: the rows, and their postings.
    """
    billed = lending.installments_bill(chunk)
    journals: dict[UUID, UUID] = defaultdict(uuid7)
    ledger.journals_post_bulk(
        [BulkTransfer(row.customer_id, journals[row.loan_id], _interest(row), "lending.loan", row.loan_id,
                      chunk.book_id) for row in billed], booked_on=chunk.posted_on, at=clock.now())
    return len(billed)


def _interest(row: lending.BilledInstallment) -> Transfer:
    return Transfer(AccountRef(AccountCode.INTEREST_RECEIVABLE, row.loan_id),
                    AccountRef(AccountCode.INTEREST_INCOME, row.loan_id), row.amount_fen, "interest.billed")


def overdue_mark(chunk: Chunk) -> int:
    """Mark what the due instant passed unpaid: spells, holds, notices (R7.3). Returns how many loans.

    Lock order: credit lines (by placing holds), then loans. Who pays in between is let go again in the transaction.
    """
    spared = debits_unanswered(chunk)
    candidates = lending.customers_unpaid(chunk, spared_loans=spared)
    if not candidates:
        return 0
    holds = [BulkHold(customer_id, HOLD_KIND, HOLD_SOURCE, "overdue") for customer_id in sorted(candidates)]
    placed = {customer_id for customer_id, _ in limits.holds_bulk_place(holds)}
    late = lending.installments_mark_overdue(chunk, spared_loans=spared)
    still_late = {loan.customer_id for loan in late}
    limits.holds_bulk_release([
        BulkHold(customer_id, HOLD_KIND, HOLD_SOURCE, "paid_in_time") for customer_id in sorted(placed - still_late)])
    begun = set(spells_begin(late, book_id=chunk.book_id))
    unpaid: dict[UUID, int] = defaultdict(int)
    for loan in late:
        unpaid[loan.customer_id] += loan.unpaid_fen
    notices_send_bulk([
        NewNotice(customer_id, "servicing.overdue", {"amount_fen": unpaid[customer_id], "days": 1})
        for customer_id in sorted(begun)])
    return len(late)


def debits_unanswered(chunk: Chunk) -> list[UUID]:
    """Return loans whose debit was sent in time but whose result the bank still owes us."""
    rows = DebitInstruction.objects.filter(
        book_id=chunk.book_id, customer_id__gt=chunk.after, customer_id__lte=chunk.until,
        state__in=[DebitInstruction.State.SENT, DebitInstruction.State.UNKNOWN],
        sent_at__lt=shanghai_instant(date.fromordinal(chunk.day.toordinal() + 1)))
    return list(rows.values_list("loan_id", flat=True))


def debits_plan(chunk: Chunk, *, on: date) -> int:
    """Plan the first window's debits for the day that opens, amounts fixed now; returns how many are new (R7.2)."""
    amounts = {(row.customer_id, row.loan_id): row.amount_fen for row in lending.loans_due(chunk, on=on)}
    amounts.update({(row.customer_id, row.loan_id): row.amount_fen for row in lending.debts_overdue(chunk, on=on)})
    if not amounts:
        return 0
    granted = {
        row[0]: row[1:] for row in AutoDebitAgreement.objects.filter(
            customer_id__in={key[0] for key in amounts}, revoked_at=None,
        ).values_list("customer_id", "card_id", "number")}
    wanted = [(key, amount_fen) for key, amount_fen in sorted(amounts.items()) if key[0] in granted and amount_fen > 0]
    return _debits_insert(chunk, wanted, granted=granted, on=on) if wanted else 0


def _debits_insert(
    chunk: Chunk, wanted: list[tuple[tuple[UUID, UUID], int]], *, granted: dict[UUID, tuple[UUID, str]], on: date,
) -> int:
    ids = [uuid7() for _ in wanted]
    window = policy.current(on).auto_debit.windows[0]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO servicing_debitinstruction (id, customer_id, loan_id, book_id, kind, intent, card_id,
                 agreement_number, request_id, amount_fen, due_on, "window", send_at, state, failure_reason, created_at,
                 entry_id)
               SELECT d.id, d.customer_id, d.loan_id, %s, 'automatic', 'due', d.card_id, d.number, 'ad-' || d.id,
                      d.amount_fen, %s, 1, %s, 'created', '', %s, ''
                 FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[])
                   AS d(id, customer_id, loan_id, card_id, number, amount_fen)
               ON CONFLICT DO NOTHING""",
            [chunk.book_id, on, shanghai_instant(on, window), clock.now(), ids, [key[0] for key, _ in wanted],
             [key[1] for key, _ in wanted], [granted[key[0]][0] for key, _ in wanted],
             [granted[key[0]][1] for key, _ in wanted], [amount_fen for _, amount_fen in wanted]])
        return int(cursor.rowcount)


def accruals_record(book_id: int, *, day: date) -> int:
    """Write what every product earned on the day, from one read-only scan; a rerun writes the same rows again."""
    rows = lending.accruals_scan(book_id, day=day)
    AccrualDay.objects.filter(book_id=book_id, day=day).delete()
    AccrualDay.objects.bulk_create([
        AccrualDay(book_id=book_id, day=day, product=row.product, loan_count=row.loan_count,
                   outstanding_fen=row.outstanding_fen, overdue_principal_fen=row.overdue_principal_fen,
                   interest_e8=row.interest_e8, penalty_e8=row.penalty_e8) for row in rows])
    return sum(row.loan_count for row in rows)
