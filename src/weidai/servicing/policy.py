"""Servicing section of the policy pack: debits, allocation, standing, delinquency, contact rules (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from functools import lru_cache, partial
from typing import Literal

from weidai.kernel.text import Text
from weidai.policy import selectors
from weidai.policy.rules import Fault, LegalLimits
from weidai.policy.rules.law import at_most
from weidai.products import policy as products_policy

AllocationOrderCode = Literal["charges_first", "principal_first"]
CategoryCode = Literal["normal", "special_mention", "substandard", "doubtful", "loss"]


@dataclass(frozen=True, slots=True)
class AutoDebitPolicy:
    """When instructions go to the bank on the due date, and the reminders before it (R6.5, R7.2). Asia/Shanghai."""

    windows: tuple[time, ...]
    prompt_hours_before_due: int
    reminder_days_before: tuple[int, ...]
    reminder_time: time

    def __post_init__(self) -> None:
        if not self.windows or list(self.windows) != sorted(set(self.windows)):
            raise Fault("windows", Text("须按时间先后列出且不重复。", "must rise without repeats."), rule="R7.2")
        if list(self.reminder_days_before) != sorted(set(self.reminder_days_before), reverse=True):
            raise Fault("reminder_days_before", Text("须由远到近且不重复。", "must fall without repeats."), rule="R6.5")


@dataclass(frozen=True, slots=True)
class AllocationException:
    """Another order for loans of some products and categories; an empty list means all of them (R7.1)."""

    order: AllocationOrderCode
    products: tuple[str, ...] = ()
    categories: tuple[CategoryCode, ...] = ()


@dataclass(frozen=True, slots=True)
class AllocationPolicy:
    """In which order money is used inside an installment (R7.1). The first exception that fits a loan wins."""

    order: AllocationOrderCode
    order_long_overdue: AllocationOrderCode
    long_overdue_days: int  # more than so many days past due
    exceptions: tuple[AllocationException, ...] = ()

    def order_for(self, product: str, *, days_past_due: int, category: str) -> AllocationOrderCode:
        """Return the order for a loan of a product, so many days late, in the category those days alone give."""
        for other in self.exceptions:
            if (not other.products or product in other.products) and (not other.categories or category in other.categories):
                return other.order
        return self.order_long_overdue if days_past_due > self.long_overdue_days else self.order


@dataclass(frozen=True, slots=True)
class ActivityPolicy:
    """How much a line must be used to stay open (R7.5)."""

    minimum_payments_per_month: int
    months_until_hold: int
    active_months_until_release: int


@dataclass(frozen=True, slots=True)
class StandingPolicy:
    """How an overdue spell lowers the standing overlay and what restores it (R7.6)."""

    notches_per_spell: int
    quick_repayment_hours: int
    good_months_after_quick: int
    good_months_after_late: int
    notches_restored: int

    def __post_init__(self) -> None:
        if self.good_months_after_late < self.good_months_after_quick:
            raise Fault(
                "good_months_after_late",
                Text("不得短于及时还清的恢复期。", "must not be shorter than after quick repayment."),
                rule="R7.6",
            )


@dataclass(frozen=True, slots=True)
class DelinquencyPolicy:
    """Buckets by their last day past due, and the first day of each class below normal (R7.7)."""

    bucket_ends: tuple[int, ...]
    special_mention_from_day: int
    substandard_from_day: int
    doubtful_from_day: int
    loss_from_day: int
    non_accrual_above_days: int
    observation_months: int  # without anything overdue, before a loan below special mention goes up again

    def __post_init__(self) -> None:
        days = (self.special_mention_from_day, self.substandard_from_day, self.doubtful_from_day, self.loss_from_day)
        if not 0 < days[0] < days[1] < days[2] < days[3]:
            raise Fault("loss_from_day", Text("各类起始天数须逐级递增。", "the first days must rise."), rule="R7.7")
        if not self.bucket_ends or list(self.bucket_ends) != sorted(set(self.bucket_ends)):
            raise Fault("bucket_ends", Text("须逐级递增。", "must rise."), rule="R7.7")


@dataclass(frozen=True, slots=True)
class ContactPolicy:
    """Collection contact rules (R7.7). Quiet from–to wraps over midnight, Asia/Shanghai."""

    connected_calls_per_day: int
    quiet_from: time
    quiet_to: time
    days_between_cycles: int


@dataclass(frozen=True, slots=True)
class BureauPolicy:
    """Notice before a negative record, objections, serious default (R7.8)."""

    notice_days_before_record: int
    objection_days: int
    serious_default_above_days: int


@dataclass(frozen=True, slots=True)
class TaxPolicy:
    """VAT contained in interest and penalty income, at the rate of the pack's licence type and taxpayer kind (R7.11)."""

    value_added_rate: Fraction

    def __post_init__(self) -> None:
        if self.value_added_rate >= 1 or (self.value_added_rate * 10**6).denominator != 1:
            raise Fault("value_added_rate", Text("须小于 1，且不超过六位小数。", "must be below 1, with at most six decimals."),
                        rule="R7.11")


@dataclass(frozen=True, slots=True)
class ServicingPolicy:
    """Everything of R7 that a lender could change. Penalty, cap and grace are lending's: they are signed terms."""

    auto_debit: AutoDebitPolicy
    allocation: AllocationPolicy
    activity: ActivityPolicy
    standing: StandingPolicy
    delinquency: DelinquencyPolicy
    contact: ContactPolicy
    bureau: BureauPolicy
    tax: TaxPolicy


def _check(policy: ServicingPolicy, law: LegalLimits, *, pack: selectors.Pack) -> None:
    known = {product.code for product in products_policy.of_pack(pack, law).products}
    for place, exception in enumerate(policy.allocation.exceptions):
        if unknown := [code for code in exception.products if code not in known]:
            raise Fault(f"allocation.exceptions[{place}].products", Text(
                f"没有产品 {unknown[0]}。", f"there is no product {unknown[0]}."), rule="R7.1")
    contact = policy.contact
    at_most(
        "contact.connected_calls_per_day",
        contact.connected_calls_per_day,
        law.collection_calls_per_day,
        law.rule("collection_calls_per_day"),
    )
    begins, ends = law.collection_quiet_hours
    if not (contact.quiet_to < contact.quiet_from <= begins and contact.quiet_to >= ends):
        rule = law.rule("collection_quiet_from")
        raise Fault(
            "contact.quiet_from",
            Text(
                zh=f"禁止联系时段短于规定：{rule.title.zh}。",
                en=f"quiet hours are shorter than required: {rule.title.en}.",
            ),
            rule=rule.id,
        )
    at_most(
        "bureau.objection_days",
        policy.bureau.objection_days,
        law.bureau_objection_days,
        law.rule("bureau_objection_days"),
    )


@lru_cache(maxsize=32)
def of_pack(pack: selectors.Pack, law: LegalLimits) -> ServicingPolicy:
    """Return the servicing section of a pack, or raise PolicyRefused."""
    return pack.checked("servicing", pack.parse("servicing", ServicingPolicy), law, partial(_check, pack=pack))


def current(on: date) -> ServicingPolicy:
    """Return the servicing policy in force on a day."""
    pack = selectors.pack(on)
    return of_pack(pack, selectors.law(on, pack.licence_type))
