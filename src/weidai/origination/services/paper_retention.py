"""How long papers are kept: until their consent is withdrawn, or for the pack's days after their purpose ended (R1.9, R8.5)."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from weidai.audit.services import event_record
from weidai.identity import selectors as identity
from weidai.limits import selectors as limits
from weidai.origination.models import Appeal, Application, ApplicationPaper
from weidai.origination.policy import current
from weidai.origination.services.papers import papers_drop
from weidai.origination.services.steps import application_locked
from weidai.platform import clock

WITHDRAWN = "consent_withdrawn"
_OVER = "retention_over"
_ENDED = (Application.State.DECLINED, Application.State.WITHDRAWN, Application.State.EXPIRED)


def papers_forget(customer_id: UUID, *, has_borrowed: bool) -> int:
    """Delete a customer's papers in the caller's transaction and return how many pages (R1.9).

    Of somebody who has borrowed, the papers of applications that became a line stay by law, unused; all others go.
    An application under review goes on without them: whoever decides sees that they were withdrawn.
    """
    pages = ApplicationPaper.objects.filter(customer_id=customer_id).exclude(
        state=ApplicationPaper.State.REMOVED)
    gone = 0
    for application_id in sorted(set(pages.values_list("application_id", flat=True))):
        application = application_locked(customer_id, application_id)
        if not (has_borrowed and application.state == Application.State.ACCEPTED):
            gone += papers_drop(application, reason=WITHDRAWN)
    return gone


def papers_expire(*, limit: int = 500) -> int:
    """Delete the papers of applications that ended long enough ago and return how many pages; one transaction each.

    Ended means declined, withdrawn or expired with no appeal open, or a line that was closed and never drawn. Of
    borrowers the law keeps them (R8.5). Safe to run again.
    """
    before = clock.now() - timedelta(days=current(clock.today()).papers.kept_days_after_end)
    held = ApplicationPaper.objects.exclude(state=ApplicationPaper.State.REMOVED)
    waiting = Appeal.objects.filter(Q(answered_at=None) | Q(answered_at__gte=before)).values("application_id")
    ended = held.filter(application__state__in=_ENDED, application__decided_at__lt=before).exclude(
        application_id__in=waiting).order_by("application_id").values_list("customer_id", "application_id").distinct()
    closed = limits.applications_of_undrawn_lines(closed_before=before)
    unused = held.filter(application__state=Application.State.ACCEPTED).filter(
        application_id__in=closed).order_by("application_id").values_list("customer_id", "application_id").distinct()
    free = (row for row in unused.iterator(chunk_size=limit) if not identity.has_borrowed(row[0]))
    due = [*ended[:limit], *islice(free, limit)]  # borrowers' papers stay: they must not fill the places of others
    return sum(_expire(customer_id, application_id) for customer_id, application_id in due)


@transaction.atomic
def _expire(customer_id: UUID, application_id: UUID) -> int:
    application = application_locked(customer_id, application_id)
    pages = papers_drop(application, reason=_OVER)
    if pages:
        event_record("origination.papers.expired", customer_id=customer_id, subject_type="origination.application",
                     subject_id=application_id, facts={"pages": pages, "state": application.state})
    return pages
