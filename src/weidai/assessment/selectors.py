"""Reading assessments: each indicator with value, threshold, points and what would improve it (R2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from uuid import UUID

from weidai.assessment import rules
from weidai.assessment.errors import AssessmentNotFound
from weidai.assessment.inputs import AssessmentInputs, inputs_from_json
from weidai.assessment.models import Assessment, CreditReport
from weidai.assessment.policy import AssessmentPolicy, current, of_pack
from weidai.kernel.days import months_later
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.policy import selectors as policy_packs

TREND_LENGTH = 12  # months
MOST_IN_A_YEAR = 200  # assessments looked at for the trends
TRIGGER_TEXTS = {
    "requested": Text("主动发起", "asked for"),
    "application": Text("申请审核", "application"),
    "monthly": Text("月度更新", "monthly update"),
    "corrected": Text("更正数据后更新", "update with corrected data"),
    "fast_track": Text("快速通道", "fast track"),
    "limit_review": Text("额度复核", "limit review"),
}


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """One assessment as shown; `result` holds indicators, bonuses, reasons and the way to the next grade."""

    id: UUID
    customer_id: UUID
    trigger: str
    trigger_text: Text
    assessed_on: date
    assessed_at: datetime
    score: int
    base_grade: str
    grade: str
    standing_notches: int
    pack_version: str
    result: rules.Assessment


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One point of the history line."""

    assessed_on: date
    score: int
    grade: str


@dataclass(frozen=True, slots=True)
class IndicatorPoint:
    """One indicator at one assessment: its value in its unit, None without one, and its points then."""

    assessed_on: date
    value: Fraction | None
    points: int


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """The customer's progress page: newest result, change since the one before, trend, next date (R2.3)."""

    newest: AssessmentRow | None
    score_change: int | None
    met_count: int
    indicator_count: int
    trend: tuple[TrendPoint, ...]
    next_run_on: date
    indicator_trends: dict[str, tuple[IndicatorPoint, ...]]  # by code: the newest of each of the last twelve months
    changes: dict[str, tuple[rules.Change, ...]]  # by code: what would change the score, under the pack in force


@dataclass(frozen=True, slots=True)
class CreditReportRow:
    """What the bureau said, for the reviewer; amounts in fen."""

    id: UUID
    is_found: bool
    score: int | None
    total_debt_fen: int | None
    monthly_payment_fen: int | None
    overdue_24m_count: int | None
    credit_card_limit_fen: int | None
    inquiries_3m: int | None
    is_employed: bool
    as_of: date


def latest(customer_id: UUID) -> AssessmentRow | None:
    """Return the newest assessment, or None when there is none yet."""
    stored = _newest_first(customer_id).first()
    return assessment_row(stored) if stored else None


def assessment_get(customer_id: UUID, assessment_id: UUID) -> AssessmentRow:
    """Return one assessment of the customer."""
    return assessment_row(_stored(customer_id, assessment_id))


def history(customer_id: UUID, *, limit: int = TREND_LENGTH) -> list[AssessmentRow]:
    """Return the newest assessments, newest first."""
    return [assessment_row(stored) for stored in _newest_first(customer_id)[:limit]]


def inputs(customer_id: UUID, assessment_id: UUID) -> AssessmentInputs:
    """Return the inputs an assessment used: facts of the score and facts of the limit formula."""
    return inputs_from_json(_stored(customer_id, assessment_id).inputs)


def progress(customer_id: UUID) -> ProgressRow:
    """Return the progress page's row (钱包 → 微贷 → 评估进度)."""
    since = months_later(clock.today().replace(day=1), -TREND_LENGTH)
    of_year = list(_newest_first(customer_id).filter(assessed_on__gte=since)[:MOST_IN_A_YEAR])
    newest = of_year[:TREND_LENGTH] or list(_newest_first(customer_id)[:1])
    row = assessment_row(newest[0]) if newest else None
    trend = tuple(TrendPoint(one.assessed_on, one.score, one.effective_grade) for one in reversed(newest))
    return ProgressRow(
        newest=row,
        score_change=newest[0].score - newest[1].score if len(newest) > 1 else None,
        met_count=sum(one.is_met for one in row.result.indicators) if row else 0,
        indicator_count=len(row.result.indicators) if row else len(current(clock.today()).enabled),
        trend=trend,
        next_run_on=next_run_on(clock.today()), indicator_trends=_indicator_trends(of_year),
        changes=_changes(newest[0]) if newest else {})


