"""The partner bank as the sandbox world plays it: payouts, debits, refunds, queries (sandbox-protocol.md §4.1).

A money request that got no usable answer is unknown. It is not sent again here: the outbox asks with `query` first, or
sends it again under the same request id, which books once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from weidai.adapters.sandbox_client import SandboxClient, SandboxUnavailable
from weidai.kernel.bank import BankAnswer, BankState

STATEMENT_PAGE = 5_000
_PAGES_LIMIT = 10_000
_MEMO_LENGTH = 140


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One booking on the lender's accounts at the bank."""

    entry_id: str
    account: str
    kind: str
    direction: str
    amount_fen: int
    request_id: str
    original_request_id: str | None
    booked_at: datetime


class SandboxBank:
    """Fills `lending.ports.disbursement_bank` and `servicing.ports.collection_bank`."""

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

    def statement(self, on: date) -> Iterator[StatementRow]:
        """Yield every booking of a business day on the lender's accounts, in booking order."""
        cursor = ""
        for _ in range(_PAGES_LIMIT):
            page = self._client.get("bank", "/v1/bank/statement", {
                "date": on.isoformat(), "limit": STATEMENT_PAGE, **({"cursor": cursor} if cursor else {})})
            for row in page["rows"]:
                yield StatementRow(
                    row["entry_id"], row["account"], row["kind"], row["direction"], row["amount_fen"],
                    row["request_id"], row["original_request_id"], datetime.fromisoformat(row["booked_at"]))
            cursor = page["next_cursor"]
            if not cursor:
                return


def _answer(body: dict[str, Any]) -> BankAnswer:
    try:
        state = BankState(str(body["state"]))
    except (KeyError, ValueError):
        raise SandboxUnavailable(partner="bank") from None
    booked_at = body.get("booked_at")
    return BankAnswer(
        str(body["request_id"]), state, body.get("reason"), body.get("amount_fen"),
        datetime.fromisoformat(booked_at) if booked_at else None, body.get("entry_id"))
