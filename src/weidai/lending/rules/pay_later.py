"""Pay-later statements: the monthly minimum of a revolving line (R3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from weidai.kernel.money import round_half_up
from weidai.kernel.rates import PPM


@dataclass(frozen=True, slots=True)
class MinimumRule:
    """Ten percent of what is used plus interest; everything when at most 100 yuan are used."""

    share_ppm: int = 100_000
    all_up_to_fen: int = 10_000


REFERENCE_MINIMUM = MinimumRule()


@dataclass(frozen=True, slots=True)
class PayLaterMinimum:
    """The least a customer pays on the due day, in fen."""

    principal_fen: int
    interest_fen: int

    @property
    def total_fen(self) -> int:
        """Principal part plus interest."""
        return self.principal_fen + self.interest_fen


def minimum_principal(used_fen: int, *, rule: MinimumRule = REFERENCE_MINIMUM) -> int:
    """Return the principal part of the minimum: the share rounded half-up, or all of a small balance."""
    if used_fen <= rule.all_up_to_fen:
        return used_fen
    return round_half_up(used_fen * rule.share_ppm, PPM)


def pay_later_minimum(used_fen: int, *, interest_fen: int, rule: MinimumRule = REFERENCE_MINIMUM) -> PayLaterMinimum:
    """Return the monthly minimum for what is used and the month's interest: 5,000.00 and 60.00 → 560.00."""
    return PayLaterMinimum(principal_fen=minimum_principal(used_fen, rule=rule), interest_fen=interest_fen)
