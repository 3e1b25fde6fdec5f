"""The vector schema, version 1: every field of a vector file with its meaning. Reference: docs/reference/vector-schema.md."""

from __future__ import annotations

from enum import StrEnum

from weidai.lending.conventions import terms
from weidai.lending.conventions.day_count import CountedDay, DayCount
from weidai.lending.conventions.exact import RoundingMode
from weidai.lending.conventions.fields import (
    Field,
    amount,
    anything,
    choice,
    day,
    flag,
    group,
    many,
    mapping,
    number,
    text,
    whole,
)
from weidai.lending.conventions.periods import FirstPeriod, HolidayRule, MonthEnd, PeriodUnit

SCHEMA_NAME = "weidai-vectors/1"


class VectorKind(StrEnum):
    """What a vector computes."""

    SCHEDULE = "schedule"
    INTEREST = "interest"


class RoundingUnit(StrEnum):
    """Named rounding units of money."""

    FEN = "fen"
    JIAO = "jiao"
    YUAN = "yuan"
    TEN_YUAN = "ten_yuan"
    HUNDRED_YUAN = "hundred_yuan"


class DueDayShift(StrEnum):
    """What a changed due day does to the period it happens in."""

    LONGER = "longer"
    SHORTER = "shorter"


def _rounding(doc: str, **more: Field) -> Field:
    fields = {
        "mode": choice(RoundingMode, "how", default="half_up"),
        "unit": choice(RoundingUnit, "to what", default="fen"),
    }
    fields.update(more)
    return group(fields, doc)


RATE = group({
    "percent": number('the rate in percent, exact: "12", "0.05", or "1/6"', required=True),
    "per": choice(terms.RatePer, "the time it is stated for; day goes with ACT_DAILY only", default="year"),
}, "the interest rate as stated, never converted")

PERIODS = group({
    "every": whole("a period is so many units long", default="1"),
    "unit": choice(PeriodUnit, "months, weeks or days", default="months"),
    "due_day": whole("agreed day of the month, 1 to 31 (clipped to the month's end)", nullable=True),
    "first_due_date": day("the first due date, when it is given", nullable=True),
    "first_period": choice(FirstPeriod, "which due day is the first one, when a due day is agreed", default="whole_period"),
    "month_end": choice(MonthEnd, "monthly dates of a loan that began late in a month", default="clip"),
    "dates": many(day("a due date"), "explicit due dates; they win over everything else"),
    "day_counts": many(whole("days"), "explicit lengths of the periods in days, for sources that give no dates"),
    "days_off": group({
        "rule": choice(HolidayRule, "what a due date on a day off becomes", default="none"),
        "holidays": many(day("a day off"), "single days off"),
        "weekly": many(whole("1 = Monday … 7 = Sunday"), "weekly days off"),
        "moves_interest": flag("whether interest runs to the moved date", default="false"),
    }, "holidays"),
}, "repayment periods")

