"""Applying for a line, its progress, the offer (R4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from weidai.limits import selectors as limits
from weidai.origination import selectors, services
from weidai.web.api.fields import Fen, FenOrZero, Flag, Input, Line, Schema, ShortLine, Word, Words, WordsOrNone
from weidai.web.api.paging import DEFAULT_LIMIT, Limit, page_after

router = Router(tags=["applications"])
MOST_APPLICATIONS = 500


class OpenIn(Input):
    """Which product."""

    product: Word


class SubmitIn(Input):
    """What the customer declares; `requested_fen` may be left out."""

    declared_monthly_income_fen: FenOrZero
    region_code: Word
    employer: ShortLine = ""
    requested_fen: Fen | None = None
    wants_person: Flag = False
    second_repayment_source: Line = ""


class AnswerIn(Input):
    """What the reviewer asked for; empty where papers were sent instead."""

    note: Line = ""


class AppealIn(Input):
    """Why the decision is wrong."""

    statement: Line


class ReasonOut(Schema):
    """A reason in plain words."""

    code: str
    text: Words


class TermOut(Schema):
    """One term of the limit formula (R5.2); fen."""

    code: str
    label: Words
    amount_fen: int
    running_fen: int
    detail: Words


class OfferOut(Schema):
    """What is offered; rate in 1e-8 a day."""

    id: UUID
    state: str
    amount_fen: int
    grade: str
    daily_rate_e8: int
    segment: str
    terms: list[TermOut]
    debt_to_income: str | None
    made_at: datetime
    valid_until: datetime
    is_open: bool
    line_id: UUID | None


class ApplicationOut(Schema):
    """An application and where it stands."""

    id: UUID
    product: str
    product_name: Words
    state: str
    state_text: Words
    state_since: datetime
    requested_fen: int | None
    wants_person: bool
    opened_at: datetime
    submitted_at: datetime | None
    expected_by: datetime | None
    decided_at: datetime | None
    decline_reasons: list[ReasonOut]
    offer: OfferOut | None
    can_withdraw: bool
    can_appeal: bool


class EventOut(Schema):
    """One step of the timeline; `wanted` names what a reviewer asked for."""

    sequence: int
    to_state: str
    to_text: Words
    wanted: list[Words]
    note: WordsOrNone
    happened_at: datetime


class ApplicationPage(Schema):
    """A page of applications, newest first."""

    items: list[ApplicationOut]
    next: UUID | None


class Accepted(Schema):
    """The application and the line it became; activate the line next."""

    application: ApplicationOut
    line_id: UUID | None


@router.get("", response=ApplicationPage)
def applications(request: HttpRequest, after: UUID | None = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """The customer's applications, newest first."""
    return page_after(selectors.applications_for(request.customer_id, limit=MOST_APPLICATIONS), after=after, limit=limit)


@router.post("", response={201: ApplicationOut})
def application_open(request: HttpRequest, wish: OpenIn) -> Any:
    """Open a draft, or return the draft of that product there is."""
    return Status(201, services.application_open(request.customer_id, product=wish.product, channel="api"))


@router.get("/{uuid:application_id}", response=ApplicationOut)
def application(request: HttpRequest, application_id: UUID) -> Any:
    """One application; poll it while a stage runs by itself."""
    return selectors.application_get(request.customer_id, application_id)


@router.get("/{uuid:application_id}/timeline", response=list[EventOut])
def timeline(request: HttpRequest, application_id: UUID) -> Any:
    """The steps of an application, oldest first."""
    selectors.application_get(request.customer_id, application_id)
    return selectors.timeline(request.customer_id, application_id)


@router.post("/{uuid:application_id}/submit", response=ApplicationOut)
def application_submit(request: HttpRequest, application_id: UUID, stated: SubmitIn) -> Any:
    """Hand the application in; screening starts by itself. Again with the same draft changes nothing."""
    return services.application_submit(
        request.customer_id, application_id=application_id, region_code=stated.region_code,
        declared_monthly_income_fen=stated.declared_monthly_income_fen, employer=stated.employer,
        requested_fen=stated.requested_fen, wants_person=stated.wants_person,
        second_repayment_source=stated.second_repayment_source)


@router.post("/{uuid:application_id}/answer", response=ApplicationOut)
def application_answer(request: HttpRequest, application_id: UUID, said: AnswerIn) -> Any:
    """Answer what the reviewer asked for."""
    services.application_answer(request.customer_id, application_id=application_id, note=said.note)
    return application(request, application_id)


@router.post("/{uuid:application_id}/accept", response=Accepted)
def offer_accept(request: HttpRequest, application_id: UUID) -> Any:
    """Take the offered line."""
    services.offer_accept(request.customer_id, application_id=application_id)
    line = limits.line_for_application(request.customer_id, application_id)
    return {"application": application(request, application_id), "line_id": line.id if line else None}


@router.post("/{uuid:application_id}/decline", response=ApplicationOut)
def offer_decline(request: HttpRequest, application_id: UUID) -> Any:
    """Say no to the offer; nothing is granted."""
    services.offer_decline(request.customer_id, application_id=application_id)
    return application(request, application_id)


@router.post("/{uuid:application_id}/withdraw", response=ApplicationOut)
def application_withdraw(request: HttpRequest, application_id: UUID) -> Any:
    """Withdraw an application that is not decided."""
    services.withdraw(request.customer_id, application_id=application_id)
    return application(request, application_id)


@router.post("/{uuid:application_id}/appeal", response=ApplicationOut)
def appeal(request: HttpRequest, application_id: UUID, said: AppealIn) -> Any:
    """Ask a person to look at the decision again (R4.6)."""
    services.appeal_open(request.customer_id, application_id=application_id, statement=said.statement)
    return application(request, application_id)
