"""Products section of the policy pack: the catalogue with prices and terms (R3.1, R3.4, R3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from weidai.assessment.policy import GRADES, Grade
from weidai.kernel.text import Text
from weidai.policy import selectors
from weidai.policy.rules import Fault, LegalLimits
from weidai.policy.rules.law import StudentLending, at_most

ProductCode = Literal["invited_cash_loan", "consumer_installment_line", "pay_later_line", "business_loan"]
Entry = Literal["invitation", "self_service", "payment_flow", "business_documents"]
Method = Literal["equal_principal", "level_payment", "interest_only_bullet", "bullet", "revolving"]
Use = Literal["cash", "purchase", "business"]
DAYS_OF_RATE_YEAR = 365  # APR = 365 × daily rate, simple (R6.2)


@dataclass(frozen=True, slots=True)
class MinimumPayment:
    """Monthly minimum of a revolving line: a share of what is used plus interest, or all of it when little is used."""

    share: Fraction
    all_up_to_fen: int
    due_day: int


@dataclass(frozen=True, slots=True)
class PaymentFlow:
    """Consecutive complete months with at least this payment flow each open the product (R3.1)."""

    months: int
    minimum_fen: int


@dataclass(frozen=True, slots=True)
class ProductPolicy:
    """One product of the catalogue. A product is open to the grades that have a rate."""

    code: ProductCode
    name: Text
    audience: Text
    advantage: Text
    entry: Entry
    entry_text: Text
    documents: tuple[Text, ...]
    typical_time: Text
    repayment: Text
    consequences: Text
    uses: tuple[Use, ...]
    minimum_line_fen: int
    maximum_line_fen: int
    daily_rates_e8: Mapping[Grade, int]
    methods: tuple[Method, ...]
    terms_months: tuple[int, ...]
    skips_verification: bool  # automated path (R4.2)
    is_consumer: bool
    minimum_payment: MinimumPayment | None = None
    payment_flow: PaymentFlow | None = None
    turnover_share: Fraction | None = None  # of verified yearly turnover

    def __post_init__(self) -> None:
        if not 0 < self.minimum_line_fen <= self.maximum_line_fen:
            raise Fault(
                "maximum_line_fen", Text("额度区间为空。", "leaves no limit between minimum and maximum."), rule="R3.1"
            )
        if not self.daily_rates_e8 or "E" in self.daily_rates_e8:
            raise Fault(
                "daily_rates", Text("须有利率，且 E 级不得有利率。", "needs rates, and none for grade E."), rule="R5.2"
            )
        listed = [self.daily_rates_e8[grade] for grade in GRADES if grade in self.daily_rates_e8]
        if listed != sorted(listed):
            raise Fault(
                "daily_rates", Text("等级越低利率不得越低。", "must not fall as grades get worse."), rule="R3.1"
            )
        if ("revolving" in self.methods) != (self.minimum_payment is not None):
            raise Fault(
                "minimum_payment",
                Text("随借随还产品须有最低还款额，其他产品不得有。", "belongs to revolving products, and only to them."),
                rule="R3.1",
            )
        if not self.methods or ("revolving" not in self.methods and not self.terms_months):
            raise Fault(
                "terms_months", Text("缺少期限或还款方式。", "needs terms and a repayment method."), rule="R3.1"
            )
        if list(self.terms_months) != sorted(set(self.terms_months)) or 0 in self.terms_months:
            raise Fault("terms_months", Text("须由短到长且不重复。", "must rise without repeats."), rule="R3.1")
        if (self.entry == "payment_flow") != (self.payment_flow is not None):
            raise Fault("payment_flow", Text("与准入方式不一致。", "does not fit the entry."), rule="R3.1")
        if (self.entry == "business_documents") != (self.turnover_share is not None):
            raise Fault("turnover_share", Text("与准入方式不一致。", "does not fit the entry."), rule="R3.1")

    def daily_rate_e8(self, grade: Grade) -> int | None:
        """Return the daily rate for a grade in 1e-8, or None when the product is closed to it."""
        return self.daily_rates_e8.get(grade)


@dataclass(frozen=True, slots=True)
class InvitationPolicy:
    """Whom the batch invites to `invited_cash_loan`, and for how long an invitation holds (R3.4)."""

    minimum_grade: Grade
    valid_days: int
    needs_income: bool
    maximum_overdue_events: int


@dataclass(frozen=True, slots=True)
class ProductsPolicy:
    """Everything of R3 that a lender could change. There is no key for fees: the reference pack has none at all."""

    invitation: InvitationPolicy
    products: tuple[ProductPolicy, ...]
    student_lending: StudentLending

    def __post_init__(self) -> None:
        if len({product.code for product in self.products}) != len(self.products):
            raise Fault("products", Text("产品代码重复。", "repeats a product."), rule="R3.1")

    def product(self, code: str) -> ProductPolicy:
        """Return one product; KeyError when the pack does not offer it."""
        for product in self.products:
            if product.code == code:
                return product
        raise KeyError(code)


def _check(policy: ProductsPolicy, law: LegalLimits) -> None:
    if not policy.products:
        raise Fault("products", Text("至少须有一个产品。", "must list at least one."), rule="R3.1")
    if law.student_lending == "forbidden" and policy.student_lending != "forbidden":
        raise Fault(
            "student_lending",
            Text("该牌照不得向学生放贷。", "this licence may not lend to students."),
            rule=law.rule("student_lending").id,
        )
    for place, product in enumerate(policy.products):
        key = f"products[{place}]"
        for grade, rate_e8 in product.daily_rates_e8.items():
            at_most(
                f"{key}.daily_rates.{grade}",
                Fraction(rate_e8 * DAYS_OF_RATE_YEAR, 10**8),
                law.annual_cap,
                law.rule("annual_cap"),
            )
        if product.is_consumer:
            at_most(
                f"{key}.maximum_line_fen",
                product.maximum_line_fen,
                law.consumer_line_fen,
                law.rule("consumer_line_fen"),
            )
            at_most(
                f"{key}.terms_months",
                max(product.terms_months, default=0),
                law.consumer_term_months,
                law.rule("consumer_term_months"),
            )
        else:
            at_most(
                f"{key}.maximum_line_fen",
                product.maximum_line_fen,
                law.business_line_fen,
                law.rule("business_line_fen"),
            )


@lru_cache(maxsize=32)
def of_pack(pack: selectors.Pack, law: LegalLimits) -> ProductsPolicy:
    """Return the products section of a pack, or raise PolicyRefused."""
    return pack.checked("products", pack.parse("products", ProductsPolicy), law, _check)


def current(on: date) -> ProductsPolicy:
    """Return the products policy in force on a day."""
    pack = selectors.pack(on)
    return of_pack(pack, selectors.law(on, pack.licence_type))