CONVENTIONS = group({
    "method": choice(terms.Method, "how principal comes back", required=True),
    "day_count": choice(DayCount, "how time is measured", default="ACT/365F"),
    "counted_day": choice(CountedDay, "which end of a stretch is counted", default="first"),
    "periods": PERIODS,
    "payment_at": choice(terms.PaymentAt, "installments at the end or start of periods", default="period_end"),
    "installment": group({
        "amount": amount("the agreed installment (or principal part); else it is solved", nullable=True),
        "basis": choice(terms.InstallmentBasis, "the factors it is solved on", default="actual_periods"),
        "principal_basis": choice(terms.PrincipalBasis, "the principal it is solved on", default="outstanding"),
        "rounding": _rounding("rounding of the installment"),
        "spreads_residue": flag("spread a large last-row difference over the rows when that helps", default="false"),
        "balloon": amount("principal left for the last row on purpose", default="0"),
    }, "the regular installment"),
    "interest_rounding": _rounding("rounding of interest", at=choice(
        terms.InterestRoundedAt, "where interest becomes money", default="row")),
    "factor_rounding": group({
        "significant_digits": whole("digits kept", required=True),
        "mode": choice(RoundingMode, "how", default="half_even"),
    }, "rounding of period factors, for systems that keep a fixed precision", nullable=True),
    "last_row": choice(terms.LastRow, "who takes what rounding leaves", default="takes_residue"),
    "grace": group({
        "principal_rows": whole("rows at the start without principal", default="0"),
        "interest_payment_rows": whole("rows whose interest falls due with the first row after them", default="0"),
        "interest_free_rows": whole("rows without interest", default="0"),
    }, "grace at the start"),
    "early_repayment": group({
        "takes_effect": choice(terms.EarlyTakesEffect, "from when it lowers interest", default="payment_date"),
        "covers": choice(terms.EarlyCovers, "what it pays first", default="accrued_interest"),
        "excess": choice(terms.ExcessRule, "what principal beyond the row's part does", default="smaller_installments"),
    }, "money before its due date"),
    "arrears": group({
        "contract_interest": choice(terms.ArrearsInterest, "whether overdue principal bears the contract rate",
                                    default="on_outstanding"),
        "bears_on": choice(terms.ArrearsBase, "what overdue money bears interest", default="principal"),
        "penalty": group({
            "percent": number("penalty rate in percent", required=True),
            "per": choice(terms.RatePer, "its time", default="day"),
            "day_count": choice(DayCount, "its day count", default="ACT_DAILY"),
            "grace_days": whole("days after the due date that bear none", default="0"),
            "annual_cap_percent": number("cap on everything charged, a year of 365 days (R7.3)", nullable=True),
            "rounding": _rounding("rounding of each row's penalty"),
        }, "penalty on overdue principal", nullable=True),
    }, "rows due and unpaid at the as-of date"),
    "minimum_payment": group({
        "share_percent": number("share of what is used", default="10"),
        "all_up_to": amount("a balance up to this is due whole", default="100"),
        "at_least": amount("smallest principal part", default="0"),
        "rounding": _rounding("rounding of the share"),
    }, "revolving_minimum: the principal part of a row"),
    "on_disbursement": choice(terms.OnChange, "what a later tranche does to the installment", default="recompute"),
    "on_rate_change": choice(terms.OnChange, "what a new rate does to the installment", default="recompute"),
    "broken_interest": choice(terms.BrokenInterest, "interest of the days before the first whole period",
                              default="in_first_row"),
    "when_repaid": choice(terms.WhenRepaid, "rows after the one that repays the loan early", default="ends"),
}, "everything the figures depend on besides amounts, dates and the rate", required=True)

EVENT = group({
    "type": choice(terms.EventKind, "what happened", required=True),
    "date": day("value date: the day it counts from", required=True),
    "booked_on": day("the day it was entered, when later; a backdated event counts from its value date all the same",
                     nullable=True),
    "amount": amount("money; a repayment may state its parts instead"),
    "principal": amount("repayment: the part stated to be principal"),
    "interest": amount("repayment: the part stated to be interest"),
    "percent": number("rate_change: the new rate in percent"),
    "per": choice(terms.RatePer, "rate_change: its time", default="year"),
    "due_day": whole("due_day_change: the new day of the month"),
    "first_moved": choice(DueDayShift, "due_day_change: which way the current period goes", default="longer"),
    "excess": choice(terms.ExcessRule, "prepayment: the borrower's choice, else the convention's"),
}, "one event")

EXPECTED_ROW = group({
    "number": whole("number of the row; rows that are not listed are not compared", required=True),
    "start_date": day("first day of the period"),
    "due_date": day("due date"),
    "days": whole("actual days of the period"),
    "principal": amount("principal due"),
    "interest": amount("interest due"),
    "fees": amount("fees due"),
    "penalties": amount("penalty due"),
    "due": amount("sum of the parts"),
    "balance_after": amount("principal that no row has taken yet"),
    "outstanding_after": amount("principal owed at the end of the due date, counting prepayments"),
    "prepaid": amount("extra principal outside the rows in this period"),
    "prepaid_interest": amount("interest paid with it"),
    "paid": amount("received for this row"),
    "paid_in_advance": amount("of it before the due date"),
    "paid_late": amount("of it after the due date"),
    "outstanding": amount("still to be paid"),
    "segments": many(group({
        "days": whole("actual days"),
        "factor": number("rate × share of a year"),
        "interest": amount("interest of the stretch"),
    }, "a stretch of unchanged balance and rate"), "stretches inside the row, in order"),
}, "expected cells of one row")

