"""Set-based pieces of the end of day on lending's own tables: one statement per chunk, never one per loan (R10.1).

A chunk is a range of customers: `after` < customer_id ≤ `until`. Rows come back as plain tuples for the next room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from weidai.lending.accounts import LoanAccount, account_of
from weidai.lending.models import Installment, Loan
from weidai.lending.policy import LONGEST_GRACE_DAYS
from weidai.lending.rules import InstallmentState, LoanState, LoanStatus, LoanTerms, RepaymentMethod, owed


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some customers of a book on a business day; `skip` are set aside. `booked_on`: the open day, when `day` is closed."""

    book_id: int
    day: date
    after: UUID
    until: UUID
    skip: tuple[UUID, ...] = ()
    booked_on: date | None = None

    @property
    def posted_on(self) -> date:
        """The business day the ledger gets it on."""
        return self.booked_on or self.day


class BilledInstallment(NamedTuple):
    """Interest of one row that became income today, in fen."""

    customer_id: UUID
    loan_id: UUID
    number: int
    amount_fen: int


class OverdueLoan(NamedTuple):
    """A loan with a row that was not paid by its due instant today; amounts in fen."""

    customer_id: UUID
    loan_id: UUID
    unpaid_fen: int
    since: date
    grace_days: int = 0


class DueLoan(NamedTuple):
    """A loan with something to debit on a day, when nothing of it is overdue; amount in fen."""

    customer_id: UUID
    loan_id: UUID
    amount_fen: int


class UpcomingInstallment(NamedTuple):
    """A row that falls due on a day to come, with what is unpaid of it in fen."""

    customer_id: UUID
    loan_id: UUID
    due_on: date
    unpaid_fen: int


class AccrualRow(NamedTuple):
    """What a book's loans of one product earned in a day; interest and penalty in 1e-8 fen."""

    product: str
    loan_count: int
    outstanding_fen: int
    overdue_principal_fen: int
    interest_e8: int
    penalty_e8: int


_RANGE = "book_id = %(book)s AND customer_id > %(after)s AND customer_id <= %(until)s AND customer_id <> ALL(%(skip)s)"
_UNPAID = f"{_RANGE} AND settled_on IS NULL AND due_on <= %(day)s"
# Loans are reached from their open rows one by one through their key: the planner takes nearly all rows due in the past for
# unpaid and would read the whole table of loans for every chunk.
_LOAN = "CROSS JOIN LATERAL (SELECT {} FROM lending_loan WHERE customer_id = w.customer_id AND id = w.loan_id {}) AS l"
_LOCKED = f"locked AS (SELECT l.* FROM wanted AS w {_LOAN.format('customer_id, id, grace_days', 'FOR UPDATE')})"  # noqa: S608
OVERDUE_LOANS = f"""overdue AS (
    SELECT l.* FROM (SELECT DISTINCT customer_id, loan_id FROM lending_installment WHERE {_UNPAID} AND is_overdue) AS w
      {_LOAN.format("*", "AND state = 'active' AND overdue_since IS NOT NULL OFFSET 0")})"""  # noqa: S608 (fixed text)
_LATE = f"""{_UNPAID} AND NOT is_overdue AND loan_id <> ALL(%(spared)s) AND due_on <= %(day)s - (
  SELECT l.grace_days FROM lending_loan AS l WHERE l.customer_id = i.customer_id AND l.id = i.loan_id)"""  # noqa: S608 (fixed text)


def _values(chunk: Chunk) -> dict[str, Any]:
    return {"book": chunk.book_id, "day": chunk.day, "after": chunk.after, "until": chunk.until,
            "skip": list(chunk.skip)}


def chunk_bounds(book_id: int, *, size: int) -> list[UUID]:
    """Return the last customer of every chunk of `size` customers with active loans; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT customer_id FROM (
                 SELECT customer_id, row_number() OVER (ORDER BY customer_id) AS place FROM (
                   SELECT DISTINCT customer_id FROM lending_loan WHERE book_id = %s AND state = 'active') AS c) AS n
                WHERE place %% %s = 0 ORDER BY customer_id""", [book_id, size])
        return [row[0] for row in cursor.fetchall()]


