"""Posting: the only writer of balances. Every call is three set-based statements, for one transfer or a million.

Callers already hold the row locks of the documented order (credit line → loan); the ledger locks accounts by id, last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from weidai.ledger.errors import AccountOverdrawn, JournalNotFound, JournalNotPending
from weidai.ledger.models import LedgerTransfer
from weidai.ledger.posting import Row, accounts_open, balances_move, pending_insert, raising_insert, rows_insert
from weidai.ledger.rules import LENDER_PARTITION, AccountCode, AccountRef, BulkTransfer, Transfer, only_raises
from weidai.platform import statements
from weidai.platform.ids import uuid7
from weidai.platform.transactions import joined

__all__ = [
    "LENDER_PARTITION", "AccountCode", "AccountRef", "BulkTransfer", "Transfer", "day_close", "journal_pending", "journal_post",
    "journal_post_pending", "journal_reverse", "journal_void_pending", "journals_post_bulk",
]


def journal_post(
    customer_id: UUID, *, transfers: Sequence[Transfer], cause_type: str, cause_id: UUID, book_id: int,
    booked_on: date, at: datetime, journal_id: UUID | None = None,
) -> UUID:
    """Post the transfers of one fact at once and return the journal id; raises AccountOverdrawn."""
    journal = journal_id or uuid7()
    rows = [BulkTransfer(customer_id, journal, t, cause_type, cause_id, book_id) for t in transfers]
    _write(rows, phase=LedgerTransfer.Phase.POSTED, booked_on=booked_on, at=at)
    return journal


def journal_pending(
    customer_id: UUID, *, transfers: Sequence[Transfer], cause_type: str, cause_id: UUID, book_id: int,
    booked_on: date, at: datetime,
) -> UUID:
    """Write transfers whose outcome the outside world still has to tell; they count as pending on both accounts.

    One statement for a single transfer that cannot overdraw an account, as a payout is (the caller has locked its
    credit line), else five.
    """
    journal = uuid7()
    rows = [BulkTransfer(customer_id, journal, t, cause_type, cause_id, book_id) for t in transfers]
    if len(rows) == 1 and only_raises(rows[0].transfer):
        pending_insert(rows[0], booked_on=booked_on, at=at)
    else:
        _write(rows, phase=LedgerTransfer.Phase.PENDING, booked_on=booked_on, at=at)
    return journal


def journals_post_bulk(rows: Iterable[BulkTransfer], *, booked_on: date, at: datetime) -> int:
    """Post many customers' transfers and return how many were written.

    One statement when they only raise accounts of loans, as billing does (the caller has locked the loans), else three.
    """
    written = list(rows)
    if written and all(
            only_raises(row.transfer) and row.transfer.debit.subject_id and row.transfer.credit.subject_id for row in written):
        raising_insert(written, booked_on=booked_on, at=at)
    elif written:
        _write(written, phase=LedgerTransfer.Phase.POSTED, booked_on=booked_on, at=at)
    return len(written)


def journal_post_pending(customer_id: UUID, journal_id: UUID, *, booked_on: date, at: datetime) -> None:
    """Turn a pending journal into a posted one; raises JournalNotPending when it was resolved before."""
    _resolve(customer_id, journal_id, LedgerTransfer.Phase.POST_PENDING, booked_on, at)


def journal_void_pending(customer_id: UUID, journal_id: UUID, *, booked_on: date, at: datetime) -> None:
    """Release a pending journal without effect; raises JournalNotPending when it was resolved before."""
    _resolve(customer_id, journal_id, LedgerTransfer.Phase.VOID_PENDING, booked_on, at)


@transaction.atomic
def journal_reverse(customer_id: UUID, journal_id: UUID, *, booked_on: date, at: datetime) -> UUID:
    """Undo a posted journal by reversing rows and return the new journal id; a second reversal is refused."""
    originals = list(LedgerTransfer.objects.filter(
        customer_id=customer_id, journal_id=journal_id, phase=LedgerTransfer.Phase.POSTED).order_by("id"))
    if not originals:
        raise JournalNotFound
    reversal = uuid7()
    rows = [
        Row(customer_id, reversal, o.credit_account_id, o.debit_account_id, o.amount_fen, f"{o.kind}.reversal",
            o.cause_type, o.cause_id, o.book_id, None, o.id)
        for o in originals
    ]
    try:
        with transaction.atomic():
            rows_insert(rows, LedgerTransfer.Phase.POSTED, booked_on, at)
            balances_move(rows, LedgerTransfer.Phase.POSTED)
    except IntegrityError as error:
        raise _refusal(error) from error
    return reversal


def _write(transfers: Sequence[BulkTransfer], *, phase: str, booked_on: date, at: datetime) -> None:
    try:
        with transaction.atomic():
            accounts = accounts_open(
                {(t.customer_id, ref) for t in transfers for ref in (t.transfer.debit, t.transfer.credit)})
            rows = [
                Row(t.customer_id, t.journal_id, accounts[t.customer_id, t.transfer.debit],
                    accounts[t.customer_id, t.transfer.credit], t.transfer.amount_fen, t.transfer.kind, t.cause_type,
                    t.cause_id, t.book_id, None, None)
                for t in transfers
            ]
            rows_insert(rows, phase, booked_on, at)
            balances_move(rows, phase)
    except IntegrityError as error:
        raise _refusal(error) from error


@joined
def _resolve(customer_id: UUID, journal_id: UUID, phase: str, booked_on: date, at: datetime) -> None:
    pending = statements.rows(
        """SELECT customer_id, journal_id, debit_account_id, credit_account_id, amount_fen, kind, cause_type, cause_id,
                  book_id, id
             FROM ledger_ledgertransfer WHERE customer_id = %s AND journal_id = %s AND phase = 'pending' ORDER BY id""",
        [customer_id, journal_id])
    if not pending:
        raise JournalNotFound
    rows = [Row(*one, reverses_id=None) for one in pending]
    try:
        with transaction.atomic():
            rows_insert(rows, phase, booked_on, at)
            balances_move(rows, phase)
    except IntegrityError as error:
        raise _refusal(error) from error


def _refusal(error: IntegrityError) -> Exception:
    """Translate the database's own "no" into ours; anything unknown stays what it is."""
    text = str(error)
    if "account_never_overdrawn" in text:
        return AccountOverdrawn(account="")
    if "transfer_resolved_once" in text or "transfer_reversed_once" in text:
        return JournalNotPending()
    return error


