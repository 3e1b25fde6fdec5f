"""What accounts of a kind did on a business day: set-based reads for tax and reconciliation (R7.11)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from weidai.ledger.rules import LENDER_PARTITION, AccountCode


@dataclass(frozen=True, slots=True)
class CauseMovement:
    """Net debit in fen of one account kind by one fact on one business day."""

    code: str
    customer_id: UUID
    cause_type: str
    cause_id: UUID
    booked_on: date
    net_debit_fen: int


_POSTED = "t.phase IN ('posted', 'post_pending')"
_LEG = f"""
  SELECT a.code, t.customer_id, t.cause_type, t.cause_id, t.booked_on, {{sign}}t.amount_fen AS net_fen
    FROM ledger_ledgertransfer AS t
    JOIN ledger_account AS a ON a.customer_id = t.customer_id AND a.id = t.{{side}}_account_id
   WHERE {_POSTED} AND a.code = ANY(%(codes)s) AND {{where}}
"""  # noqa: S608 (fixed text)


def _legs(where: str) -> str:
    return " UNION ALL ".join(_LEG.format(sign=sign, side=side, where=where)
                              for sign, side in (("", "debit"), ("-", "credit")))


def income_of_days(book_id: int, *, days: Collection[date], codes: Collection[AccountCode]) -> dict[tuple[str, date], int]:
    """Return what income accounts of customers earned net on each day, in fen; the institution's own entries left out."""
    where = "t.book_id = %(book)s AND t.booked_on = ANY(%(days)s) AND t.customer_id <> %(lender)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT code, booked_on, -sum(net_fen)::bigint FROM ({_legs(where)}) AS l GROUP BY 1, 2",  # noqa: S608
            {"book": book_id, "days": list(days), "codes": [str(code) for code in codes], "lender": LENDER_PARTITION})
        return {(row[0], row[1]): row[2] for row in cursor.fetchall()}


def movements_on(day: date, *, codes: Collection[AccountCode]) -> list[CauseMovement]:
    """Return what every fact moved on accounts of these kinds on a business day, over all books; zero sums left out."""
    return _movements("t.booked_on = %(day)s", codes, {"day": day})


def movements_of(cause_ids: Collection[UUID], *, codes: Collection[AccountCode]) -> list[CauseMovement]:
    """Return what these facts moved on accounts of these kinds, day by day."""
    return _movements("t.cause_id = ANY(%(causes)s)", codes, {"causes": list(cause_ids)}) if cause_ids else []


def _movements(where: str, codes: Collection[AccountCode], values: dict[str, object]) -> list[CauseMovement]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT code, customer_id, cause_type, cause_id, booked_on, sum(net_fen)::bigint
                  FROM ({_legs(where)}) AS l GROUP BY 1, 2, 3, 4, 5 HAVING sum(net_fen) <> 0""",  # noqa: S608
            {**values, "codes": [str(code) for code in codes]})
        return [CauseMovement(*row) for row in cursor.fetchall()]


def day_total_fen(day: date, *, code: AccountCode) -> int:
    """Return the net debit of all accounts of a kind booked on a day, read from the transfers alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT coalesce(sum(CASE d.code WHEN %(code)s THEN t.amount_fen ELSE 0 END
                                  - CASE c.code WHEN %(code)s THEN t.amount_fen ELSE 0 END), 0)::bigint
                  FROM ledger_ledgertransfer AS t
                  JOIN ledger_account AS d ON d.customer_id = t.customer_id AND d.id = t.debit_account_id
                  JOIN ledger_account AS c ON c.customer_id = t.customer_id AND c.id = t.credit_account_id
                 WHERE t.booked_on = %(day)s AND {_POSTED}""", {"day": day, "code": str(code)})  # noqa: S608
        return int(cursor.fetchone()[0])