VALUES = {
    "installment": amount("regular installment, rounded"),
    "installment_exact": amount("regular installment before rounding"),
    "row_count": whole("number of rows"),
    "total_principal": amount("sum of the rows' principal"),
    "total_interest": amount("sum of the rows' interest"),
    "total_fees": amount("sum of the rows' fees"),
    "total_penalties": amount("sum of the rows' penalties"),
    "total_due": amount("sum of everything due"),
    "total_paid": amount("sum received for rows"),
    "total_paid_in_advance": amount("of it before due dates"),
    "total_paid_late": amount("of it after due dates"),
    "total_outstanding": amount("still to be paid"),
    "settlement": amount("what the settlement event cost"),
    "broken_interest": amount("interest of the days before the first whole period"),
    "overpaid": amount("received beyond all debt"),
    "interest": amount("kind interest: the interest"),
    "year_share": number("kind interest: the share of a year"),
    "days": whole("kind interest: the days the convention counts"),
}

EXPECTED = group({
    "row_count": whole("number of rows"),
    "rows": many(EXPECTED_ROW, "rows to compare; missing rows and cells are not compared"),
    "values": group(VALUES, "single figures"),
}, "what has to come out")

COMPARE = mapping(group({
    "decimals": whole("decimals kept", required=True),
    "mode": choice(RoundingMode, "how", default="half_up"),
}, "rounding of the computed figure before it is compared"),
    "figures the source shows rounded, by column or value name (`*` = all amounts); without it figures must be equal exactly")

SPAN = group({
    "from": day("start"),
    "to": day("end"),
    "days": whole("days, when no dates are given"),
    "months": whole("months, when no dates are given"),
    "grace_days": whole("days at the start that bear no interest", default="0"),
}, "kind interest: the time it runs")

LOAN = group({
    "principal": amount("the principal, or the whole line when it is drawn in tranches", required=True),
    "start_date": day("the day the money arrives; null when the source gives none and no convention needs it", nullable=True),
    "count": whole("number of installments; null when the amount is given and the number follows", nullable=True),
    "as_of": day("the day the schedule is looked at: rows due by then and unpaid are overdue. Without it every row counts "
                 "as paid on its due date", nullable=True),
}, "the loan", required=True)

STATUS = group({
    "computable": flag("false: the source does not state enough; listed, not run", default="true"),
    "reason": text("why not"),
    "disputed": flag("true: run and expected to differ, for the proof given", default="false"),
    "proof": text("why the source is believed wrong"),
    "inferred": many(text("a convention"), "conventions read from the source's figures or code, not from its words"),
}, "what is known of the vector itself")

VARIANT = group({
    "name": text("name of the variant", required=True),
    "loan": anything("fields that differ"),
    "rate": anything("fields that differ"),
    "span": anything("fields that differ"),
    "conventions": anything("fields that differ"),
    "events": anything("events instead of the vector's"),
    "expected": anything("what has to come out of this variant"),
    "compare": anything("instead of the vector's"),
}, "the same case under other conventions")

VECTOR = group({
    "id": text("unique name", required=True),
    "kind": choice(VectorKind, "what is computed", default="schedule"),
    "source": anything("where the figures come from"),
    "notes": anything("remarks"),
    "status": STATUS,
    "loan": LOAN,
    "rate": group(RATE.fields or {}, RATE.doc, required=True),
    "span": SPAN,
    "conventions": CONVENTIONS,
    "events": many(EVENT, "what happened to the loan"),
    "expected": EXPECTED,
    "compare": COMPARE,
    "variants": many(VARIANT, "the case under other conventions; with variants only they are run"),
}, "one case")

FILE = group({
    "schema": text(f'"{SCHEMA_NAME}"', required=True),
    "meta": anything("remarks on the collection"),
    "vectors": many(VECTOR, "the cases", required=True),
}, "a vector file")
