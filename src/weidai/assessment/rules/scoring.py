"""Points, score, grade and the reasons for each (R2.1, R2.2, R2.4). Integers and fractions only.

Points are whole: each indicator's points are rounded half-up once, at its own row, so the rows always add up to the
score. Points that move for want of a consent move as whole points too (`points_spread`). The arithmetic is compiled
(`rules.compiled`); here it gets its words.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil

from weidai.assessment.measures import Reading, Unit, rounded_half_up
from weidai.assessment.policy import GRADES, AssessmentPolicy, Grade, IndicatorPolicy
from weidai.assessment.rules.compiled import Scored, Value, compiled, value_of
from weidai.assessment.rules.facts import ProfileFacts
from weidai.kernel.text import Text


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """One indicator as the customer sees it. `value` and `threshold` are in `unit`; ratios are fractions of one."""

    code: str
    name: Text
    source: Text
    unit: Unit
    direction: str
    value: Fraction | None
    threshold: Fraction
    is_met: bool
    points: int
    maximum_points: int  # 0 for an indicator whose points were spread over the others
    data_on: date | None
    reason_code: str
    reason: Text
    gap: Fraction | None  # distance to the threshold in `unit`; None when met or without a value
    improve: Text | None  # what would change it and the points that gives; None when nothing is missing
    gain_points: int  # points short of the maximum


@dataclass(frozen=True, slots=True)
class Bonus:
    """Points on top of the indicators."""

    code: str
    name: Text
    is_earned: bool
    points: int  # earned now
    available_points: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """The outcome; the same facts, policy and day give the same outcome for ever (R2.2)."""

    score: int
    base_grade: Grade
    grade: Grade  # effective: lowered by the standing overlay
    standing_notches: int
    indicators: tuple[IndicatorResult, ...]
    bonuses: tuple[Bonus, ...]
    is_fast_track: bool
    points_to_next_grade: int | None  # None at grade A

    @property
    def reasons(self) -> tuple[IndicatorResult, ...]:
        """Indicators that cost points, the dearest first."""
        short = [row for row in self.indicators if row.points < row.maximum_points]
        return tuple(sorted(short, key=lambda row: row.points - row.maximum_points))


_REASONS: dict[str, Text] = {
    "met": Text("已达到标准。", "The threshold is met."),
    "met_in_part": Text("在标准之内，但未得满分。", "Within the threshold, though not at full points."),
    "below": Text("未达到标准，按比例得分。", "Short of the threshold; points in proportion."),
    "above": Text("高于标准，按比例得分。", "Above the threshold; points in proportion."),
    "too_many": Text("次数超过标准。", "More events than the threshold allows."),
    "no_consent": Text(
        "您未授权使用该项数据，其分值已按比例分摊到其他指标，不影响评分。",
        "You have not consented to this data; its points are spread over the others. This is neutral.",
    ),
    "no_payment_consent": Text(
        "您未授权使用支付与资产数据，暂不得分。", "You have not consented to payment and asset data; no points yet."
    ),
    "history_too_short": Text("数据不足所需的完整月数，暂不得分。", "Too few complete months of data yet; no points."),
    "no_spending": Text(
        "评估期内没有消费，无法衡量稳定性。", "No spending in the period, so stability cannot be measured."
    ),
    "no_data": Text("数据来源未提供该项数据，暂不得分。", "The source gave no data; no points yet."),
    "no_report": Text("尚未授权查询征信报告，暂不得分。", "No credit report has been authorized yet; no points."),
    "not_queried": Text(
        "您已授权；征信报告在提交申请时才查询，查询后计分。",
        "You have authorized it; the report is queried when you apply, and counts from then on.",
    ),
    "not_found": Text(
        "征信机构没有查到您的信用报告，暂不得分。", "The bureau holds no report in your name and number; no points."
    ),
    "stale": Text("征信报告已过有效期，需重新授权查询。", "The credit report is too old; a new one must be authorized."),
    "thin_file": Text(
        "征信报告暂无评分（信用记录较少），按一半得分。", "The report has no score yet (thin file): a share of the points."
    ),
}
_MET = ("met", "met_in_part")
_GAIN = Text("{advice}{gap}达标可再得 {points} 分。", "{advice} {gap}Meeting it gives {points} more points.")
_GAPS: dict[Unit, tuple[Text, Text]] = {  # at least, at most
    "fen": (Text("还差 {gap} 元；", "{gap} yuan short. "), Text("高出 {gap} 元；", "{gap} yuan over. ")),
    "count": (Text("还差 {gap};", "{gap} short. "), Text("高出 {gap};", "{gap} over. ")),
    "ratio": (
        Text("还差 {gap} 个百分点；", "{gap} percentage points short. "),
        Text("高出 {gap} 个百分点；", "{gap} percentage points over. "),
    ),
    "score": (Text("还差 {gap} 分；", "{gap} short. "), Text("高出 {gap} 分；", "{gap} over. ")),
}


def readings(facts: ProfileFacts, policy: AssessmentPolicy, *, on: date) -> tuple[Reading, ...]:
    """Return what each enabled indicator finds in the facts, in the policy's order."""
    return tuple(row.taken_by.read(facts, policy, on) for row in policy.enabled)


