"""Reading the ledger: balances, transfers, general ledger, and the check that rebuilds everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from weidai.ledger.models import Account, GeneralLedgerDay
from weidai.ledger.posting import NIL
from weidai.ledger.rules import AccountCode, AccountRef, is_debit_normal


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer ready to show."""

    id: UUID
    journal_id: UUID
    phase: str
    debit_code: str
    credit_code: str
    amount_fen: int
    kind: str
    cause_type: str
    cause_id: UUID
    booked_on: date
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerDifference:
    """An account whose stored totals differ from those rebuilt out of its transfers."""

    account_id: UUID
    code: str
    stored: tuple[int, int, int, int]
    rebuilt: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """Outcome of rebuilding every balance."""

    account_count: int
    transfer_count: int
    debits_fen: int
    credits_fen: int
    differences: tuple[LedgerDifference, ...]

    @property
    def is_sound(self) -> bool:
        """True when every stored total equals the rebuilt one and debits equal credits."""
        return not self.differences and self.debits_fen == self.credits_fen


@dataclass(frozen=True, slots=True)
class GeneralLedgerRow:
    """One line of the general ledger of a closed day."""

    code: str
    debits_fen: int
    credits_fen: int
    transfer_count: int


def balance_fen(customer_id: UUID, ref: AccountRef) -> int:
    """Return the posted balance on the account's normal side; 0 for an account never used."""
    account = Account.objects.filter(customer_id=customer_id, code=ref.code, subject_id=ref.subject_id or NIL).first()
    if account is None:
        return 0
    net = account.debits_posted_fen - account.credits_posted_fen
    return net if is_debit_normal(AccountCode(account.code)) else -net


_TRANSFERS = """
SELECT t.id, t.journal_id, t.phase, d.code, c.code, t.amount_fen, t.kind, t.cause_type, t.cause_id, t.booked_on, t.occurred_at
  FROM ledger_ledgertransfer t
  JOIN ledger_account d ON d.customer_id = t.customer_id AND d.id = t.debit_account_id
  JOIN ledger_account c ON c.customer_id = t.customer_id AND c.id = t.credit_account_id
 WHERE t.customer_id = %s {where} ORDER BY t.id LIMIT %s
"""


def transfers_for(
    customer_id: UUID, *, cause_id: UUID | None = None, subject_id: UUID | None = None, limit: int = 500,
) -> list[TransferRow]:
    """Return a customer's transfers, oldest first, of one cause or touching one loan's accounts."""
    where, values = "", [customer_id]
    if cause_id:
        where, values = "AND t.cause_id = %s", [*values, cause_id]
    if subject_id:
        where, values = where + " AND (d.subject_id = %s OR c.subject_id = %s)", [*values, subject_id, subject_id]
    with connection.cursor() as cursor:
        cursor.execute(_TRANSFERS.format(where=where), [*values, limit])
        return [TransferRow(*row) for row in cursor.fetchall()]


def general_ledger_day(book_id: int, day: date) -> list[GeneralLedgerRow]:
    """Return the totals of a closed day, empty when nothing was booked or the day is open."""
    rows = GeneralLedgerDay.objects.filter(book_id=book_id, day=day).order_by("code")
    return [GeneralLedgerRow(r.code, r.debits_fen, r.credits_fen, r.transfer_count) for r in rows]


def general_ledger_days(book_id: int, *, since: date, until: date) -> list[tuple[date, GeneralLedgerRow]]:
    """Return the totals of the closed days from `since` to `until` (both counted), day by day and code by code."""
    rows = GeneralLedgerDay.objects.filter(book_id=book_id, day__gte=since, day__lte=until).order_by("day", "code")
    return [(r.day, GeneralLedgerRow(r.code, r.debits_fen, r.credits_fen, r.transfer_count)) for r in rows]


def trial_balance() -> list[GeneralLedgerRow]:
    """Return posted debits and credits per account code over all customers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, sum(debits_posted_fen)::bigint, sum(credits_posted_fen)::bigint, count(*)"
                       " FROM ledger_account GROUP BY code ORDER BY code")
        return [GeneralLedgerRow(*row) for row in cursor.fetchall()]


_REBUILT = """
WITH legs AS (
  SELECT debit_account_id AS account_id, phase, amount_fen AS d, 0::bigint AS c FROM ledger_ledgertransfer
  UNION ALL SELECT credit_account_id, phase, 0, amount_fen FROM ledger_ledgertransfer),
rebuilt AS (
  SELECT account_id,
         sum(d) FILTER (WHERE phase IN ('posted', 'post_pending')) AS dp,
         sum(c) FILTER (WHERE phase IN ('posted', 'post_pending')) AS cp,
         sum(CASE phase WHEN 'pending' THEN d WHEN 'posted' THEN 0 ELSE -d END) AS dn,
         sum(CASE phase WHEN 'pending' THEN c WHEN 'posted' THEN 0 ELSE -c END) AS cn
    FROM legs GROUP BY account_id)
SELECT coalesce(a.id, r.account_id), coalesce(a.code, '?'), a.debits_posted_fen, a.credits_posted_fen,
       a.debits_pending_fen, a.credits_pending_fen, coalesce(r.dp, 0)::bigint, coalesce(r.cp, 0)::bigint,
       coalesce(r.dn, 0)::bigint, coalesce(r.cn, 0)::bigint
  FROM ledger_account a FULL JOIN rebuilt r ON r.account_id = a.id
 WHERE (a.debits_posted_fen, a.credits_posted_fen, a.debits_pending_fen, a.credits_pending_fen)
       IS DISTINCT FROM
       (coalesce(r.dp, 0)::bigint, coalesce(r.cp, 0)::bigint, coalesce(r.dn, 0)::bigint, coalesce(r.cn, 0)::bigint)
 LIMIT 1000
"""


def check() -> LedgerCheck:
    """Rebuild every balance from the transfers and compare (at most 1,000 differences are listed)."""
    with connection.cursor() as cursor:
        cursor.execute(_REBUILT)
        differences = tuple(
            LedgerDifference(row[0], row[1], tuple(int(v or 0) for v in row[2:6]), tuple(row[6:10]))  # type: ignore[arg-type]
            for row in cursor.fetchall()
        )
        cursor.execute("SELECT count(*), coalesce(sum(debits_posted_fen), 0)::bigint,"
                       " coalesce(sum(credits_posted_fen), 0)::bigint FROM ledger_account")
        accounts, debits, credits = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM ledger_ledgertransfer")
        transfers = cursor.fetchone()[0]
    return LedgerCheck(accounts, transfers, debits, credits, differences)
