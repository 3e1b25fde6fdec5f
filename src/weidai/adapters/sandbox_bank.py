"""The partner bank as the sandbox world plays it: payouts, debits, refunds, queries (sandbox-protocol.md §4.1).

A money request that got no usable answer is unknown. It is not sent again here: the outbox asks with `query` first, or
sends it again under the same request id, which books once.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from weidai.adapters.sandbox_client import SandboxClient, SandboxUnavailable
from weidai.kernel.bank import BankAnswer, BankDay, BankState, StatementAccount, StatementRow

STATEMENT_PAGE = 5_000
_PAGES_LIMIT = 10_000
_MEMO_LENGTH = 140


class SandboxBank:
    """Fills `lending.ports.disbursement_bank`, `servicing.ports.collection_bank` and `servicing.ports.bank_statement`."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client

    def payout(self, *, request_id: str, card_number: str, name: str, amount_fen: int, memo: str) -> BankAnswer:
        """Pay from the settlement account to a card."""
        return _answer(self._client.post("bank", "/v1/bank/payouts", {
            "request_id": request_id, "card_number": card_number, "name": name, "amount_fen": amount_fen,
            "memo": memo[:_MEMO_LENGTH]}))

    def debit(
        self, *, request_id: str, card_number: str, name: str, amount_fen: int, agreement_id: str, memo: str,
    ) -> BankAnswer:
        """Take from a card into the collection account."""
        return _answer(self._client.post("bank", "/v1/bank/debits", {
            "request_id": request_id, "card_number": card_number, "name": name, "amount_fen": amount_fen,
            "agreement_id": agreement_id, "memo": memo[:_MEMO_LENGTH]}))

    def refund(self, *, request_id: str, original_request_id: str, amount_fen: int, memo: str) -> BankAnswer:
        """Give back part or all of an earlier debit or transfer."""
        return _answer(self._client.post("bank", "/v1/bank/refunds", {
            "request_id": request_id, "original_request_id": original_request_id, "amount_fen": amount_fen,
            "memo": memo[:_MEMO_LENGTH]}))

    def query(self, request_id: str) -> BankAnswer:
        """Return the true, current state of a request."""
        return _answer(self._client.get("bank", f"/v1/bank/requests/{request_id}"))

    def statement(self, on: date) -> BankDay:
        """Return every booking of a business day on the lender's accounts, in booking order, and the day's sums."""
        cursor, rows, page = "", [], {}
        for _ in range(_PAGES_LIMIT):
            page = self._client.get("bank", "/v1/bank/statement", {
                "date": on.isoformat(), "limit": STATEMENT_PAGE, **({"cursor": cursor} if cursor else {})})
            rows += [_row(row) for row in page["rows"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        if len(rows) != page["row_count"]:  # the file ends where it should not: as good as no answer
            raise SandboxUnavailable(partner="bank")
        accounts = tuple(StatementAccount(row["account"], row["opening_fen"], row["in_fen"], row["out_fen"],
                                          row["closing_fen"]) for row in page["accounts"])
        return BankDay(on, accounts, tuple(rows))


def _row(row: dict[str, Any]) -> StatementRow:
    return StatementRow(
        row["entry_id"], row["account"], row["kind"], row["direction"], row["amount_fen"], row["request_id"],
        row["original_request_id"], datetime.fromisoformat(row["booked_at"]), row.get("counterparty_masked") or "",
        row.get("counterparty_name") or "", row.get("memo") or "")


def _answer(body: dict[str, Any]) -> BankAnswer:
    try:
        state = BankState(str(body["state"]))
    except (KeyError, ValueError):
        raise SandboxUnavailable(partner="bank") from None
    booked_at = body.get("booked_at")
    return BankAnswer(
        str(body["request_id"]), state, body.get("reason"), body.get("amount_fen"),
        datetime.fromisoformat(booked_at) if booked_at else None, body.get("entry_id"))
