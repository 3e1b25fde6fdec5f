"""What a reviewer sees: queue rows with the SLA clock, and a whole case (R4.3, R4.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from weidai.assessment import selectors as assessment
from weidai.assessment.selectors import AssessmentRow, CreditReportRow
from weidai.identity import selectors as identity
from weidai.identity.selectors import CustomerRow
from weidai.kernel.text import Text
from weidai.origination.errors import ApplicationNotFound
from weidai.origination.models import Application, ReviewTask
from weidai.origination.policy import calendar
from weidai.origination.selectors import applications as selectors
from weidai.origination.selectors.applications import ApplicationRow, EventRow
from weidai.origination.words import OUTCOME_TEXTS, STAGE_TEXTS, STATE_TEXTS
from weidai.platform import clock
from weidai.products import selectors as products
from weidai.risk import selectors as risk
from weidai.risk.selectors import DecisionRow

_LIVE = (ReviewTask.State.OPEN, ReviewTask.State.AWAITING_SECOND)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task in the queue or in a case; minutes are working minutes, negative is never shown: `is_late` says it."""

    id: UUID
    customer_id: UUID
    application_id: UUID
    product: str
    product_name: Text
    stage: str
    stage_text: Text
    state: str
    application_state_text: Text
    round: int
    reasons: tuple[str, ...]
    requested_fen: int | None
    opened_at: datetime
    due_at: datetime
    minutes_left: int
    is_late: bool
    claimed_by: str
    is_locked: bool
    locked_until: datetime | None
    first_decided_by: str
    needs_second: bool
    outcome: str
    outcome_text: Text | None
    decided_by: str
    decided_at: datetime | None
    verified_monthly_income_fen: int | None
    note: str | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One screening check with its result."""

    code: str
    name: Text
    state: str
    text: Text


@dataclass(frozen=True, slots=True)
class CaseRow:
    """Everything about one application for the person who decides; personal data is masked."""

    application: ApplicationRow
    customer: CustomerRow
    checks: tuple[CheckRow, ...]
    risk: DecisionRow | None
    assessment: AssessmentRow | None
    credit_report: CreditReportRow | None
    tasks: tuple[TaskRow, ...]
    open_task: TaskRow | None
    timeline: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How much waits, how much is late, by stage."""

    stage: str
    stage_text: Text
    waiting: int
    late: int


def queue(
    stage: str | None = None, *, staff_id: str | None = None, only: str = "all", limit: int = 50, offset: int = 0,
) -> list[TaskRow]:
    """Return open tasks, the most urgent first; `only` is all, free (for `staff_id`) or mine."""
    moment = clock.now()
    tasks = ReviewTask.objects.filter(state__in=_LIVE).select_related("application").order_by("due_at", "id")
    if stage is not None:
        tasks = tasks.filter(stage=stage)
    if only == "mine":
        tasks = tasks.filter(claimed_by=staff_id, locked_until__gt=moment)
    elif only == "free":
        tasks = tasks.filter(Q(claimed_by="") | Q(locked_until=None) | Q(locked_until__lte=moment)).exclude(
            first_decided_by=staff_id or "-")
    return [_task_row(task) for task in tasks[offset:offset + limit]]


def queue_counts() -> list[QueueCounts]:
    """Return the size of each queue and how much of it is late."""
    moment = clock.now()
    live = ReviewTask.objects.filter(state__in=_LIVE)
    return [QueueCounts(stage, text, waiting=live.filter(stage=stage).count(),
                        late=live.filter(stage=stage, due_at__lt=moment).count())
            for stage, text in STAGE_TEXTS.items()]


def case(application_id: UUID) -> CaseRow:
    """Return a whole case by its application."""
    application = Application.objects.filter(id=application_id).first()
    if application is None:
        raise ApplicationNotFound
    customer_id = application.customer_id
    tasks = tuple(_task_row(task) for task in ReviewTask.objects.filter(
        customer_id=customer_id, application=application).select_related("application").order_by("opened_at", "id"))
    run = (assessment.assessment_get(customer_id, application.assessment_id) if application.assessment_id
           else assessment.latest(customer_id))
    return CaseRow(
        application=selectors.application_row(application), customer=identity.customer_get(customer_id),
        checks=tuple(CheckRow(one["code"], Text(one["name_zh"], one["name_en"]), one["state"],
                              Text(one["zh"], one["en"]))
                     for one in application.checks),
        risk=risk.decision_for(customer_id, event="application", subject_id=application.id), assessment=run,
        credit_report=assessment.credit_report_for(customer_id, assessment_id=run.id) if run else None, tasks=tasks,
        open_task=next((task for task in tasks if task.state in _LIVE), None),
        timeline=tuple(selectors.timeline(customer_id, application.id, with_notes=True)))


def applications_list(
    *, state: str | None = None, product: str | None = None, before: UUID | None = None, limit: int = 50,
) -> list[ApplicationRow]:
    """Return applications of all customers, newest first."""
    rows = Application.objects.order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if product:
        rows = rows.filter(product=product)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return selectors.application_rows(rows[:min(limit, 200)])


def _task_row(task: ReviewTask) -> TaskRow:
    moment, on = clock.now(), clock.today()
    days, application = calendar(on), task.application
    is_live = task.state in _LIVE
    return TaskRow(
        id=task.id, customer_id=task.customer_id, application_id=application.id, product=application.product,
        product_name=products.product_get(application.product, on=on).name, stage=task.stage,
        stage_text=STAGE_TEXTS[task.stage], state=task.state, application_state_text=STATE_TEXTS[application.state],
        round=task.round, reasons=tuple(task.reasons), requested_fen=application.requested_fen,
        opened_at=task.opened_at, due_at=task.due_at,
        minutes_left=days.working_minutes_between(moment, task.due_at) if is_live else 0,
        is_late=is_live and task.due_at < moment, claimed_by=task.claimed_by,
        is_locked=is_live and task.locked_until is not None and task.locked_until > moment,
        locked_until=task.locked_until, first_decided_by=task.first_decided_by,
        needs_second=task.state == ReviewTask.State.AWAITING_SECOND, outcome=task.outcome,
        outcome_text=OUTCOME_TEXTS.get(task.outcome), decided_by=task.decided_by, decided_at=task.decided_at,
        verified_monthly_income_fen=task.verified_monthly_income_fen, note=task.note)
