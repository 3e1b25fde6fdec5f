"""Appeals: a human other than the first decider looks again within five working days (R4.5)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from weidai.audit.services import Actor, event_record
from weidai.kernel.text import Text
from weidai.messaging.services import notice_send
from weidai.origination import selectors
from weidai.origination.errors import (
    AppealNotPossible,
    AppealStatementRequired,
    ApplicationExists,
    ReviewDecisionInvalid,
    ReviewTaskNotFound,
)
from weidai.origination.models import OPEN_STATES, Appeal, Application
from weidai.origination.policy import calendar, current
from weidai.origination.selectors import ApplicationRow
from weidai.origination.services.steps import application_locked, move, task_open
from weidai.origination.services.verification import require_claimed, require_other_person, task_close, task_locked
from weidai.origination.words import OUTCOME_TEXTS
from weidai.platform import clock

SHORTEST_STATEMENT, LONGEST_STATEMENT = 10, 1000


@transaction.atomic
def appeal_open(customer_id: UUID, *, application_id: UUID, statement: str) -> ApplicationRow:
    """Ask a person to look at a declined application again; each can be appealed once."""
    application = application_locked(customer_id, application_id)
    words = statement.strip()
    if not SHORTEST_STATEMENT <= len(words) <= LONGEST_STATEMENT:
        raise AppealStatementRequired(least=SHORTEST_STATEMENT, most=LONGEST_STATEMENT)
    if application.state != Application.State.DECLINED or Appeal.objects.filter(
            customer_id=customer_id, application=application).exists():
        raise AppealNotPossible
    on = clock.today()
    task = task_open(application, stage="appeal", reasons=[one["code"] for one in application.decline_reasons])
    appeal = Appeal.objects.create(
        customer_id=customer_id, application=application, task=task, statement=words, opened_at=clock.now(),
        due_on=calendar(on).working_days_after(on, current(on).appeal_working_days))
    event_record("origination.appeal.opened", customer_id=customer_id, subject_type="origination.appeal",
                 subject_id=appeal.id, facts={"application_id": str(application_id), "due_on": appeal.due_on})
    return selectors.application_get(customer_id, application_id)


@transaction.atomic
def appeal_answer(customer_id: UUID, *, task_id: UUID, staff_id: str, outcome: str, answer: str) -> str:
    """Answer an appeal: `uphold` the decision, or `reopen` the case, which goes to verification; return its state."""
    application, task = task_locked(customer_id, task_id)
    appeal = Appeal.objects.filter(customer_id=customer_id, task=task, state=Appeal.State.OPEN).first()
    if appeal is None:
        raise ReviewTaskNotFound
    require_claimed(task, staff_id)
    require_other_person(application, task, staff_id)
    if outcome not in ("uphold", "reopen"):
        raise ReviewDecisionInvalid(problem=Text("请选择结论。", "choose an outcome."), field="outcome")
    if not answer.strip():
        raise ReviewDecisionInvalid(problem=Text("请填写给客户的答复。", "write the answer to the customer."),
                                    field="answer")
    if outcome == "reopen" and Application.objects.filter(
            customer_id=customer_id, product=application.product, state__in=OPEN_STATES).exists():
        raise ApplicationExists
    task_close(task, staff_id=staff_id, outcome=outcome, note=answer)
    Appeal.objects.filter(customer_id=customer_id, id=appeal.id).update(
        state=Appeal.State.UPHELD if outcome == "uphold" else Appeal.State.REOPENED, answered_at=clock.now())
    appeal.refresh_from_db()
    appeal.answer = answer.strip()
    appeal.save(update_fields=["answer"])
    if outcome == "reopen":
        move(application, Application.State.VERIFICATION, by="staff", codes=["origination.appeal_reopened"],
             actor=Actor("staff", staff_id))
        task_open(application, stage="verification", reasons=["origination.appeal_reopened"])
    event_record("origination.appeal.answered", customer_id=customer_id, subject_type="origination.appeal",
                 subject_id=appeal.id, actor=Actor("staff", staff_id), facts={"outcome": outcome})
    notice_send(customer_id, template="origination.appeal_answered", values={"outcome": OUTCOME_TEXTS[outcome]})
    return application.state
