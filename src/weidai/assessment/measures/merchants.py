"""Measures of what is paid at one kind of merchant, and how a new one is made: one call, one row in the pack (R2.7)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from weidai.assessment.measures.payments import without_payments
from weidai.assessment.measures.registry import Measure, MonthColumn, Reading, VectorReading, measure_add

if TYPE_CHECKING:
    from weidai.assessment.measures.columns import FactColumns
    from weidai.assessment.policy import AssessmentPolicy
    from weidai.assessment.rules.facts import ProfileFacts


def merchant_measure(code: str, column: MonthColumn) -> Measure:
    """Return the measure that adds up a column over the window; no month with that column is no data."""
    unit: Literal["fen", "count"] = "fen" if column.of == "amount_fen" else "count"

    def read(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Reading:
        window = facts.window(policy.window_months, on=on)
        if window is None:
            return without_payments(facts, "history_too_short")
        known = [value for row in window if (value := row.more_of(column.name)) is not None]
        return Reading(sum(known), facts.payments_on) if known else without_payments(facts, "no_data")

    def express(facts: FactColumns, policy: AssessmentPolicy) -> VectorReading:
        import narwhals as nw

        months = facts.window(column.name, policy.window_months)
        is_long_enough = facts.fact("history_months") >= policy.window_months
        has_any = ~months[0].is_null()
        total = months[0].fill_null(0)
        for month in months[1:]:
            has_any, total = has_any | ~month.is_null(), total + month.fill_null(0)
        return VectorReading(
            nw.when(is_long_enough & has_any).then(total),
            nw.when(~is_long_enough).then(facts.without_payments("history_too_short")).otherwise(
                nw.when(has_any).then(nw.lit(0)).otherwise(facts.without_payments("no_data"))))

    return Measure(code, unit, read, express, month_columns=(column,), is_signed=unit == "fen")


measure_add(merchant_measure("green_spending", MonthColumn("green_spend_fen", category="green", of="amount_fen")))
measure_add(merchant_measure("welfare_giving", MonthColumn("welfare_gift_count", category="welfare", of="count")))
