"""The terms a drawdown would have today: product and line together, checked against both (R6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from weidai.kernel.days import SHANGHAI
from weidai.kernel.money import FEN_PER_YUAN, yuan_text
from weidai.kernel.text import Text
from weidai.lending import policy
from weidai.lending.documents import Parties
from weidai.lending.errors import AmountInvalid, LineNotActivated, PurposeForbidden, PurposeUnknown, TermsInvalid
from weidai.lending.rules import LoanTerms, RepaymentMethod
from weidai.limits import selectors as limits
from weidai.platform import clock
from weidai.policy import selectors as packs
from weidai.products import policy as products

LATE_HOUR = time(23, 0)


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
    method = wish.method
    if method not in product.methods or wish.term_months not in product.terms_months:
        raise TermsInvalid(field="term_months")
    most = line.available_fen // FEN_PER_YUAN * FEN_PER_YUAN
    least = rules.minimum_drawdown_fen
    if wish.amount_fen < least or wish.amount_fen > most or wish.amount_fen % FEN_PER_YUAN:
        raise AmountInvalid(field="amount", least=yuan_text(least), most=yuan_text(most))
    if wish.purpose is not None:
        _purpose_check(wish.purpose, on=on)
    return LoanTerms(
        principal_fen=wish.amount_fen, daily_rate_e8=line.daily_rate_e8, method=RepaymentMethod(method),
        term_months=wish.term_months, starts_on=on, penalty_daily_rate_e8=rules.penalty_daily_rate_e8,
        annual_cap_ppm=rules.annual_cap_ppm, grace_days=rules.grace_days,
    ), line


def _purpose_check(purpose: str, *, on: date) -> None:
    rules = policy.current(on)
    if purpose in rules.forbidden_purposes:
        raise PurposeForbidden(field="purpose")
    if purpose not in rules.purposes:
        raise PurposeUnknown(field="purpose")


def parties_for(product: str, *, purpose: str, on: date) -> Parties:
    """Return who lends and how product and purpose are called."""
    head = packs.pack(on).head
    return Parties(lender=head.lender_name.zh, licence_number=head.lender_licence_number,
                   service_phone=head.service_phone, product=products.current(on).product(product).name,
                   purpose=policy.current(on).purposes[purpose])


def may_arrive_next_day() -> bool:
    """Say whether money sent now may arrive tomorrow: 23:00 to 24:00 in Shanghai (R6.3)."""
    return clock.now().astimezone(SHANGHAI).time() >= LATE_HOUR


LATE_TEXT = Text(
    "现在是 23:00 至 24:00,款项可能即时到账,也可能次日到账。利息与还款计划从实际到账日起算,无须重新签署。",
    "Between 23:00 and 24:00 the money may arrive at once or tomorrow. Interest and schedule count from the day it"
    " arrives; you do not sign again.")
