"""One guarded step of an application: state, timeline and evidence in the caller's transaction (R4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from django.db.models import Max

from weidai.audit.services import Actor, current_actor, event_record
from weidai.kernel.text import Text
from weidai.origination import rules
from weidai.origination.errors import ApplicationNotFound, ApplicationStateConflict
from weidai.origination.models import Application, ApplicationEvent, ReviewTask
from weidai.origination.policy import calendar, current
from weidai.origination.words import STATE_TEXTS
from weidai.platform import clock, outbox
from weidai.products import selectors as products

SCREENING = "origination.screening"
FINAL_REVIEW = "origination.final_review"


def application_locked(customer_id: UUID, application_id: UUID) -> Application:
    """Return the application locked until the caller's transaction ends."""
    application = Application.objects.select_for_update().filter(customer_id=customer_id, id=application_id).first()
    if application is None:
        raise ApplicationNotFound
    return application


def state_conflict(application: Application) -> ApplicationStateConflict:
    """Return the refusal that names the state the application is in."""
    return ApplicationStateConflict(state=STATE_TEXTS[application.state])


def move(
    application: Application, target: str, *, by: rules.Actor, codes: Sequence[str] = (), note: str | None = None,
    actor: Actor | None = None,
) -> ApplicationEvent:
    """Move a locked application, write its timeline and its event; a move the table does not allow is refused.

    Entering a stage that the system does by itself enqueues it in the same transaction, so a crash loses nothing.
    """
    source = application.state
    if not rules.can_move(cast(rules.State, source), cast(rules.State, target), by=by):
        raise state_conflict(application)
    moment, who = clock.now(), actor or current_actor()
    application.state, application.state_since = target, moment
    if target in ("offered", "declined", "withdrawn", "expired"):
        application.decided_at = moment
    application.save(update_fields=["state", "state_since", "decided_at"])
    event = timeline_add(application, source=source, target=target, codes=codes, note=note, who=who)
    if target == Application.State.SUBMITTED:
        outbox.enqueue(application.customer_id, kind=SCREENING, subject_id=event.id)
    if target == Application.State.FINAL_REVIEW:
        outbox.enqueue(application.customer_id, kind=FINAL_REVIEW, subject_id=event.id)
    event_record(f"origination.application.{_PAST.get(target, target)}", customer_id=application.customer_id,
                 subject_type="origination.application", subject_id=application.id, actor=actor,
                 facts={"from": source, "to": target, "codes": list(codes), "product": application.product,
                        "pack_version": application.pack_version})
    return event


def timeline_add(
    application: Application, *, source: str, target: str, codes: Sequence[str] = (), note: str | None = None,
    who: Actor | None = None,
) -> ApplicationEvent:
    """Append a row to the timeline of a locked application."""
    last = ApplicationEvent.objects.filter(customer_id=application.customer_id, application=application).aggregate(
        last=Max("sequence"))["last"] or 0
    actor = who or current_actor()
    return ApplicationEvent.objects.create(
        customer_id=application.customer_id, application=application, sequence=last + 1, from_state=source,
        to_state=target, codes=list(codes), actor_kind=actor.kind, actor_id=actor.id, note=note,
        happened_at=clock.now())


def task_open(application: Application, *, stage: str, reasons: Sequence[str]) -> ReviewTask:
    """Open work for a person; its due instant counts working time only (R4.3), an appeal's in working days (R4.5)."""
    moment, on = clock.now(), clock.today()
    policy, days = current(on), calendar(on)
    if stage == "appeal":
        minutes = policy.appeal_working_days * days.minutes_per_day
    else:
        minutes = policy.stage("verification").sla_minutes
    mine = ReviewTask.objects.filter(customer_id=application.customer_id, application=application)
    rounds = mine.filter(stage=stage).count()
    return ReviewTask.objects.create(
        customer_id=application.customer_id, application=application, stage=stage, round=rounds + 1,
        reasons=list(reasons), opened_at=moment, due_at=days.after_working_minutes(moment, minutes).at)


def tasks_cancel(application: Application) -> None:
    """Take an application's open work off the queues."""
    ReviewTask.objects.filter(
        customer_id=application.customer_id, application=application,
        state__in=[ReviewTask.State.OPEN, ReviewTask.State.AWAITING_SECOND]).update(
        state=ReviewTask.State.CANCELLED, locked_until=None)


def product_name(application: Application) -> Text:
    """Return the product's display name in the pack in force."""
    return products.product_get(application.product, on=clock.today()).name


_PAST = {"screening": "screening_started", "verification": "verification_opened",
         "final_review": "final_review_started", "awaiting_customer": "returned_to_customer"}
