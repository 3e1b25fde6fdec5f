"""From facts to allow, challenge or block, with every reason (R8.2). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from weidai.kernel.text import Text
from weidai.risk.policy import Effect, EventKind, RiskPolicy

Outcome = Literal["allow", "challenge", "block"]
_SEVERITY: dict[str, int] = {"allow": 0, "challenge": 1, "block": 2}
_LIST_TEXT = Text("在风险名单中", "On a risk list")
_SIGNAL_TEXTS = {
    "mobile_number_new": Text("手机号启用时间较短", "The mobile number is new"),
    "id_card_field_corrected": Text("证件识别结果经过更正", "A field read from the ID card was corrected"),
    "mobile_suspended": Text("手机号已停用", "The mobile number is not in use"),
}
_SIGNAL_TEXT = Text("出现风险提示", "A warning was raised")


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An earlier event of the same kind by the same customer."""

    at: datetime
    amount_fen: int


@dataclass(frozen=True, slots=True)
class RiskReason:
    """Why a decision is not plain allow."""

    code: str
    effect: Effect
    text: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """The heaviest effect of all reasons."""

    outcome: Outcome
    reasons: tuple[RiskReason, ...]


def verdict(
    event: EventKind, *, at: datetime, amount_fen: int, past: Iterable[PastEvent],
    list_hits: Iterable[tuple[str, Effect]], signals: Iterable[str], policy: RiskPolicy,
) -> Verdict:
    """Return the decision on one event; `past` holds events of the same kind, `list_hits` (kind of value, effect)."""
    earlier = list(past)
    reasons = [RiskReason(f"list_{kind}", effect, _LIST_TEXT) for kind, effect in list_hits]
    reasons += [RiskReason(f"signal_{code}", effect, _SIGNAL_TEXTS.get(code, _SIGNAL_TEXT))
                for code in sorted(set(signals)) if (effect := policy.signal_effect(code)) is not None]
    for velocity in policy.velocity:
        since = at - timedelta(hours=velocity.hours)
        if velocity.event == event and 1 + sum(one.at > since for one in earlier) > velocity.maximum_count:
            reasons.append(RiskReason(velocity.code, velocity.effect, velocity.text))
    for limit in policy.amounts:
        since = at - timedelta(hours=limit.hours)
        total = amount_fen + sum(one.amount_fen for one in earlier if one.at > since)
        if limit.event == event and total > limit.maximum_fen:
            reasons.append(RiskReason(limit.code, limit.effect, limit.text))
    outcome: Outcome = "allow"
    for reason in reasons:
        if _SEVERITY[reason.effect] > _SEVERITY[outcome]:
            outcome = reason.effect
    return Verdict(outcome, tuple(reasons))


def reason_text(code: str, policy: RiskPolicy) -> Text:
    """Return the words of a reason kept with an earlier decision; a code the pack no longer knows stands for itself."""
    if code.startswith("list_"):
        return _LIST_TEXT
    if code.startswith("signal_"):
        return _SIGNAL_TEXTS.get(code.removeprefix("signal_"), _SIGNAL_TEXT)
    return next((window.text for window in policy.windows if window.code == code), Text(code, code))
