"""The three set-based statements of posting: open accounts, insert transfers, move balances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from weidai.ledger.models import LedgerTransfer
from weidai.ledger.rules import CHART_BY_CODE, AccountCode, AccountRef, BulkTransfer, is_debit_normal, only_raises
from weidai.platform import statements
from weidai.platform.ids import uuid7

NIL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Row:
    """A transfer row ready to be written, with its account ids."""

    customer_id: UUID
    journal_id: UUID
    debit_account_id: UUID
    credit_account_id: UUID
    amount_fen: int
    kind: str
    cause_type: str
    cause_id: UUID
    book_id: int
    resolves_id: UUID | None
    reverses_id: UUID | None


def accounts_open(wanted: set[tuple[UUID, AccountRef]]) -> dict[tuple[UUID, AccountRef], UUID]:
    """Return the id of every wanted account, creating the missing ones; one statement when all are new, else two."""
    ordered = sorted(wanted, key=lambda w: (w[0].bytes, w[1].code, (w[1].subject_id or NIL).bytes))
    columns = (
        [w[0] for w in ordered], [str(w[1].code) for w in ordered], [w[1].subject_id or NIL for w in ordered],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_account (id, customer_id, code, subject_id, is_debit_normal, may_overdraw,
                 debits_posted_fen, credits_posted_fen, debits_pending_fen, credits_pending_fen)
               SELECT *, 0, 0, 0, 0 FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::bool[], %s::bool[])
               ON CONFLICT (customer_id, code, subject_id) DO NOTHING RETURNING customer_id, code, subject_id, id""",
            [[uuid7() for _ in ordered], *columns, [is_debit_normal(w[1].code) for w in ordered],
             [CHART_BY_CODE[w[1].code].may_overdraw for w in ordered]],
        )
        found = {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}
        if len(found) < len(ordered):
            cursor.execute(
                """SELECT a.customer_id, a.code, a.subject_id, a.id FROM ledger_account a
                     JOIN unnest(%s::uuid[], %s::text[], %s::uuid[]) AS w(customer_id, code, subject_id)
                       USING (customer_id, code, subject_id)""",
                list(columns),
            )
            found = {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}
    return {w: found[w[0], str(w[1].code), w[1].subject_id or NIL] for w in ordered}


def rows_insert(rows: Sequence[Row], phase: str, booked_on: date, at: datetime) -> None:
    """Append the transfers; one statement."""
    statements.count(
        """INSERT INTO ledger_ledgertransfer (id, customer_id, journal_id, debit_account_id, credit_account_id,
             amount_fen, kind, cause_type, cause_id, book_id, resolves_id, reverses_id, phase, booked_on, occurred_at)
           SELECT *, %s::text, %s::date, %s::timestamptz FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[],
             %s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::uuid[], %s::smallint[], %s::uuid[], %s::uuid[])""",
        [str(phase), booked_on, at, [uuid7() for _ in rows], [r.customer_id for r in rows],
         [r.journal_id for r in rows], [r.debit_account_id for r in rows], [r.credit_account_id for r in rows],
         [r.amount_fen for r in rows], [r.kind for r in rows], [r.cause_type for r in rows],
         [r.cause_id for r in rows], [r.book_id for r in rows], [r.resolves_id for r in rows],
         [r.reverses_id for r in rows]])


def _effect(phase: str, amount_fen: int) -> tuple[int, int]:
    """Return (posted, pending) movement of one leg."""
    return {
        LedgerTransfer.Phase.POSTED: (amount_fen, 0),
        LedgerTransfer.Phase.PENDING: (0, amount_fen),
        LedgerTransfer.Phase.POST_PENDING: (amount_fen, -amount_fen),
        LedgerTransfer.Phase.VOID_PENDING: (0, -amount_fen),
    }[LedgerTransfer.Phase(phase)]