@transaction.atomic
def day_close(book_id: int, day: date) -> int:
    """Derive the institution's totals of a business day from its transfers; a rerun writes the same rows again.

    Two statements whatever the size of the book. Returns the number of account codes written.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_generalledgerday WHERE book_id = %s AND day = %s", [book_id, day])
        cursor.execute(
            """
            WITH legs AS (
              SELECT debit_account_id AS account_id, customer_id, amount_fen AS debit_fen, 0::bigint AS credit_fen
                FROM ledger_ledgertransfer
               WHERE book_id = %(book)s AND booked_on = %(day)s AND phase IN ('posted', 'post_pending')
              UNION ALL
              SELECT credit_account_id, customer_id, 0, amount_fen FROM ledger_ledgertransfer
               WHERE book_id = %(book)s AND booked_on = %(day)s AND phase IN ('posted', 'post_pending'))
            INSERT INTO ledger_generalledgerday (book_id, day, code, debits_fen, credits_fen, transfer_count)
            SELECT %(book)s, %(day)s, a.code, sum(l.debit_fen), sum(l.credit_fen), count(*)
              FROM legs l JOIN ledger_account a ON a.id = l.account_id AND a.customer_id = l.customer_id
             GROUP BY a.code
            """,
            {"book": book_id, "day": day},
        )
        return cursor.rowcount


