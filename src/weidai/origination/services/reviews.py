"""Scheduled reviews of credit lines: the formula again, with fresh facts (R5.1, R5.3)."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

import structlog

from weidai.assessment import services as assessments
from weidai.identity import selectors as identity
from weidai.kernel.errors import PartnerUnavailable, Refusal
from weidai.limits import selectors as limits
from weidai.limits import services as limit_services
from weidai.limits.selectors import LimitChangeRow
from weidai.limits.services import ReviewResult
from weidai.origination import rules
from weidai.origination.models import Application
from weidai.origination.services.final_review import terms_stored, verdict_for
from weidai.policy.services import decision_keep

log = structlog.get_logger(__name__)


def line_review_run(customer_id: UUID, *, line_id: UUID, reason: str = "scheduled_review") -> LimitChangeRow:
    """Assess the customer anew and apply what the formula says to one line; once per review date.

    The bureau is asked only under a standing authorization; without it the report's points are simply missing. A holder
    who is overdue is stopped by a hold, not by this formula.
    """
    line = limits.line_get(customer_id, line_id)
    cause_id = uuid5(line_id, f"{reason}:{line.next_review_on.isoformat()}")
    may_ask = identity.has_consent(customer_id, "credit_report")
    row = assessments.assessment_run(customer_id, trigger="limit_review", cause_id=cause_id,
                                     bureau_reason="limit_review" if may_ask else None)
    application = Application.objects.get(customer_id=customer_id, id=line.application_id)
    facts, found = verdict_for(application, row, reviewed=line)
    decision_keep("limit_review", customer_id=customer_id, subject_id=row.id, inputs=rules.facts_json(facts),
                  outcome=rules.outcome_json(found))
    return limit_services.line_review(customer_id, line_id=line_id, result=ReviewResult(
        amount_fen=found.amount_fen, reason=reason, terms=terms_stored(found.decision), cause_id=cause_id))


def line_reviews_run(on: date, *, limit: int = 1000) -> int:
    """Review the lines whose date has come and return how many were done; one that fails waits for the next run."""
    done = 0
    for customer_id, line_id in limits.reviews_due(on, limit=limit):
        try:
            line_review_run(customer_id, line_id=line_id)
        except (PartnerUnavailable, Refusal) as refusal:
            log.warning("origination.line_review_postponed", line_id=str(line_id), code=refusal.code)
            continue
        done += 1
    return done
