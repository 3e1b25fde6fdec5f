"""Verification 复审: a person claims, looks, decides; four-eyes above a limit (R4.2, R4.6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from weidai.audit.services import Actor, event_record
from weidai.identity.services.accounts import INCOME_LIMIT_FEN
from weidai.kernel.text import Text
from weidai.messaging.services import notice_send
from weidai.origination import reasons
from weidai.origination.errors import (
    PapersNotReviewed,
    ReviewDecisionInvalid,
    ReviewTaskLocked,
    ReviewTaskNotClaimed,
    ReviewTaskNotFound,
    SecondPersonRequired,
)
from weidai.origination.models import Appeal, Application, ReviewTask
from weidai.origination.policy import current
from weidai.origination.selectors.paper_review import papers_review
from weidai.origination.services.screening import decline
from weidai.origination.services.steps import application_locked, move
from weidai.platform import clock
from weidai.products import selectors as products

_LIVE = (ReviewTask.State.OPEN, ReviewTask.State.AWAITING_SECOND)
OUTCOMES = ("approve", "decline", "return")


def verification_claim(customer_id: UUID, *, task_id: UUID, staff_id: str) -> UUID:
    """Lock a case for one person for the pack's minutes and return its application; again extends the lock."""
    with transaction.atomic():
        application, task = task_locked(customer_id, task_id)
        moment = clock.now()
        if task.claimed_by not in ("", staff_id) and task.locked_until is not None and task.locked_until > moment:
            raise ReviewTaskLocked
        require_other_person(application, task, staff_id)
        minutes = current(clock.today()).review_lock_minutes
        ReviewTask.objects.filter(customer_id=customer_id, id=task_id).update(
            claimed_by=staff_id, locked_until=moment + timedelta(minutes=minutes))
        event_record("origination.review_task.claimed", customer_id=customer_id, subject_type="origination.review_task",
                     subject_id=task_id, actor=Actor("staff", staff_id), facts={"stage": task.stage})
        return application.id


@transaction.atomic
def verification_release(customer_id: UUID, *, task_id: UUID, staff_id: str) -> None:
    """Give a claimed case back to the queue."""
    _, task = task_locked(customer_id, task_id)
    require_claimed(task, staff_id)
    ReviewTask.objects.filter(customer_id=customer_id, id=task_id).update(claimed_by="", locked_until=None)
    event_record("origination.review_task.released", customer_id=customer_id, subject_type="origination.review_task",
                 subject_id=task_id, actor=Actor("staff", staff_id), facts={"stage": task.stage})


def next_case(*, staff_id: str, stage: str = "verification") -> tuple[UUID, UUID] | None:
    """Claim the most urgent free case for this person and return (customer, task); None when nothing is waiting."""
    moment = clock.now()
    free = ReviewTask.objects.filter(stage=stage, state__in=_LIVE).filter(
        Q(claimed_by="") | Q(claimed_by=staff_id) | Q(locked_until=None) | Q(locked_until__lte=moment)).exclude(
        first_decided_by=staff_id).order_by("due_at", "id").values_list("customer_id", "id")
    for customer_id, task_id in free[:20]:
        try:
            verification_claim(customer_id, task_id=task_id, staff_id=staff_id)
        except (ReviewTaskLocked, ReviewTaskNotFound, SecondPersonRequired):
            continue
        return customer_id, task_id
    return None


@transaction.atomic
def verification_decide(
    customer_id: UUID, *, task_id: UUID, staff_id: str, outcome: str, note: str, codes: Sequence[str] = (),
    verified_monthly_income_fen: int | None = None,
) -> str:
    """Approve (on to final review), decline, or return to the customer; return the application's new state.

    `codes` are reviewer or return reasons (origination/reasons.py). Above the four-eyes limit an approval waits for a
    second person, who is never the first; the task then stands in `awaiting_second`. The second may lower the income, not
    raise it: a figure that only one person saw would decide. Whoever approves has worked through
    the papers as the pack wants (PapersNotReviewed).
    """
    application, task = task_locked(customer_id, task_id)
    if task.stage != "verification" or application.state != Application.State.VERIFICATION:
        raise ReviewTaskNotFound
    require_claimed(task, staff_id)
    require_other_person(application, task, staff_id)
    _decision_check(outcome, note, codes, verified_monthly_income_fen)
    if outcome == "approve":
        review = papers_review(customer_id, application.id, staff_id=staff_id)
        if not review.is_complete:
            raise PapersNotReviewed(left=review.left)
    if outcome == "approve" and not task.first_decided_by and _needs_second(application):
        _first_approval(task, staff_id, note, verified_monthly_income_fen)
        return application.state
    actor = Actor("staff", staff_id)
    income = verified_monthly_income_fen
    if income is None:
        income = task.verified_monthly_income_fen  # what the first person found
    elif outcome == "approve" and task.first_decided_by and income > (task.verified_monthly_income_fen or 0):
        raise ReviewDecisionInvalid(field="verified_monthly_income_fen", problem=Text(
            "不得高于第一位审批人核实的收入：高于此数须两人都看过，请退回或按其结果批准。",
            "not more than the first person found: more needs two people. Return the case, or approve on their figure."))
    task_close(task, staff_id=staff_id, outcome=outcome, note=note, income_fen=income)
    if outcome == "approve":
        application.verified_monthly_income_fen = income
        application.save(update_fields=["verified_monthly_income_fen"])
        move(application, Application.State.FINAL_REVIEW, by="staff", note=note, actor=actor)
    elif outcome == "decline":
        decline(application, [reasons.reason(f"origination.{code}", reasons.REVIEWER_REASONS[code]) for code in codes],
                by="staff", note=note, actor=actor)
    else:
        move(application, Application.State.AWAITING_CUSTOMER, by="staff", codes=codes, note=note, actor=actor)
        wanted = [reasons.RETURN_REASONS[code] for code in codes]
        missing = Text(zh="、".join(one.zh for one in wanted), en=", ".join(one.en for one in wanted))
        notice_send(customer_id, template="origination.awaiting_customer", values={"missing": missing})
    return application.state


