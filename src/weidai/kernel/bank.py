"""What a bank answers to a money request, in the words every room shares (R6.3, R9.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