def _indicator_trends(newest_first: Sequence[Assessment]) -> dict[str, tuple[IndicatorPoint, ...]]:
    """Return each indicator's last value and points of every month, oldest first."""
    by_month = {one.assessed_on.replace(day=1): one for one in reversed(newest_first)}
    trends: dict[str, list[IndicatorPoint]] = {}
    for one in by_month.values():
        for row in one.indicators:
            value = None if row["value"] is None else Fraction(row["value"])
            trends.setdefault(row["code"], []).append(IndicatorPoint(one.assessed_on, value, row["points"]))
    return {code: tuple(points) for code, points in trends.items()}


def _changes(newest: Assessment) -> dict[str, tuple[rules.Change, ...]]:
    """Return what would change the newest facts' score by the rules of today, indicator by indicator (R2.3)."""
    used = inputs_from_json(newest.inputs)
    return rules.changes(used.facts, current(clock.today()), on=used.on)


def next_run_on(on: date) -> date:
    """Return the day of the next monthly update after `on` (R2.3)."""
    day = current(on).run_day_of_month
    this_month = on.replace(day=day)
    return this_month if this_month > on else months_later(this_month, 1)


def credit_report_for(customer_id: UUID, *, assessment_id: UUID | None = None) -> CreditReportRow | None:
    """Return the report an assessment used, or the newest one."""
    if assessment_id is not None:
        report = _stored(customer_id, assessment_id).credit_report
    else:
        report = newest_report(customer_id)
    if report is None:
        return None
    return CreditReportRow(
        id=report.id, is_found=report.is_found, score=report.score, total_debt_fen=report.total_debt_fen,
        monthly_payment_fen=report.monthly_payment_fen, overdue_24m_count=report.overdue_24m_count,
        credit_card_limit_fen=report.credit_card_limit_fen, inquiries_3m=report.inquiries_3m,
        is_employed=report.is_employed, as_of=report.as_of)


def newest_report(customer_id: UUID) -> CreditReport | None:
    """Return the newest report row; for this room's services."""
    return CreditReport.objects.filter(customer_id=customer_id).order_by("-queried_at", "-id").first()


def newest_reports(customer_ids: Sequence[UUID]) -> dict[UUID, CreditReport]:
    """Return the newest report row of many customers with one statement; for this room's services."""
    rows = CreditReport.objects.filter(customer_id__in=customer_ids)
    return {row.customer_id: row for row in rows.order_by("customer_id", "-queried_at", "-id").distinct("customer_id")}


def assessment_row(stored: Assessment) -> AssessmentRow:
    """Return a stored assessment as shown."""
    return AssessmentRow(
        id=stored.id, customer_id=stored.customer_id, trigger=stored.trigger,
        trigger_text=TRIGGER_TEXTS[stored.trigger],
        assessed_on=stored.assessed_on, assessed_at=stored.assessed_at, score=stored.score, base_grade=stored.grade,
        grade=stored.effective_grade, standing_notches=stored.standing_notches, pack_version=stored.pack_version,
        result=outcome_of(stored))


def outcome_of(stored: Assessment) -> rules.Assessment:
    """Run the stored inputs under the stored pack version: names and advice come from there, numbers stay the same."""
    used = inputs_from_json(stored.inputs)
    return rules.assess(used.facts, policy_by_version(stored.pack_version, used.on), on=used.on)


@lru_cache(maxsize=64)
def policy_by_version(version: str, on: date) -> AssessmentPolicy:
    """Return the assessment section a decision of that day was made with."""
    pack = policy_packs.pack_by_version(version)
    return of_pack(pack, policy_packs.law(on, pack.licence_type))


def _newest_first(customer_id: UUID):  # type: ignore[no-untyped-def]
    return Assessment.objects.filter(customer_id=customer_id).order_by("-assessed_at", "-id")


def _stored(customer_id: UUID, assessment_id: UUID) -> Assessment:
    mine = Assessment.objects.select_related("credit_report").filter(customer_id=customer_id)
    stored = mine.filter(id=assessment_id).first()
    if stored is None:
        raise AssessmentNotFound
    return stored
