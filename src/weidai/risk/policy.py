"""Risk section of the policy pack: velocity rules and what each warning fact leads to (R8.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, cast, get_args

from weidai.kernel.text import Text
from weidai.policy import selectors
from weidai.policy.rules import Fault, LegalLimits

Effect = Literal["challenge", "block"]
SignalCode = Literal["mobile_number_new", "id_card_field_corrected", "mobile_suspended"]  # what rooms may raise
EventKind = Literal["application", "drawdown", "payment", "card_change", "device_change"]


@dataclass(frozen=True, slots=True)
class VelocityPolicy:
    """More than `maximum_count` events of a kind within the hours before (this one counted) has an effect."""

    code: str
    event: EventKind
    hours: int
    maximum_count: int
    effect: Effect
    text: Text


@dataclass(frozen=True, slots=True)
class AmountPolicy:
    """More than `maximum_fen` asked for within the hours before (this one counted) has an effect."""

    code: str
    event: EventKind
    hours: int
    maximum_fen: int
    effect: Effect
    text: Text


@dataclass(frozen=True, slots=True)
class RiskPolicy:
    """Everything of the transaction layer that a lender could change."""

    signals: Mapping[SignalCode, Effect]  # a warning fact raised by the calling room → what it leads to
    velocity: tuple[VelocityPolicy, ...]
    amounts: tuple[AmountPolicy, ...]

    def __post_init__(self) -> None:
        if silent := [code for code in get_args(SignalCode) if code not in self.signals]:
            raise Fault("signals", Text("未写明 {code} 的处置。", "does not say what {code} leads to.").format(code=silent[0]),
                        rule="R8.2")
        codes = [window.code for window in self.windows]
        if len(set(codes)) != len(codes):
            raise Fault("velocity", Text("规则代码重复。", "repeats a code."), rule="R8.2")
        if any(not window.hours for window in self.windows):
            raise Fault("velocity", Text("时间窗口不能为 0。", "a window cannot be 0 hours."), rule="R8.2")

        for place, rule in enumerate(self.velocity):
            if any(_covers(other, rule) for other in self.velocity if other is not rule):
                raise Fault(f"velocity[{place}].maximum_count",
                            Text("永远不会单独触发：另一条规则在更少次数时已有同等或更重的处置。",
                                 "is never reached: another rule acts as heavily at fewer events."), rule="R8.2")

    @property
    def windows(self) -> tuple[VelocityPolicy | AmountPolicy, ...]:
        """Every rule that looks back in time."""
        return (*self.velocity, *self.amounts)

    def signal_effect(self, code: str) -> Effect | None:
        """Return what a warning fact leads to; None for a code that no room declares."""
        return cast(Mapping[str, Effect], self.signals).get(code)

    def longest_hours(self, event: EventKind) -> int:
        """Return how far back the rules of an event look; 0 when none does."""
        return max((window.hours for window in self.windows if window.event == event), default=0)


def _covers(other: VelocityPolicy, rule: VelocityPolicy) -> bool:
    """Say whether `other` always acts before `rule`, at least as heavily: the same events, counted as long or longer."""
    return (other.event == rule.event and other.hours >= rule.hours and other.maximum_count < rule.maximum_count
            and (other.effect == "block" or rule.effect == "challenge"))


@lru_cache(maxsize=32)
def of_pack(pack: selectors.Pack, law: LegalLimits) -> RiskPolicy:  # noqa: ARG001 - same shape in every room
    """Return the risk section of a pack, or raise PolicyRefused."""
    return pack.parse("risk", RiskPolicy)


def current(on: date) -> RiskPolicy:
    """Return the risk policy in force on a day."""
    pack = selectors.pack(on)
    return of_pack(pack, selectors.law(on, pack.licence_type))