def task_locked(customer_id: UUID, task_id: UUID) -> tuple[Application, ReviewTask]:
    """Lock application, then task, and return both; a task that is not open any more is not found."""
    application_id = ReviewTask.objects.filter(customer_id=customer_id, id=task_id).values_list(
        "application_id", flat=True).first()
    if application_id is None:
        raise ReviewTaskNotFound
    application = application_locked(customer_id, application_id)
    task = ReviewTask.objects.select_for_update().get(customer_id=customer_id, id=task_id)
    if task.state not in _LIVE:
        raise ReviewTaskNotFound
    return application, task


def require_claimed(task: ReviewTask, staff_id: str) -> None:
    """Refuse unless this person holds the lock now."""
    if task.claimed_by != staff_id or task.locked_until is None or task.locked_until <= clock.now():
        raise ReviewTaskNotClaimed


def require_other_person(application: Application, task: ReviewTask, staff_id: str) -> None:
    """Refuse the first person as second, and the first deciders of a declined case on appeal and after it (R4.5)."""
    if task.first_decided_by == staff_id:
        raise SecondPersonRequired
    mine = {"customer_id": application.customer_id, "application": application}
    declined = ReviewTask.objects.filter(**mine, outcome="decline")
    is_after_appeal = task.stage == "appeal" or Appeal.objects.filter(**mine).exists()
    if is_after_appeal and declined.filter(Q(decided_by=staff_id) | Q(first_decided_by=staff_id)).exists():
        raise SecondPersonRequired


def task_close(task: ReviewTask, *, staff_id: str, outcome: str, note: str, income_fen: int | None = None) -> None:
    """Write a person's final decision on a task."""
    task.state, task.outcome, task.decided_by = ReviewTask.State.DONE, outcome, staff_id
    task.note, task.decided_at, task.locked_until = note.strip(), clock.now(), None
    task.verified_monthly_income_fen = income_fen
    task.save()
    event_record("origination.review_task.decided", customer_id=task.customer_id, subject_id=task.id,
                 subject_type="origination.review_task", actor=Actor("staff", staff_id),
                 facts={"stage": task.stage, "outcome": outcome, "first_decided_by": task.first_decided_by})


def _first_approval(task: ReviewTask, staff_id: str, note: str, income_fen: int | None) -> None:
    task.state, task.first_decided_by = ReviewTask.State.AWAITING_SECOND, staff_id
    task.note, task.verified_monthly_income_fen = note.strip(), income_fen
    task.claimed_by, task.locked_until = "", None
    task.save()
    event_record("origination.review_task.first_approved", customer_id=task.customer_id, subject_id=task.id,
                 subject_type="origination.review_task", actor=Actor("staff", staff_id), facts={"stage": task.stage})


def _needs_second(application: Application) -> bool:
    """Say whether more than the four-eyes limit could be granted: what is wanted, else what the product allows."""
    on = clock.today()
    most = application.requested_fen or products.product_get(application.product, on=on).maximum_line_fen
    return most > current(on).four_eyes_above_fen


def _decision_check(outcome: str, note: str, codes: Sequence[str], income_fen: int | None) -> None:
    if outcome not in OUTCOMES:
        raise ReviewDecisionInvalid(problem=Text("请选择结论。", "choose an outcome."), field="outcome")
    if not note.strip():
        raise ReviewDecisionInvalid(problem=Text("请填写说明。", "write a note."), field="note")
    known = reasons.REVIEWER_REASONS if outcome == "decline" else reasons.RETURN_REASONS
    if outcome != "approve" and (not codes or not set(codes) <= set(known)):
        raise ReviewDecisionInvalid(problem=Text("请选择原因。", "choose at least one reason."), field="codes")
    if income_fen is not None and not 0 <= income_fen <= INCOME_LIMIT_FEN:
        raise ReviewDecisionInvalid(problem=Text("核实的月收入无效。", "the verified income is not valid."),
                                    field="verified_monthly_income_fen")
