"""Assumptions of a replay (`replay.toml`): how much of a granted limit is lost, by grade. They decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from weidai.kernel.text import Text
from weidai.policy.rules.parsing import Fault


@dataclass(frozen=True, slots=True)
class ExpectedLoss:
    """Expected loss of a year = limit × share of it that is used × loss rate of the grade.

    A simple estimate to compare two packs on the same people with the same rates; not provisioning (R7.9), and not
    measured on this lender's book unless the operator has put measured rates in.
    """

    usage_share: Fraction = Fraction(1, 2)
    rate_by_grade: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({
        "A": Fraction(4, 1000), "B": Fraction(10, 1000), "C": Fraction(25, 1000), "D": Fraction(60, 1000)}))

    def __post_init__(self) -> None:
        if self.usage_share > 1:
            raise Fault("usage_share", Text("不得大于 1。", "must not be above 1."), rule="policy.replay")
        for grade, rate in self.rate_by_grade.items():
            if rate > 1:
                raise Fault(f"rate_by_grade.{grade}", Text("不得大于 1。", "must not be above 1."), rule="policy.replay")

    def loss_fen(self, limit_fen: int, grade: str | None) -> int:
        """Return the expected loss of one year on a limit, in fen, rounded down; 0 for a grade without a rate."""
        exact = limit_fen * self.usage_share * self.rate_by_grade.get(grade or "", Fraction(0))
        return exact.numerator // exact.denominator


@dataclass(frozen=True, slots=True)
class Simulation:
    """The whole file."""

    expected_loss: ExpectedLoss = field(default_factory=ExpectedLoss)
