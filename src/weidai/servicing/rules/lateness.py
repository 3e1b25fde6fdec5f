"""Lateness: how punctual a payment was, and how late a loan is (R7.2, R7.7)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from weidai.kernel.days import due_instant, shanghai_instant
from weidai.lending.rules import LoanState, owed


class Punctuality(StrEnum):
    """How a full payment of an installment stands to its due instant."""

    PROMPT = "prompt"
    ON_TIME = "on_time"
    OVERDUE = "overdue"


class LoanClass(StrEnum):
    """The five categories of loan quality (FACTS §2.12)."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class ClassThresholds:
    """The first day past due of each category below normal."""

    special_mention: int = 1
    substandard: int = 91
    doubtful: int = 271
    loss: int = 361

    def __post_init__(self) -> None:
        if not 0 < self.special_mention < self.substandard < self.doubtful < self.loss:
            raise ValueError("the thresholds must rise")


REFERENCE_THRESHOLDS = ClassThresholds()
REFERENCE_BUCKET_ENDS = (30, 60, 90, 180)


@dataclass(frozen=True, slots=True)
class NextDue:
    """The next payment that is not overdue, in fen."""

    due_on: date
    amount_fen: int


def punctuality(due_on: date, *, received_at: datetime, is_first_window_debit: bool = False) -> Punctuality:
    """Return how punctual an installment paid in full at an instant is (R7.2).

    Due is 24:00 Shanghai of the due date. At least 24 hours before it, or an auto-debit authorized by then and
    successful at its first window: prompt. Before it: on time. At it or after: overdue.
    """
    if received_at >= due_instant(due_on):
        return Punctuality.OVERDUE
    if is_first_window_debit or received_at <= shanghai_instant(due_on):
        return Punctuality.PROMPT
    return Punctuality.ON_TIME


def next_due(state: LoanState, *, on: date) -> NextDue | None:
    """Return the next installment not past due with what is unpaid of it (today counts), or None."""
    debt = owed(state, on=on)
    return NextDue(debt.next_due_on, debt.next_due_fen) if debt.next_due_on else None


def bucket(days_past_due: int, *, ends: tuple[int, ...] = REFERENCE_BUCKET_ENDS) -> str:
    """Return the delinquency bucket: "current", "days_1_30", … "days_181_plus"; `ends` are the last days of each."""
    if days_past_due <= 0:
        return "current"
    index = bisect_left(ends, days_past_due)
    first = ends[index - 1] + 1 if index else 1
    return f"days_{first}_{ends[index]}" if index < len(ends) else f"days_{first}_plus"


def five_category(days_past_due: int, *, thresholds: ClassThresholds = REFERENCE_THRESHOLDS) -> LoanClass:
    """Return the category by days past due alone (R7.7). Upgrades and cross-default are not decided here."""
    if days_past_due >= thresholds.loss:
        return LoanClass.LOSS
    if days_past_due >= thresholds.doubtful:
        return LoanClass.DOUBTFUL
    if days_past_due >= thresholds.substandard:
        return LoanClass.SUBSTANDARD
    if days_past_due >= thresholds.special_mention:
        return LoanClass.SPECIAL_MENTION
    return LoanClass.NORMAL