def values_of(found: tuple[Reading, ...]) -> tuple[Value, ...]:
    """Return readings as the compiled evaluator takes them."""
    return tuple([value_of(one.value, one.absence) for one in found])


def assess(facts: ProfileFacts, policy: AssessmentPolicy, *, on: date) -> Assessment:
    """Score a customer on a day (R2.1, R2.2, R2.4)."""
    found, rules = readings(facts, policy, on=on), compiled(policy)
    fast, values = is_fast_track(facts, policy, on=on), values_of(found)
    outcome = rules.evaluate(values, has_type_i_card=facts.has_type_i_default_card, is_fast_track=fast,
                             notches=facts.standing_notches)
    lines = rules.lines_without[rules.missing(values)]
    indicators = tuple(
        _result(row, policy, reading, scored, line.maximum)
        for row, reading, scored, line in zip(policy.enabled, found, outcome.rows, lines, strict=True))
    bonuses = (
        _bonus(
            "type_i_card",
            Text("一类账户默认卡", "Type I account as the default card"),
            facts.has_type_i_default_card,
            policy.type_i_card_points,
        ),
        _bonus(
            "fast_track",
            Text("连续活跃快速通道", "Fast track for steady activity"),
            fast,
            policy.fast_track.bonus_points,
        ),
    )
    return Assessment(
        score=outcome.score,
        base_grade=outcome.base_grade,
        grade=outcome.grade,
        standing_notches=facts.standing_notches,
        indicators=indicators,
        bonuses=bonuses,
        is_fast_track=fast,
        points_to_next_grade=_points_to_next(outcome.score, outcome.base_grade, policy),
    )


def grade_at(score: int, policy: AssessmentPolicy) -> Grade:
    """Return the grade a score falls in (R2.2)."""
    return next(grade.code for grade in policy.grades if score >= grade.minimum_score)


def grade_lowered(grade: Grade, *, notches: int) -> Grade:
    """Lower a grade by the standing overlay, not below E (R2.2, R7.6)."""
    return GRADES[min(GRADES.index(grade) + max(notches, 0), len(GRADES) - 1)]


def is_fast_track(facts: ProfileFacts, policy: AssessmentPolicy, *, on: date) -> bool:
    """Say whether each of the last complete months had on average enough payments per calendar day (R2.4)."""
    window = facts.window(policy.fast_track.months, on=on)
    if window is None:
        return False
    return all(
        row.payment_count >= policy.fast_track.payments_per_day * monthrange(row.month.year, row.month.month)[1]
        for row in window
    )


def _points_to_next(score: int, grade: Grade, policy: AssessmentPolicy) -> int | None:
    place = GRADES.index(grade)
    return policy.grades[place - 1].minimum_score - score if place else None


def _bonus(code: str, name: Text, is_earned: bool, points: int) -> Bonus:
    return Bonus(code, name, is_earned, points if is_earned else 0, points)


def _result(
    indicator: IndicatorPolicy, policy: AssessmentPolicy, reading: Reading, scored: Scored, maximum: int,
) -> IndicatorResult:
    points, reason_code = scored
    value = None if reading.value is None else Fraction(reading.value, indicator.taken_by.parts(policy))
    is_met, gain = reason_code in _MET, maximum - points
    gap = None if is_met or value is None else abs(indicator.threshold - value)
    return IndicatorResult(
        code=indicator.code,
        name=indicator.name,
        source=indicator.source,
        unit=indicator.unit,
        direction=indicator.direction,
        value=value,
        threshold=indicator.threshold,
        is_met=is_met,
        points=points,
        maximum_points=maximum,
        data_on=reading.data_on,
        reason_code=reason_code,
        reason=_REASONS[reason_code],
        gap=gap,
        improve=_improve(indicator, None if gap is None else value, gain),
        gain_points=gain,
    )


def _improve(indicator: IndicatorPolicy, short_at: Fraction | None, gain: int) -> Text | None:
    if gain <= 0:
        return None
    if indicator.shares_by_count:
        return indicator.advice  # what has happened is not undone by anything, so no points are promised
    missing = Text("", "") if short_at is None else _gap_text(indicator, short_at)
    return Text(
        zh=_GAIN.zh.format(advice=indicator.advice.zh, gap=missing.zh, points=gain),
        en=_GAIN.en.format(advice=indicator.advice.en, gap=missing.en, points=gain),
    )


def _gap_text(indicator: IndicatorPolicy, value: Fraction) -> Text:
    """The gap in the reader's unit, rounded up, so that what is said is always enough.

    Ratios are told as the difference of the two percentages as shown, so that the sum on the page adds up.
    """
    at_least, at_most = _GAPS[indicator.unit]
    hundredths = indicator.unit in ("fen", "ratio")  # fen read as yuan, ratios as percentage points
    if indicator.unit == "ratio":
        whole = max(abs(rounded_half_up(indicator.threshold * 10_000) - rounded_half_up(value * 10_000)), 1)
    else:
        whole = ceil(abs(indicator.threshold - value))
    words = f"{whole // 100:,}.{whole % 100:02d}" if hundredths else f"{whole:,}"
    return (at_least if indicator.direction == "at_least" else at_most).format(gap=words)
