"""Lending section of the policy pack: drawdown bounds, purposes, cost sheet, payout, default terms (R6, R7.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from functools import lru_cache

from weidai.kernel.text import Text
from weidai.policy import selectors
from weidai.policy.rules import Fault, LegalLimits
from weidai.policy.rules.law import at_most
from weidai.products import policy as products_policy
from weidai.products.policy import DAYS_OF_RATE_YEAR, Use

_PPM = 10**6
LONGEST_GRACE_DAYS = 15  # shorter than any period, so that one installment at a time can be in its grace


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose a drawdown may have (R6.2)."""

    code: str
    name: Text
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class ForbiddenUse:
    """A use that is refused; shown in the same list, so that the refusal is plain before it happens (R6.2)."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class DrawdownPolicy:
    """Bounds of one drawdown."""

    minimum_fen: int
    step_fen: int
    maximum_term_months: int
    quote_valid_minutes: int
    latest_due_day: int  # a due day after it would not exist in every month

    def __post_init__(self) -> None:
        if not self.minimum_fen or not self.step_fen or self.minimum_fen % self.step_fen:
            raise Fault(
                "minimum_fen", Text("须为步长的正整数倍。", "must be a positive multiple of the step."), rule="R6.2"
            )
        if not 1 <= self.latest_due_day <= 28:
            raise Fault("latest_due_day", Text("须在 1 至 28 之间。", "must be 1 to 28."), rule="R7.2")


@dataclass(frozen=True, slots=True)
class CostSheetPolicy:
    """The cost sheet's forced reading, measured by the server's clock (R6.2)."""

    forced_reading_seconds: int
    confirmation_valid_minutes: int

    def __post_init__(self) -> None:
        if not self.forced_reading_seconds:
            raise Fault("forced_reading_seconds", Text("必须大于 0。", "must be above 0."), rule="R6.2")


@dataclass(frozen=True, slots=True)
class PayoutPolicy:
    """From this time until midnight money may arrive at once or the next day (R6.3). Asia/Shanghai."""

    may_be_late_from: time


@dataclass(frozen=True, slots=True)
class DevicePolicy:
    """What a drawdown may be, by the device it is signed on (R6.2, R8.4).

    A device bound in place of another, or beside it, is held to a lower amount for some hours; without any bound device
    face or staff video check and payment password take its place, for a lower amount still.
    """

    cooling_off_hours: int
    cooling_off_drawdown_fen: int
    without_key_drawdown_fen: int

    def __post_init__(self) -> None:
        if self.without_key_drawdown_fen > self.cooling_off_drawdown_fen:
            raise Fault("without_key_drawdown_fen", Text("不得高于冷静期限额。", "must not be above the cooling-off amount."),
                        rule="R6.2")


@dataclass(frozen=True, slots=True)
class DefaultTermsPolicy:
    """What the contract says about lateness (R7.3). The penalty replaces the contract rate on overdue principal.

    Within the grace days after a due date nobody is late and nothing is charged; after them the penalty counts from the
    due date (R7.2).
    """

    penalty_daily_rate_e8: int
    annual_cap: Fraction  # of everything charged together
    grace_days: int

    def __post_init__(self) -> None:
        if self.grace_days > LONGEST_GRACE_DAYS:
            raise Fault(
                "grace_days",
                Text(f"不得超过 {LONGEST_GRACE_DAYS} 天。", f"must not be above {LONGEST_GRACE_DAYS}."), rule="R7.2")

    @property
    def annual_cap_ppm(self) -> int:
        """The cap in millionths, rounded down."""
        return self.annual_cap.numerator * _PPM // self.annual_cap.denominator


@dataclass(frozen=True, slots=True)
class LendingPolicy:
    """Everything of R6 that a lender could change, and the default terms that are signed."""

    cooling_off_hours: int
    drawdown: DrawdownPolicy
    cost_sheet: CostSheetPolicy
    payout: PayoutPolicy
    default_terms: DefaultTermsPolicy
    purposes: tuple[Purpose, ...]
    forbidden_uses: tuple[ForbiddenUse, ...]
    device: DevicePolicy = DevicePolicy(24, 500_000, 200_000)

    def __post_init__(self) -> None:
        codes = [purpose.code for purpose in self.purposes] + [use.code for use in self.forbidden_uses]
        if len(set(codes)) != len(codes):
            raise Fault(
                "purposes",
                Text("用途代码重复，或同时被禁止。", "repeats a code, or allows a forbidden use."),
                rule="R6.2",
            )
        for place, purpose in enumerate(self.purposes):
            if not purpose.uses:
                raise Fault(f"purposes[{place}].uses", Text("无人可选：须至少适用一种用法。",
                                                            "cannot be chosen: it needs a use."), rule="R6.2")
        if self.device.without_key_drawdown_fen < self.drawdown.minimum_fen:
            raise Fault(
                "device.without_key_drawdown_fen",
                Text("低于单笔最低金额，没有设备的人将无法借款。",
                     "is below the least drawdown: nobody without a device could borrow."), rule="R6.2")
        if not self.purposes or not self.forbidden_uses:
            raise Fault("purposes", Text("须列出允许与禁止的用途。", "needs allowed and forbidden uses."), rule="R6.2")

    def purpose(self, code: str) -> Purpose | None:
        """Return an allowed purpose, or None for a forbidden or unknown one."""
        return next((purpose for purpose in self.purposes if purpose.code == code), None)

    def purposes_for(self, use: Use) -> tuple[Purpose, ...]:
        """Return the purposes that suit a use of a product."""
        return tuple(purpose for purpose in self.purposes if use in purpose.uses)

    def is_forbidden(self, code: str) -> bool:
        """Say whether a use is one of the forbidden ones."""
        return any(use.code == code for use in self.forbidden_uses)

    def payout_may_be_late(self, at_shanghai: time) -> bool:
        """Say whether a payout signed at this Shanghai time may arrive the next day (R6.3)."""
        return at_shanghai >= self.payout.may_be_late_from


def _check(policy: LendingPolicy, law: LegalLimits) -> None:
    rule = law.rule("annual_cap")
    at_most("default_terms.annual_cap", policy.default_terms.annual_cap, law.annual_cap, rule)
    yearly_penalty = Fraction(policy.default_terms.penalty_daily_rate_e8 * DAYS_OF_RATE_YEAR, 10**8)
    at_most(
        "default_terms.penalty_daily_rate", yearly_penalty, min(policy.default_terms.annual_cap, law.annual_cap), rule
    )
    at_most(
        "drawdown.maximum_term_months",
        policy.drawdown.maximum_term_months,
        law.consumer_term_months,
        law.rule("consumer_term_months"),
    )


@lru_cache(maxsize=32)
def of_pack(pack: selectors.Pack, law: LegalLimits) -> LendingPolicy:
    """Return the lending section of a pack, or raise PolicyRefused; products must fit into its bounds."""
    policy = pack.checked("lending", pack.parse("lending", LendingPolicy), law, _check)
    catalogue = products_policy.of_pack(pack, law)
    return pack.checked("products", policy, law, lambda lending, _: _check_products(lending, catalogue))


def _check_products(policy: LendingPolicy, catalogue: products_policy.ProductsPolicy) -> None:
    for place, product in enumerate(catalogue.products):
        if max(product.terms_months, default=0) > policy.drawdown.maximum_term_months:
            raise Fault(
                f"products[{place}].terms_months",
                Text("超过单笔最长期限。", "is longer than a drawdown may be."),
                rule="R6.2",
            )
        for grade, rate_e8 in product.daily_rates_e8.items():
            if Fraction(rate_e8 * DAYS_OF_RATE_YEAR, 10**8) > policy.default_terms.annual_cap:
                raise Fault(
                    f"products[{place}].daily_rates.{grade}",
                    Text("超过合同年化上限。", "is above the contract's annual cap."),
                    rule="R7.3",
                )


def current(on: date) -> LendingPolicy:
    """Return the lending policy in force on a day."""
    pack = selectors.pack(on)
    return of_pack(pack, selectors.law(on, pack.licence_type))
