"""From checked fields to typed conventions: names that differ, units, and what does not fit together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from weidai.kernel.days import months_later
from weidai.lending.conventions import terms
from weidai.lending.conventions.day_count import CountedDay, DayCount
from weidai.lending.conventions.exact import ZERO, Rounding, RoundingMode, SignificantDigits
from weidai.lending.conventions.fields import VectorInvalid
from weidai.lending.conventions.periods import (
    BASE_DAY,
    DaysOff,
    FirstPeriod,
    HolidayRule,
    MonthEnd,
    PeriodRule,
    PeriodUnit,
    months_between,
)
from weidai.lending.conventions.rates import rate_fits
from weidai.lending.conventions.schema import DueDayShift, RoundingUnit, VectorKind

_UNIT_FEN = {RoundingUnit.FEN: 1, RoundingUnit.JIAO: 10, RoundingUnit.YUAN: 100, RoundingUnit.TEN_YUAN: 1000,
             RoundingUnit.HUNDRED_YUAN: 10_000}
_MOST_INSTALLMENTS = 1200


@dataclass(frozen=True, slots=True)
class InterestCase:
    """Simple interest on one amount for one stretch of time."""

    principal_fen: Fraction
    rate: terms.Rate
    rule: terms.InterestRule
    starts_on: date
    ends_on: date
    months: Fraction | None
    grace_days: int


def rounding(fields: Mapping[str, Any] | None) -> Rounding:
    """Return the rounding of a group with mode and unit; half-up to the fen when it is not there."""
    fields = fields or {}
    unit = _UNIT_FEN[fields.get("unit", RoundingUnit.FEN)]
    return Rounding(fields.get("mode", RoundingMode.HALF_UP), Fraction(unit))


def rate(fields: Mapping[str, Any]) -> terms.Rate:
    """Return the rate as a fraction of one."""
    return terms.Rate(fields["percent"] / 100, fields.get("per", terms.RatePer.YEAR))


def interest_rule(fields: Mapping[str, Any]) -> terms.InterestRule:
    """Return how interest is measured and rounded."""
    money, factor = fields.get("interest_rounding", {}), fields.get("factor_rounding")
    digits = SignificantDigits(factor["significant_digits"], factor.get("mode", RoundingMode.HALF_EVEN)) if factor else None
    return terms.InterestRule(
        day_count=fields.get("day_count", DayCount.ACT_365F),
        counted_day=fields.get("counted_day", CountedDay.FIRST),
        rounding=rounding(money),
        rounded_at=money.get("at", terms.InterestRoundedAt.ROW),
        factor_rounding=digits,
    )


def period_rule(fields: Mapping[str, Any]) -> PeriodRule:
    """Return the repayment periods."""
    off = fields.get("days_off", {})
    return PeriodRule(
        every=fields.get("every", 1),
        unit=fields.get("unit", PeriodUnit.MONTHS),
        due_day=fields.get("due_day"),
        first_due_on=fields.get("first_due_date"),
        first_period=fields.get("first_period", FirstPeriod.WHOLE_PERIOD),
        month_end=fields.get("month_end", MonthEnd.CLIP),
        dates=tuple(fields.get("dates", ())),
        lengths=tuple(fields.get("day_counts", ())),
        days_off=DaysOff(
            rule=off.get("rule", HolidayRule.NONE), holidays=frozenset(off.get("holidays", ())),
            weekly=frozenset(off.get("weekly", ())), moves_interest=off.get("moves_interest", False)),
    )


def conventions(fields: Mapping[str, Any]) -> terms.Conventions:
    """Return the typed conventions of a schedule."""
    size, grace = fields.get("installment", {}), fields.get("grace", {})
    early, arrears, least = fields.get("early_repayment", {}), fields.get("arrears", {}), fields.get("minimum_payment", {})
    plain = terms.Conventions()
    return terms.Conventions(
        method=fields["method"],
        periods=period_rule(fields.get("periods", {})),
        payment_at=fields.get("payment_at", plain.payment_at),
        interest=interest_rule(fields),
        installment=terms.InstallmentRule(
            amount_fen=size.get("amount"), basis=size.get("basis", plain.installment.basis),
            principal_basis=size.get("principal_basis", plain.installment.principal_basis),
            rounding=rounding(size.get("rounding")), spreads_residue=size.get("spreads_residue", False),
            balloon_fen=size.get("balloon", ZERO)),
        last_row=fields.get("last_row", plain.last_row),
        grace=terms.GraceRule(**grace),
        early=terms.EarlyRule(
            takes_effect=early.get("takes_effect", plain.early.takes_effect), covers=early.get("covers", plain.early.covers),
            excess=early.get("excess", plain.early.excess)),
        arrears=terms.ArrearsRule(
            interest=arrears.get("contract_interest", plain.arrears.interest),
            base=arrears.get("bears_on", plain.arrears.base), penalty=_penalty(arrears.get("penalty"))),
        minimum=terms.MinimumRule(
            share=least.get("share_percent", Fraction(10)) / 100, all_up_to_fen=least.get("all_up_to", Fraction(10_000)),
            at_least_fen=least.get("at_least", ZERO), rounding=rounding(least.get("rounding"))),
        on_disbursement=fields.get("on_disbursement", plain.on_disbursement),
        on_rate_change=fields.get("on_rate_change", plain.on_rate_change),
        broken_interest=fields.get("broken_interest", plain.broken_interest),
        when_repaid=fields.get("when_repaid", plain.when_repaid),
    )


def _penalty(fields: Mapping[str, Any] | None) -> terms.PenaltyRule | None:
    if fields is None:
        return None
    cap = fields.get("annual_cap_percent")
    return terms.PenaltyRule(
        rate=terms.Rate(fields["percent"] / 100, fields.get("per", terms.RatePer.DAY)),
        day_count=fields.get("day_count", DayCount.ACT_DAILY),
        grace_days=fields.get("grace_days", 0),
        annual_cap=None if cap is None else cap / 100,
        rounding=rounding(fields.get("rounding")),
    )


def event(fields: Mapping[str, Any], *, path: str) -> terms.Event:
    """Return a typed event; amounts, parts, rates and days must be there where its kind needs them."""
    kind, parts = fields["type"], (fields.get("principal"), fields.get("interest"))
    needed = {
        terms.EventKind.DISBURSEMENT: "amount", terms.EventKind.FEE: "amount", terms.EventKind.PREPAYMENT: "amount",
        terms.EventKind.RATE_CHANGE: "percent", terms.EventKind.DUE_DAY_CHANGE: "due_day",
    }.get(kind)
    if needed and needed not in fields:
        raise VectorInvalid(f"{path}.{needed}", f"is missing for {kind.value}")
    total = fields.get("amount", ZERO)
    if kind is terms.EventKind.REPAYMENT:
        if None in parts and "amount" not in fields:
            raise VectorInvalid(f"{path}.amount", "is missing; or state both principal and interest")
        if None not in parts:
            total = sum((part for part in parts if part is not None), ZERO)
    if total < 0:
        raise VectorInvalid(f"{path}.amount", "must not be negative")
    return terms.Event(
        kind=kind, on=fields["date"], amount_fen=total, principal_fen=parts[0], interest_fen=parts[1],
        rate=rate(fields) if "percent" in fields else None, due_day=fields.get("due_day"),
        is_longer=fields.get("first_moved", DueDayShift.LONGER) is DueDayShift.LONGER, rule=fields.get("excess"))


def schedule_case(vector: Mapping[str, Any], *, path: str) -> terms.Case:
    """Return the typed case of a schedule vector."""
    loan, agreed = vector["loan"], conventions(vector["conventions"])
    events = tuple(event(fields, path=f"{path}.events[{index}]") for index, fields in enumerate(vector.get("events", ())))
    case = terms.Case(
        principal_fen=loan["principal"], rate=rate(vector["rate"]), starts_on=loan.get("start_date") or BASE_DAY,
        count=loan.get("count"), conventions=agreed, events=events, as_of=loan.get("as_of"),
        has_dates=loan.get("start_date") is not None)
    _check(case, path=path)
    return case


def _check(case: terms.Case, *, path: str) -> None:
    """Refuse what does not fit together, naming the field."""
    agreed = case.conventions
    if case.principal_fen <= 0:
        raise VectorInvalid(f"{path}.loan.principal", "must be positive")
    if case.count is not None and not 1 <= case.count <= _MOST_INSTALLMENTS:
        raise VectorInvalid(f"{path}.loan.count", f"must be 1 to {_MOST_INSTALLMENTS}")
    rates = [case.rate, *(event.rate for event in case.events if event.rate)]
    if not all(rate_fits(rate, agreed.interest.day_count) for rate in rates):
        raise VectorInvalid(f"{path}.rate.per", f"does not go with day count {agreed.interest.day_count.value}")
    day_count = agreed.interest.day_count
    counts_months = agreed.periods.unit is PeriodUnit.MONTHS and not agreed.periods.lengths
    uses_days = counts_months and not day_count.value.startswith("PERIOD")
    if not case.has_dates and (case.events or day_count.needs_dates or (
            uses_days and case.rate.per not in (terms.RatePer.PERIOD, terms.RatePer.TERM))):
        raise VectorInvalid(f"{path}.loan.start_date", f"is needed by {day_count.value} or by the events")
    if case.count is None and agreed.installment.amount_fen is None and agreed.method is not terms.Method.REVOLVING_MINIMUM:
        raise VectorInvalid(f"{path}.loan.count", "is needed unless the installment's amount is given")
    if agreed.last_row is terms.LastRow.FIRST_TAKES_RESIDUE and agreed.method is not terms.Method.EQUAL_PRINCIPAL:
        raise VectorInvalid(f"{path}.conventions.last_row", "first_takes_residue goes with equal_principal only")
    level = (terms.Method.LEVEL_PAYMENT, terms.Method.FLAT)
    if agreed.last_row is terms.LastRow.INTEREST_TAKES_RESIDUE and agreed.method not in level:
        raise VectorInvalid(f"{path}.conventions.last_row", "interest_takes_residue goes with level_payment and flat only")
    if case.as_of and any(event.on > case.as_of for event in case.events):
        raise VectorInvalid(f"{path}.events", "an event lies after the as-of date")
    for every in (agreed.periods.every, *agreed.periods.lengths):
        if every < 1:
            raise VectorInvalid(f"{path}.conventions.periods", "lengths must be positive")


def interest_case(vector: Mapping[str, Any], *, path: str) -> InterestCase:
    """Return the typed case of an interest vector: from and to, or a start and a number of days or months."""
    span, given = vector.get("span"), vector["conventions"]
    if span is None:
        raise VectorInvalid(f"{path}.span", "is missing for kind interest")
    rule, stated = interest_rule(given), rate(vector["rate"])
    if not rate_fits(stated, rule.day_count):
        raise VectorInvalid(f"{path}.rate.per", f"does not go with day count {rule.day_count.value}")
    lengths = [name for name in ("to", "days", "months") if name in span]
    if len(lengths) != 1:
        raise VectorInvalid(f"{path}.span", "needs exactly one of to, days, months")
    start = span.get("from") or BASE_DAY
    if rule.day_count.needs_dates and ("from" not in span):
        raise VectorInvalid(f"{path}.span.from", f"is needed by {rule.day_count.value}")
    end, months = _span_end(span, start=start)
    if end <= start:
        raise VectorInvalid(f"{path}.span", "must end after it starts")
    return InterestCase(vector["loan"]["principal"], stated, rule, start, end, months, span.get("grace_days", 0))


def _span_end(span: Mapping[str, Any], *, start: date) -> tuple[date, Fraction | None]:
    if "to" in span:
        return span["to"], months_between(start, span["to"]) if span["to"] > start else None
    if "days" in span:
        return date.fromordinal(start.toordinal() + span["days"]), None
    return months_later(start, span["months"]), Fraction(span["months"])


def kind_of(vector: Mapping[str, Any]) -> VectorKind:
    """Return what the vector computes; a schedule unless it says otherwise."""
    kind: VectorKind = vector.get("kind", VectorKind.SCHEDULE)
    return kind