def balances_move(rows: Sequence[Row], phase: str) -> None:
    """Add the legs to the accounts, locked in id order; the CHECK constraints refuse an overdraft. Two statements."""
    moves: dict[UUID, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    owners: dict[UUID, UUID] = {}
    for row in rows:
        posted, pending = _effect(phase, row.amount_fen)
        debit, credit = moves[row.debit_account_id], moves[row.credit_account_id]
        debit[0] += posted
        debit[2] += pending
        credit[1] += posted
        credit[3] += pending
        owners[row.debit_account_id] = owners[row.credit_account_id] = row.customer_id
    ids = sorted(moves)
    statements.rows("SELECT id FROM ledger_account WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE", [ids])
    statements.count(
        """UPDATE ledger_account a SET debits_posted_fen = a.debits_posted_fen + m.dp,
             credits_posted_fen = a.credits_posted_fen + m.cp, debits_pending_fen = a.debits_pending_fen + m.dn,
             credits_pending_fen = a.credits_pending_fen + m.cn
           FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
             AS m(customer_id, id, dp, cp, dn, cn)
           WHERE a.customer_id = m.customer_id AND a.id = m.id""",
        [[owners[i] for i in ids], ids, *[[moves[i][column] for i in ids] for column in range(4)]])


def pending_insert(t: BulkTransfer, *, booked_on: date, at: datetime) -> None:
    """Open both accounts of one transfer, count it as pending on them and append it, in one statement.

    Only for a transfer that cannot overdraw, between an account of a loan that the caller makes or has locked and one of
    its customer's: nobody else holds the first while waiting for the second.
    """
    assert only_raises(t.transfer), t
    debit, credit = t.transfer.debit, t.transfer.credit
    written = statements.count(
        """WITH moved AS (
             INSERT INTO ledger_account AS a (id, customer_id, code, subject_id, is_debit_normal, may_overdraw,
               debits_posted_fen, credits_posted_fen, debits_pending_fen, credits_pending_fen)
             VALUES (%(debit_id)s, %(customer)s, %(debit)s, %(debit_subject)s, %(debit_normal)s, %(debit_over)s,
                     0, 0, %(fen)s, 0),
                    (%(credit_id)s, %(customer)s, %(credit)s, %(credit_subject)s, %(credit_normal)s, %(credit_over)s,
                     0, 0, 0, %(fen)s)
             ON CONFLICT (customer_id, code, subject_id) DO UPDATE
               SET debits_pending_fen = a.debits_pending_fen + EXCLUDED.debits_pending_fen,
                   credits_pending_fen = a.credits_pending_fen + EXCLUDED.credits_pending_fen
             RETURNING a.id, a.code, a.subject_id)
           INSERT INTO ledger_ledgertransfer (id, customer_id, journal_id, debit_account_id, credit_account_id,
             amount_fen, kind, cause_type, cause_id, book_id, phase, booked_on, occurred_at)
           SELECT %(id)s, %(customer)s, %(journal)s, d.id, c.id, %(fen)s, %(kind)s, %(cause_type)s, %(cause)s, %(book)s,
                  'pending', %(booked_on)s, %(at)s
             FROM moved AS d, moved AS c
            WHERE d.code = %(debit)s AND d.subject_id = %(debit_subject)s
              AND c.code = %(credit)s AND c.subject_id = %(credit_subject)s""",
        {"id": uuid7(), "customer": t.customer_id, "journal": t.journal_id, "fen": t.transfer.amount_fen,
         "kind": t.transfer.kind, "cause_type": t.cause_type, "cause": t.cause_id, "book": t.book_id,
         "booked_on": booked_on, "at": at, **_leg("debit", debit), **_leg("credit", credit)})
    assert written == 1, "the transfer found both its accounts"


def _leg(side: str, ref: AccountRef) -> dict[str, object]:
    """Return one account as `pending_insert` names it."""
    return {f"{side}_id": uuid7(), side: str(ref.code), f"{side}_subject": ref.subject_id or NIL,
            f"{side}_normal": is_debit_normal(ref.code), f"{side}_over": CHART_BY_CODE[ref.code].may_overdraw}


def raising_insert(transfers: Sequence[BulkTransfer], *, booked_on: date, at: datetime) -> None:
    """Open accounts, move balances and append posted transfers in one statement; every leg must raise its account.

    Only for accounts of one loan each, whose row the caller has locked: nobody else moves them at the same time.
    """
    moves: dict[tuple[UUID, str, UUID], list[int]] = defaultdict(lambda: [0, 0])
    for t in transfers:
        debit, credit = t.transfer.debit, t.transfer.credit
        assert only_raises(t.transfer), t
        assert debit.subject_id, t
        assert credit.subject_id, t
        moves[t.customer_id, str(debit.code), debit.subject_id][0] += t.transfer.amount_fen
        moves[t.customer_id, str(credit.code), credit.subject_id][1] += t.transfer.amount_fen
    charts = [CHART_BY_CODE[AccountCode(code)] for _, code, _ in moves]
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH moved AS (
                 INSERT INTO ledger_account AS a (id, customer_id, code, subject_id, is_debit_normal, may_overdraw,
                   debits_posted_fen, credits_posted_fen, debits_pending_fen, credits_pending_fen)
                 SELECT *, 0, 0 FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::bool[], %s::bool[],
                   %s::bigint[], %s::bigint[])
                 ON CONFLICT (customer_id, code, subject_id) DO UPDATE
                   SET debits_posted_fen = a.debits_posted_fen + EXCLUDED.debits_posted_fen,
                       credits_posted_fen = a.credits_posted_fen + EXCLUDED.credits_posted_fen
                 RETURNING a.id, a.customer_id, a.code, a.subject_id)
               INSERT INTO ledger_ledgertransfer (id, customer_id, journal_id, debit_account_id, credit_account_id,
                 amount_fen, kind, cause_type, cause_id, book_id, phase, booked_on, occurred_at)
               SELECT t.id, t.customer_id, t.journal_id, d.id, c.id, t.amount_fen, t.kind, t.cause_type, t.cause_id,
                      t.book_id, 'posted', %s::date, %s::timestamptz
                 FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::uuid[], %s::bigint[],
                        %s::text[], %s::text[], %s::uuid[], %s::smallint[])
                   AS t(id, customer_id, journal_id, debit, debit_subject, credit, credit_subject, amount_fen, kind,
                        cause_type, cause_id, book_id)
                 JOIN moved AS d ON d.customer_id = t.customer_id AND d.code = t.debit AND d.subject_id = t.debit_subject
                 JOIN moved AS c ON c.customer_id = t.customer_id AND c.code = t.credit
                                AND c.subject_id = t.credit_subject""",
            [[uuid7() for _ in moves], [key[0] for key in moves], [key[1] for key in moves], [key[2] for key in moves],
             [is_debit_normal(chart.code) for chart in charts], [chart.may_overdraw for chart in charts],
             [move[0] for move in moves.values()], [move[1] for move in moves.values()], booked_on, at,
             [uuid7() for _ in transfers], [t.customer_id for t in transfers], [t.journal_id for t in transfers],
             [str(t.transfer.debit.code) for t in transfers], [t.transfer.debit.subject_id for t in transfers],
             [str(t.transfer.credit.code) for t in transfers], [t.transfer.credit.subject_id for t in transfers],
             [t.transfer.amount_fen for t in transfers], [t.transfer.kind for t in transfers],
             [t.cause_type for t in transfers], [t.cause_id for t in transfers], [t.book_id for t in transfers]])
        assert cursor.rowcount == len(transfers), "every transfer found both its accounts"
