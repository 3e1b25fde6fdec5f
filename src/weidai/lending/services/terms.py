"""The terms a drawdown would have today: product and line together, checked against both (R6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from weidai.kernel.days import SHANGHAI
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text
from weidai.lending import policy
from weidai.lending.documents import Parties
from weidai.lending.errors import AmountInvalid, LineNotActivated, PurposeForbidden, PurposeUnknown, TermsInvalid
from weidai.lending.rules import LoanTerms, RepaymentMethod
from weidai.limits import selectors as limits
from weidai.platform import clock
from weidai.policy import selectors as packs
from weidai.products import policy as products


@dataclass(frozen=True, slots=True)
class Wish:
    """What the borrower asks for; amounts in fen."""

    amount_fen: int
    term_months: int
    method: str
    purpose: str | None = None


def terms_for(customer_id: UUID, *, line_id: UUID, wish: Wish, on: date) -> tuple[LoanTerms, limits.LineRow]:
    """Return the terms for a wish and the line it would be drawn from; refuses what product or line do not allow."""
    line = limits.line_get(customer_id, line_id)
    if line.status != "activated":
        raise LineNotActivated
    product = products.current(on).product(line.product)
    rules = policy.current(on)
    longest = rules.drawdown.maximum_term_months
    if (wish.method not in product.methods or wish.term_months not in product.terms_months
            or wish.term_months > longest):
        raise TermsInvalid(field="term_months")
    least, step = rules.drawdown.minimum_fen, rules.drawdown.step_fen
    most = line.available_fen // step * step
    if wish.amount_fen < least or wish.amount_fen > most or wish.amount_fen % step:
        raise AmountInvalid(field="amount", least=yuan_text(least), most=yuan_text(most))
    if wish.purpose is not None:
        _purpose_check(wish.purpose, product=product, on=on)
    return LoanTerms(
        principal_fen=wish.amount_fen, daily_rate_e8=line.daily_rate_e8, method=RepaymentMethod(wish.method),
        term_months=wish.term_months, starts_on=on, penalty_daily_rate_e8=rules.default_terms.penalty_daily_rate_e8,
        annual_cap_ppm=rules.default_terms.annual_cap_ppm, grace_days=rules.default_terms.grace_days,
    ), line


def _purpose_check(purpose: str, *, product: products.ProductPolicy, on: date) -> None:
    rules = policy.current(on)
    if rules.is_forbidden(purpose):
        raise PurposeForbidden(field="purpose")
    known = rules.purpose(purpose)
    if known is None or not set(known.uses) & set(product.uses):
        raise PurposeUnknown(field="purpose")


def parties_for(product: str, *, purpose: str, on: date) -> Parties:
    """Return who lends and how product and purpose are called."""
    head, known = packs.pack(on).head, policy.current(on).purpose(purpose)
    if known is None:
        raise PurposeUnknown(field="purpose")
    return Parties(lender=head.lender_name, licence_number=head.lender_licence_number,
                   service_phone=head.service_phone, product=products.current(on).product(product).name,
                   purpose=known.name)


def may_arrive_next_day() -> bool:
    """Say whether money sent now may arrive tomorrow: 23:00 to 24:00 in Shanghai (R6.3)."""
    moment = clock.now().astimezone(SHANGHAI)
    return policy.current(moment.date()).payout_may_be_late(moment.time())


LATE_TEXT = Text(
    "现在是 23:00 至 24:00，款项可能即时到账，也可能次日到账。利息与还款计划从实际到账日起算，无须重新签署。",
    "Between 23:00 and 24:00 the money may arrive at once or tomorrow. Interest and schedule count from the day it"
    " arrives; you do not sign again.")