def customers_unpaid(chunk: Chunk, *, spared_loans: Sequence[UUID] = ()) -> list[UUID]:
    """Return customers with a row unpaid by the end of its grace days and not yet marked; reads only."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT customer_id FROM lending_installment AS i WHERE {_LATE}",  # noqa: S608 (fixed text)
            {**_values(chunk), "spared": list(spared_loans)})
        return [row[0] for row in cursor.fetchall()]


def installments_bill(chunk: Chunk) -> list[BilledInstallment]:
    """Turn the interest of rows due by the day into billed interest and return what was new; again returns nothing.

    One statement: loans are locked in id order before their rows are touched, as a payment does; whoever pays meanwhile
    is waited for, and the row as it is afterwards decides.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH wanted AS MATERIALIZED (
                  SELECT DISTINCT customer_id, loan_id FROM lending_installment
                   WHERE {_UNPAID} AND interest_billed_fen < interest_fen ORDER BY loan_id),
                {_LOCKED},
                due AS (
                  SELECT i.id, i.customer_id, i.interest_fen - i.interest_billed_fen AS amount_fen
                    FROM locked JOIN lending_installment AS i ON i.customer_id = locked.customer_id AND i.loan_id = locked.id
                   WHERE i.settled_on IS NULL AND i.due_on <= %(day)s AND i.interest_billed_fen < i.interest_fen
                     FOR UPDATE OF i)
                UPDATE lending_installment AS i SET interest_billed_fen = i.interest_fen FROM due
                 WHERE i.customer_id = due.customer_id AND i.id = due.id
                RETURNING i.customer_id, i.loan_id, i.number, due.amount_fen""", _values(chunk))  # noqa: S608 (fixed text)
        return [BilledInstallment(*row) for row in cursor.fetchall()]


def installments_mark_overdue(chunk: Chunk, *, spared_loans: Sequence[UUID] = ()) -> list[OverdueLoan]:
    """Mark rows not fully paid by the end of their grace days and carry them into their loans; return them. Idempotent.

    Spared loans wait for the bank's word about a debit sent in time; the next closing marks them from their due date.
    One statement, locking loans in id order before their rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH wanted AS MATERIALIZED (
                  SELECT DISTINCT customer_id, loan_id FROM lending_installment AS i WHERE {_LATE} ORDER BY loan_id),
                {_LOCKED},
                late AS (
                  UPDATE lending_installment AS i SET is_overdue = true FROM locked
                   WHERE i.customer_id = locked.customer_id AND i.loan_id = locked.id AND i.settled_on IS NULL
                     AND NOT i.is_overdue AND i.due_on <= %(day)s - locked.grace_days
                  RETURNING i.customer_id, i.loan_id, i.due_on, i.principal_fen - i.principal_paid_fen AS principal_fen,
                            i.interest_fen - i.interest_paid_fen + i.fee_fen - i.fee_paid_fen AS charges_fen),
                sums AS (
                  SELECT customer_id, loan_id, min(due_on) AS since, sum(principal_fen)::bigint AS principal_fen,
                         sum(principal_fen + charges_fen)::bigint AS unpaid_fen FROM late GROUP BY customer_id, loan_id)
                UPDATE lending_loan AS l SET overdue_principal_fen = l.overdue_principal_fen + sums.principal_fen,
                       overdue_since = least(l.overdue_since, sums.since)
                  FROM sums WHERE l.customer_id = sums.customer_id AND l.id = sums.loan_id
                RETURNING l.customer_id, l.id, sums.unpaid_fen, sums.since, l.grace_days""",  # noqa: S608 (fixed text)
            {**_values(chunk), "spared": list(spared_loans)})
        return [OverdueLoan(*row) for row in cursor.fetchall()]


def loans_due(chunk: Chunk, *, on: date) -> list[DueLoan]:
    """Return loans with a row due on `on`, or in its grace days, and nothing overdue: their debit is a plain sum."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT i.customer_id, i.loan_id, (i.principal_fen - i.principal_paid_fen + i.interest_fen
                       - i.interest_paid_fen + i.fee_fen - i.fee_paid_fen)::bigint
                  FROM lending_installment AS i CROSS JOIN LATERAL (
                    SELECT grace_days FROM lending_loan WHERE customer_id = i.customer_id AND id = i.loan_id
                       AND state = 'active' AND overdue_since IS NULL OFFSET 0) AS l
                 WHERE i.{_RANGE.replace(" AND customer_id", " AND i.customer_id")} AND i.settled_on IS NULL
                   AND i.due_on BETWEEN %(first)s AND %(on)s AND i.due_on >= %(on)s - l.grace_days""",  # noqa: S608 (fixed text)
            {**_values(chunk), "on": on, "first": on - timedelta(days=LONGEST_GRACE_DAYS)})
        return [DueLoan(*row) for row in cursor.fetchall() if row[2] > 0]


def installments_upcoming(
    book_id: int, *, due_on: Sequence[date], after: UUID, limit: int,
) -> list[UpcomingInstallment]:
    """Return unpaid rows due on any of the days, by customer from `after` on; a customer's rows are never cut apart."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT customer_id, loan_id, due_on, (principal_fen - principal_paid_fen + interest_fen
                      - interest_paid_fen + fee_fen - fee_paid_fen)::bigint AS unpaid_fen
                 FROM lending_installment
                WHERE book_id = %s AND due_on = ANY(%s) AND customer_id > %s AND settled_on IS NULL
                  AND principal_fen - principal_paid_fen + interest_fen - interest_paid_fen + fee_fen - fee_paid_fen > 0
                ORDER BY customer_id FETCH FIRST %s ROWS WITH TIES""", [book_id, list(due_on), after, limit])
        return [UpcomingInstallment(*row) for row in cursor.fetchall()]


def debts_overdue(chunk: Chunk, *, on: date) -> Iterator[DueLoan]:
    """Yield what every overdue loan of the chunk owes on a day, penalty by the rules; one statement, settled rows summed.

    Rows that are settled are not read one by one: the rules need only what was charged and paid on all of them (R7.3).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH {OVERDUE_LOANS}
                SELECT l.customer_id, l.id, l.principal_fen, l.daily_rate_e8, l.penalty_daily_rate_e8, l.annual_cap_ppm,
                       l.grace_days, l.starts_on, l.anchored_on, l.interest_numerator, l.principal_days, i.*
                  FROM overdue AS l CROSS JOIN LATERAL (
                    SELECT coalesce(sum(fee_fen) FILTER (WHERE settled_on IS NOT NULL), 0)::bigint,
                           coalesce(sum(penalty_paid_fen) FILTER (WHERE settled_on IS NOT NULL), 0)::bigint,
                           array_agg(ARRAY[number, principal_fen, interest_fen, principal_paid_fen, interest_paid_fen,
                             penalty_paid_fen, fee_fen, fee_paid_fen, penalty_numerator] ORDER BY number)
                             FILTER (WHERE settled_on IS NULL),
                           array_agg(ARRAY[starts_on, due_on, penalty_anchored_on] ORDER BY number)
                             FILTER (WHERE settled_on IS NULL)
                      FROM lending_installment WHERE customer_id = l.customer_id AND loan_id = l.id) AS i""",  # noqa: S608
            _values(chunk))
        for row in cursor:
            state = _overdue_state(row)
            yield DueLoan(row[0], row[1], owed(state, on=max(on, state.anchored_on)).total_fen)


def _overdue_state(row: Sequence[Any]) -> LoanState:
    """Return the state as far as a debt depends on it; one paid row stands for all settled ones."""
    (principal_fen, rate_e8, penalty_e8, cap_ppm, grace_days, starts_on, anchored_on, numerator, principal_days, fees_fen,
     penalties_fen, amounts, days) = row[2:]
    terms = LoanTerms(
        principal_fen=principal_fen, daily_rate_e8=rate_e8, method=RepaymentMethod.EQUAL_PRINCIPAL, term_months=1,
        starts_on=starts_on, penalty_daily_rate_e8=penalty_e8, annual_cap_ppm=cap_ppm, grace_days=grace_days)
    settled = InstallmentState(
        number=0, starts_on=starts_on, due_on=starts_on, principal_fen=0, interest_fen=0, penalty_paid_fen=penalties_fen,
        fee_fen=fees_fen, fee_paid_fen=fees_fen, settled_on=starts_on)
    rows = [InstallmentState(number, starts, due, principal, interest, principal_paid, interest_paid, penalty_paid, fee,
                             fee_paid, penalty, anchored)
            for (number, principal, interest, principal_paid, interest_paid, penalty_paid, fee, fee_paid, penalty),
                (starts, due, anchored) in zip(amounts, days, strict=True)]
    return LoanState(terms, LoanStatus.ACTIVE, (settled, *rows), 0, anchored_on, numerator, principal_days)


def accounts_of(loans: Sequence[Loan]) -> list[LoanAccount]:
    """Return the states of many loans with one further statement."""
    rows: dict[UUID, list[Installment]] = {loan.id: [] for loan in loans}
    wanted = {"customer_id__in": {loan.customer_id for loan in loans}, "loan_id__in": list(rows)}
    for row in Installment.objects.filter(**wanted):
        rows[row.loan_id].append(row)
    return [account_of(loan, rows[loan.id]) for loan in loans]


def loan_ids_in(chunk: Chunk, *, customer_id: UUID) -> list[UUID]:
    """Return a customer's active loans (for the list of what was set aside)."""
    return list(Loan.objects.filter(book_id=chunk.book_id, customer_id=customer_id, state=Loan.State.ACTIVE)
                .values_list("id", flat=True))


