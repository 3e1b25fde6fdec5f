"""Reading applications, queues and cases: typed rows ready to show (R4.3–R4.6)."""

from weidai.origination.reasons import RETURN_REASONS, REVIEWER_REASONS
from weidai.origination.selectors.applications import (
    AppealRow,
    ApplicationRow,
    EventRow,
    OfferRow,
    ReasonRow,
    TermRow,
    application_get,
    application_row,
    application_rows,
    applications_for,
    open_application,
    terms_rows,
    timeline,
)
from weidai.origination.selectors.console import (
    CaseRow,
    CheckRow,
    QueueCounts,
    TaskRow,
    applications_list,
    case,
    queue,
    queue_counts,
)
from weidai.origination.selectors.lists import (
    ApplicationFilter,
    ApplicationListRow,
    SubmittedDay,
    application_of_task,
    applications_iterate,
    applications_page,
    second_person_count,
    submitted_by_day,
)

__all__ = [
    "RETURN_REASONS", "REVIEWER_REASONS", "AppealRow", "ApplicationFilter", "ApplicationListRow",
    "ApplicationRow", "CaseRow", "CheckRow", "EventRow", "OfferRow",
    "QueueCounts", "ReasonRow", "SubmittedDay", "TaskRow", "TermRow", "application_get",
    "application_of_task", "application_row", "application_rows", "applications_for",
    "applications_iterate", "applications_list", "applications_page", "case", "open_application",
    "queue", "queue_counts", "second_person_count", "submitted_by_day", "terms_rows", "timeline",
]
