"""Measures of the payments of the last complete months: how much, and how steadily (R2.1)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from weidai.assessment.measures.arithmetic import RATIO_MAXIMUM, RATIO_SCALE, variation_millionths
from weidai.assessment.measures.columns import SPEND, place_of
from weidai.assessment.measures.registry import Absence, Measure, Reading, VectorReading, measure_add

if TYPE_CHECKING:
    import narwhals as nw

    from weidai.assessment.measures.columns import FactColumns
    from weidai.assessment.policy import AssessmentPolicy
    from weidai.assessment.rules.facts import ProfileFacts


def without_payments(facts: ProfileFacts, reason: Absence) -> Reading:
    """Say why the payment platform told nothing: it was not asked, or it had nothing."""
    return Reading(None, facts.payments_on, reason if facts.has_payment_consent else "no_payment_consent")


def _mean_read(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Reading:
    window = facts.window(policy.window_months, on=on)
    if window is None:
        return without_payments(facts, "history_too_short")
    return Reading(sum(row.spend_fen for row in window), facts.payments_on)


def _mean_express(facts: FactColumns, policy: AssessmentPolicy) -> VectorReading:
    import narwhals as nw

    is_long_enough = facts.fact("history_months") >= policy.window_months
    total = sum(facts.window(SPEND, policy.window_months)[1:], facts.window(SPEND, policy.window_months)[0])
    return VectorReading(
        nw.when(is_long_enough).then(total),
        nw.when(is_long_enough).then(nw.lit(0)).otherwise(facts.without_payments("history_too_short")))


def _variation_read(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Reading:
    window = facts.window(policy.window_months, on=on)
    if window is None:
        return without_payments(facts, "history_too_short")
    totals = [row.spend_fen for row in window]
    if sum(totals) <= 0:
        return Reading(None, facts.payments_on, "no_spending")
    return Reading(variation_millionths(totals), facts.payments_on)


def _variation_express(facts: FactColumns, policy: AssessmentPolicy) -> VectorReading:
    import narwhals as nw

    history, total = facts.fact("history_months"), nw.col("_variation_total")
    is_long_enough, has_spent = history >= policy.window_months, total > 0
    return VectorReading(
        nw.when(is_long_enough & has_spent).then(_millionths()),
        nw.when(~is_long_enough).then(facts.without_payments("history_too_short"))
        .otherwise(nw.when(has_spent).then(nw.lit(0)).otherwise(nw.lit(place_of("no_spending")))),
        steps=_variation_steps(facts, policy.window_months))


def _variation_steps(facts: FactColumns, months: int) -> tuple[dict[str, nw.Expr], ...]:
    """Everything `_millionths` reads: S, Σd² × 4·10¹², (n−1)·S² (see `arithmetic`), and the float's neighbourhood."""
    import narwhals as nw

    totals, wide = facts.window(SPEND, months), facts.wide
    total, safe = nw.col("_variation_total"), nw.col("_variation_safe").cast(wide)
    deviations = [(one * months - total).cast(wide) for one in totals]
    spread, base = nw.col("_variation_spread"), nw.col("_variation_base")
    ratio = nw.col("_variation_ratio")
    return (
        {"_variation_total": sum(totals[1:], totals[0])},
        {"_variation_safe": nw.when(total > 0).then(total).otherwise(nw.lit(1))},  # no 0 below the line, in any branch
        {"_variation_spread": sum((each * each for each in deviations[1:]), deviations[0] * deviations[0]),
         "_variation_base": safe * safe * nw.lit(months - 1)},
        {"_variation_ratio": (spread.cast(nw.Float64) / base.cast(nw.Float64)).sqrt() * RATIO_SCALE,
         "_variation_quadruple": spread * nw.lit(4 * RATIO_SCALE**2).cast(wide)},
        {"_variation_near": nw.when(ratio >= RATIO_MAXIMUM * RATIO_SCALE).then(nw.lit(0.0)).otherwise(ratio)
         .floor().cast(nw.Int64)},
    )


def _millionths() -> nw.Expr:
    """The ratio in millionths, half-up and exact: a float finds the neighbourhood, whole numbers decide.

    r is half-up of x exactly when 2r − 1 ≤ 2x < 2r + 1; both sides are compared squared and multiplied out, in whole
    numbers of 38 digits. The float is within 1 of the answer for every ratio up to RATIO_MAXIMUM, and with monthly
    totals up to 10¹¹ fen nothing passes 38 digits (`extracts` sets larger ones aside).
    """
    import narwhals as nw

    near, base, quadruple = nw.col("_variation_near"), nw.col("_variation_base"), nw.col("_variation_quadruple")

    def reaches(result: nw.Expr) -> nw.Expr:
        odd = result * 2 - 1
        return (result <= 0) | (base * odd * odd <= quadruple)

    steps = [nw.when(reaches(near + step)).then(nw.lit(1)).otherwise(nw.lit(0)) for step in (0, 1, 2)]
    exact = near - 1 + sum(steps[1:], steps[0])
    return nw.when(nw.col("_variation_ratio") >= RATIO_MAXIMUM * RATIO_SCALE).then(
        nw.lit(RATIO_MAXIMUM * RATIO_SCALE)).otherwise(nw.when(exact < 0).then(nw.lit(0)).otherwise(exact))


measure_add(Measure("mean_monthly_spend", "fen", _mean_read, _mean_express, is_signed=True,
                    parts=lambda policy: policy.window_months))
measure_add(Measure("spending_variation", "ratio", _variation_read, _variation_express,
                    parts=lambda _: RATIO_SCALE))
