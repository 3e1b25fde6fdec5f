"""Automatic stages, started through the outbox so that a crash between any two steps resumes (R4.4)."""

from __future__ import annotations

from uuid import UUID

from weidai.origination import services
from weidai.origination.models import ApplicationEvent
from weidai.origination.services.papers import PAPER_READ
from weidai.origination.services.steps import FINAL_REVIEW, SCREENING
from weidai.platform import outbox


@outbox.handles(SCREENING)
def screening_deliver(delivery: outbox.Delivery) -> None:
    """Screen the application whose submission this message tells of."""
    services.screening_run(delivery.customer_id, application_id=_application_id(delivery))


@outbox.handles(FINAL_REVIEW)
def final_review_deliver(delivery: outbox.Delivery) -> None:
    """Decide the application whose entry into final review this message tells of."""
    services.final_review_run(delivery.customer_id, application_id=_application_id(delivery))


@outbox.handles(PAPER_READ)
def paper_deliver(delivery: outbox.Delivery) -> None:
    """Have a page read that waits for the reader (R4.1)."""
    services.paper_read(delivery.customer_id, paper_id=delivery.subject_id, attempt=delivery.attempt)


def _application_id(delivery: outbox.Delivery) -> UUID:
    """The subject is the step of the timeline, so that a case looked at twice is delivered twice."""
    event = ApplicationEvent.objects.get(customer_id=delivery.customer_id, id=delivery.subject_id)
    return UUID(str(event.application_id))
