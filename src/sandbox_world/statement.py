"""The lender's bank statement: what its two accounts did on one business day."""

import sqlite3

from sandbox_world.books import LENDER_ACCOUNTS
from sandbox_world.population.banks import masked_name, masked_number
from sandbox_world.store import Store


def statement(store: Store, *, day: str, limit: int, after: int) -> dict[str, object]:
    """Return totals of the whole day and one page of its rows in booking order."""
    lender = LENDER_ACCOUNTS
    rows = store.rows(
        "SELECT * FROM entry WHERE (debit_account IN (?, ?) OR credit_account IN (?, ?)) AND business_day = ?"
        " AND id > ? ORDER BY id LIMIT ?",
        (*lender, *lender, day, after, limit + 1),
    )
    row_count = store.number(
        "SELECT count(*) FROM entry WHERE (debit_account IN (?, ?) OR credit_account IN (?, ?)) AND business_day = ?",
        (*lender, *lender, day),
    )
    return {
        "date": day,
        "accounts": [account_day(store, account=account, day=day) for account in sorted(lender)],
        "row_count": row_count,
        "rows": [_row(row) for row in rows[:limit]],
        "next_cursor": str(rows[limit - 1]["id"]) if len(rows) > limit else None,
    }


def account_day(store: Store, *, account: str, day: str) -> dict[str, object]:
    """Return opening, turnover and closing of one account on one day."""
    sums = [
        store.number(f"SELECT sum(amount_fen) FROM entry WHERE {side} = ? AND business_day {when} ?", (account, day))  # noqa: S608 - fixed words
        for when in ("<", "=")
        for side in ("credit_account", "debit_account")
    ]
    opening_fen = sums[0] - sums[1]
    return {
        "account": account,
        "opening_fen": opening_fen,
        "in_fen": sums[2],
        "out_fen": sums[3],
        "closing_fen": opening_fen + sums[2] - sums[3],
    }


def _row(row: sqlite3.Row) -> dict[str, object]:
    is_out = row["debit_account"] in LENDER_ACCOUNTS
    return {
        "entry_id": f"e-{row['id']:012d}",
        "account": row["debit_account"] if is_out else row["credit_account"],
        "kind": row["kind"],
        "direction": "out" if is_out else "in",
        "amount_fen": row["amount_fen"],
        "request_id": row["request_id"],
        "original_request_id": row["original_request_id"],
        "counterparty_masked": masked_number(row["counterparty_number"]) if row["counterparty_number"] else None,
        "counterparty_name": masked_name(row["counterparty_name"]) if row["counterparty_name"] else None,
        "memo": row["memo"],
        "booked_at": row["booked_at"],
    }
