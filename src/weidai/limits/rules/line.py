"""A credit line over time: what is available, its band and review, and the holds on it (R5.1, R5.3, R5.5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

from weidai.kernel.days import months_later
from weidai.kernel.text import Text
from weidai.limits.policy import BandPolicy, LimitsPolicy

HoldKind = Literal[
    "overdue", "inactivity", "over_indebted", "fraud", "aml", "customer_lock", "dispute", "identity_expired"
]


@dataclass(frozen=True, slots=True)
class HoldWords:
    """A kind of hold: what the customer is told and what releases it (R5.5)."""

    kind: HoldKind
    name: Text
    release: Text
    released_by: Literal["event", "staff", "customer"]


HOLD_KINDS: dict[HoldKind, HoldWords] = {
    words.kind: words
    for words in (
        HoldWords(
            "overdue",
            Text("存在逾期", "Overdue"),
            Text("还清逾期款项后自动解除。", "Released when what is overdue is paid."),
            "event",
        ),
        HoldWords(
            "inactivity",
            Text("连续两月不活跃", "Two inactive months"),
            Text("任一月完成 3 笔支付后自动解除。", "Released by one month with 3 payments."),
            "event",
        ),
        HoldWords(
            "over_indebted",
            Text("负债比率超标", "Debt ratio too high"),
            Text("负债下降或追加担保后自动解除。", "Released when debt falls or a guarantor is added."),
            "event",
        ),
        HoldWords(
            "fraud",
            Text("安全核查中", "Security check"),
            Text("核查完成后由工作人员解除。", "Released by staff after the check."),
            "staff",
        ),
        # The words for `aml` are the same as for `fraud` on purpose: nobody may be tipped off (R8.8).
        HoldWords(
            "aml",
            Text("安全核查中", "Security check"),
            Text("核查完成后由工作人员解除。", "Released by staff after the check."),
            "staff",
        ),
        HoldWords(
            "customer_lock",
            Text("您已锁定借款", "You have locked borrowing"),
            Text("您可在安全中心解除锁定。", "Unlock it in the security center."),
            "customer",
        ),
        HoldWords(
            "dispute",
            Text("交易争议处理中", "Dispute open"),
            Text("争议处理完成后自动解除。", "Released when the dispute is settled."),
            "event",
        ),
        HoldWords(
            "identity_expired",
            Text("身份证已过期", "ID card expired"),
            Text("更新身份证后自动解除。", "Released when the ID card is renewed."),
            "event",
        ),
    )
}


def available(*, approved_fen: int, used_fen: int, reserved_fen: int) -> int:
    """Return approved − used − reserved; a negative result is a bug elsewhere and stops here (R5.5)."""
    left = approved_fen - used_fen - reserved_fen
    assert min(used_fen, reserved_fen, left) >= 0, (approved_fen, used_fen, reserved_fen)
    return left


def approved_for_target(*, target_fen: int, used_fen: int, reserved_fen: int) -> int:
    """Return the approved limit under a target: never below what is used and reserved, falling as debt is repaid."""
    return max(target_fen, used_fen + reserved_fen)


def can_draw(holds: Collection[HoldKind]) -> bool:
    """Say whether a line can be drawn: only with no hold at all (R5.5)."""
    return not holds


def band_of(approved_fen: int, policy: LimitsPolicy) -> BandPolicy:
    """Return the band of an approved limit; the lowest includes its own lower end, below it there is no line (R5.1)."""
    for band in policy.bands:
        if approved_fen <= band.to_fen:
            return band
    return policy.bands[-1]


def next_review_on(approved_fen: int, policy: LimitsPolicy, *, reviewed_on: date) -> date:
    """Return the day of the next scheduled review (R5.1, R5.3)."""
    return months_later(reviewed_on, band_of(approved_fen, policy).review_months)
