"""What a bank answers to a money request, in the words every room shares (R6.3, R9.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class BankState(StrEnum):
    """Where a money request stands at the bank. Unknown is not a state: no answer raises PartnerUnavailable."""

    ACCEPTED = "accepted"  # the final state follows by callback or query
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NOT_FOUND = "not_found"  # queries only: no request with this id ever took effect


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """One answer about one money request.

    `reason` is a stable word and only set when failed; `booked_at` and `entry_id` only when succeeded (UTC instant and
    the bank's own entry number, found again in its statement).
    """

    request_id: str
    state: BankState
    reason: str | None = None
    amount_fen: int | None = None
    booked_at: datetime | None = None
    entry_id: str | None = None

    @property
    def is_final(self) -> bool:
        """Return whether the bank has said its last word on this request."""
        return self.state in (BankState.SUCCEEDED, BankState.FAILED)


@dataclass(frozen=True, slots=True)
class StatementAccount:
    """One of the lender's accounts over one bank day, in fen; the bank's own sums."""

    account: str
    opening_fen: int
    in_fen: int
    out_fen: int
    closing_fen: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One booking on the lender's accounts at the bank; the amount is positive, `direction` is in or out."""

    entry_id: str
    account: str
    kind: str
    direction: str
    amount_fen: int
    request_id: str
    original_request_id: str | None
    booked_at: datetime
    counterparty_masked: str = ""
    counterparty_name: str = ""
    memo: str = ""

    @property
    def signed_fen(self) -> int:
        """The amount with its sign: money in is positive."""
        return self.amount_fen if self.direction == "in" else -self.amount_fen


@dataclass(frozen=True, slots=True)
class BankDay:
    """The bank's file of one day: every booking in order, and the sums of each account."""

    day: date
    accounts: tuple[StatementAccount, ...]
    rows: tuple[StatementRow, ...]