def customers_in(chunk: Chunk) -> list[UUID]:
    """Return the customers of the chunk with active loans, in order (for bisecting)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT customer_id FROM lending_loan WHERE {_RANGE} AND state = 'active'"  # noqa: S608
                       " ORDER BY customer_id", _values(chunk))
        return [row[0] for row in cursor.fetchall()]


def accruals_scan(book_id: int, *, day: date) -> list[AccrualRow]:
    """Return what every product earned on `day` by the loans' anchors; reads only, one statement for the book.

    Contract interest runs on principal not overdue, penalty on overdue principal (R7.3); called after marking:
    a row's due date is the first day its principal bears penalty instead of contract interest, as in the rules. In its
    grace days it bears neither; with the last of them the penalty of all of them is earned.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH earned AS (
                 SELECT product, count(*) AS loans, sum(outstanding_fen)::bigint AS outstanding_fen,
                        sum(overdue_principal_fen)::bigint AS overdue_fen,
                        sum((outstanding_fen - overdue_principal_fen)::numeric * daily_rate_e8) AS interest_e8,
                        sum(overdue_principal_fen::numeric * penalty_daily_rate_e8) AS penalty_e8
                   FROM lending_loan WHERE book_id = %(book)s AND state = 'active' AND starts_on <= %(day)s GROUP BY product),
               grace AS (
                 SELECT l.product,
                        sum((i.principal_fen - i.principal_paid_fen)::numeric * l.daily_rate_e8)
                          FILTER (WHERE NOT i.is_overdue) AS interest_e8,
                        sum((i.principal_fen - i.principal_paid_fen)::numeric * l.penalty_daily_rate_e8 * l.grace_days)
                          FILTER (WHERE i.is_overdue AND i.due_on + l.grace_days = %(day)s) AS penalty_e8
                   FROM lending_installment AS i
                   JOIN lending_loan AS l ON l.customer_id = i.customer_id AND l.id = i.loan_id
                  WHERE i.book_id = %(book)s AND i.settled_on IS NULL AND i.due_on BETWEEN %(first)s AND %(day)s
                    AND l.grace_days > 0 AND l.state = 'active' GROUP BY l.product)
               SELECT e.product, e.loans, e.outstanding_fen, e.overdue_fen, e.interest_e8 - coalesce(g.interest_e8, 0),
                      e.penalty_e8 + coalesce(g.penalty_e8, 0)
                 FROM earned AS e LEFT JOIN grace AS g ON g.product = e.product ORDER BY e.product""",
            {"book": book_id, "day": day, "first": day - timedelta(days=LONGEST_GRACE_DAYS)})
        return [AccrualRow(row[0], row[1], row[2], row[3], int(row[4]), int(row[5])) for row in cursor.fetchall()]
