"""Assessment, products side by side, eligibility (R2.3, R3.2, R3.3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from weidai.assessment import selectors as assessments
from weidai.assessment import services as assessment
from weidai.platform import clock
from weidai.products import selectors as products
from weidai.web.api.bearer import Bearer, session_of
from weidai.web.api.fields import Schema, Words, WordsOrNone

router = Router(tags=["credit"])


class Indicator(Schema):
    """One of the indicators: points earned of the most possible, why, and what would improve it."""

    code: str
    name: Words
    source: Words
    unit: str
    direction: str
    value: str | None
    threshold: str
    is_met: bool
    points: int
    maximum_points: int
    data_on: date | None
    reason_code: str
    reason: Words
    improve: WordsOrNone
    gain_points: int


class AssessmentOut(Schema):
    """One assessment; a ratio is an exact fraction written as text, amounts are fen."""

    id: UUID
    trigger: str
    trigger_text: Words
    assessed_on: date
    assessed_at: datetime
    score: int
    base_grade: str
    grade: str
    points_to_next_grade: int | None
    indicators: list[Indicator]


class TrendPoint(Schema):
    """One point of the history line."""

    assessed_on: date
    score: int
    grade: str


class Progress(Schema):
    """The newest result, its change, the trend and the next date."""

    newest: AssessmentOut | None
    score_change: int | None
    met_count: int
    indicator_count: int
    trend: list[TrendPoint]
    next_run_on: date


class Bar(Schema):
    """One reason why not, and what would change it."""

    code: str
    text: Words
    remedy: Words


class Eligibility(Schema):
    """Yes, or every reason why not; `daily_rate_e8` is the customer's own price in 1e-8 a day."""

    product_code: str
    is_eligible: bool
    reasons: list[Bar]
    daily_rate_e8: int | None


class Product(Schema):
    """One product in the comparison; rates in 1e-8 a day and a year, amounts in fen."""

    product_code: str
    name: Words
    audience: Words
    advantage: Words
    entry: str
    entry_text: Words
    documents: list[Words]
    stages: list[str]
    typical_time: Words
    minimum_line_fen: int
    maximum_line_fen: int
    lowest_daily_rate_e8: int
    highest_daily_rate_e8: int
    apr_range_e8: list[int]
    methods: list[str]
    terms_months: list[int]
    repayment: Words
    fees: Words
    consequences: Words
    eligibility: Eligibility | None


def _assessment(row: assessments.AssessmentRow) -> dict[str, object]:
    names = ("id", "trigger", "trigger_text", "assessed_on", "assessed_at", "score", "base_grade", "grade")
    return {**{name: getattr(row, name) for name in names},
            "points_to_next_grade": row.result.points_to_next_grade,
            "indicators": [_indicator(one) for one in row.result.indicators]}


def _indicator(row: object) -> dict[str, object]:
    found = {name: getattr(row, name) for name in Indicator.model_fields}
    value = found["value"]
    return {**found, "value": None if value is None else str(value), "threshold": str(found["threshold"])}


@router.get("/assessment", auth=Bearer(), response=Progress)
def progress(request: HttpRequest) -> Any:
    """Where the customer stands and what would improve it."""
    row = assessments.progress(request.customer_id)
    return {"newest": _assessment(row.newest) if row.newest else None, "score_change": row.score_change,
            "met_count": row.met_count, "indicator_count": row.indicator_count, "trend": row.trend,
            "next_run_on": row.next_run_on}


@router.post("/assessment", auth=Bearer(), response=AssessmentOut)
def assess(request: HttpRequest) -> Any:
    """Assess now with the data the customer allows."""
    return _assessment(assessment.assessment_run(request.customer_id, trigger="requested"))


@router.get("/products", response=list[Product])
def comparison(request: HttpRequest) -> Any:
    """All products side by side; with a token also the customer's own eligibility."""
    session = session_of(request)
    return list(products.comparison_for(session.customer_id if session else None, on=clock.today()))


@router.get("/products/eligibility", auth=Bearer(), response=list[Eligibility])
def eligibility(request: HttpRequest) -> Any:
    """For each product yes, or every reason why not."""
    return list(products.eligibility_for(request.customer_id, on=clock.today()))
