"""The only writer of applications, review tasks, offers and appeals (R4)."""

from weidai.origination.services.appeals import appeal_answer, appeal_open
from weidai.origination.services.applications import (
    application_answer,
    application_open,
    application_submit,
    applications_expire,
    withdraw,
)
from weidai.origination.services.final_review import final_review_run
from weidai.origination.services.offers import offer_accept, offer_decline
from weidai.origination.services.paper_retention import papers_expire
from weidai.origination.services.paper_review import Verdict, paper_judge, paper_look, paper_read_again, paper_reveal
from weidai.origination.services.papers import (
    paper_confirm,
    paper_read,
    paper_remove,
    paper_send,
)
from weidai.origination.services.reviews import line_review_run, line_reviews_run
from weidai.origination.services.screening import screening_run
from weidai.origination.services.verification import (
    next_case,
    verification_claim,
    verification_decide,
    verification_release,
)

__all__ = [
    "Verdict",
    "appeal_answer", "appeal_open", "application_answer", "application_open", "application_submit",
    "applications_expire", "final_review_run", "line_review_run", "line_reviews_run", "next_case", "offer_accept",
    "offer_decline", "paper_confirm", "paper_judge", "paper_look", "paper_read", "paper_read_again",
    "paper_remove", "paper_reveal", "paper_send", "papers_expire",
    "screening_run",
    "verification_claim", "verification_decide", "verification_release", "withdraw",
]
