"""Reading applications: rows for the customer's pages and for the console (R4.3–R4.6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from weidai.kernel.text import Text
from weidai.origination import reasons
from weidai.origination.errors import ApplicationNotFound
from weidai.origination.models import OPEN_STATES, Appeal, Application, ApplicationEvent, Offer
from weidai.origination.words import APPEAL_TEXTS, STATE_TEXTS
from weidai.platform import clock
from weidai.products import selectors as products

_WITHDRAWABLE = frozenset(OPEN_STATES)


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason in plain words."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class TermRow:
    """One term of the limit formula as shown (R5.2); fen."""

    code: str
    label: Text
    amount_fen: int
    running_fen: int
    detail: Text


@dataclass(frozen=True, slots=True)
class OfferRow:
    """What is offered: amount in fen, rate in 1e-8 a day, each term of the formula."""

    id: UUID
    state: str
    amount_fen: int
    grade: str
    daily_rate_e8: int
    segment: str
    terms: tuple[TermRow, ...]
    debt_to_income: str | None
    made_at: datetime
    valid_until: datetime
    is_open: bool
    line_id: UUID | None


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An appeal and its answer."""

    id: UUID
    task_id: UUID
    state: str
    state_text: Text
    statement: str
    opened_at: datetime
    due_on: date
    answer: str | None


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application as the customer sees it; amounts in fen."""

    id: UUID
    customer_id: UUID
    product: str
    product_name: Text
    channel: str
    state: str
    state_text: Text
    state_since: datetime
    requested_fen: int | None
    declared_monthly_income_fen: int | None
    verified_monthly_income_fen: int | None
    occupation: str
    employer: str | None
    region_code: str
    note: str | None
    wants_person: bool
    second_repayment_source: str | None
    opened_at: datetime
    submitted_at: datetime | None
    expected_by: datetime | None
    decided_at: datetime | None
    pack_version: str
    assessment_id: UUID | None
    decline_reasons: tuple[ReasonRow, ...]
    offer: OfferRow | None
    appeal: AppealRow | None
    can_withdraw: bool
    can_appeal: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    """One step of the timeline; `wanted` names what a reviewer asked the customer for."""

    sequence: int
    from_state: str
    to_state: str
    to_text: Text
    codes: tuple[str, ...]
    wanted: tuple[Text, ...]
    actor_kind: str
    actor_id: str
    note: str | None
    happened_at: datetime


def application_get(customer_id: UUID, application_id: UUID) -> ApplicationRow:
    """Return one application of the customer."""
    application = Application.objects.filter(customer_id=customer_id, id=application_id).first()
    if application is None:
        raise ApplicationNotFound
    return application_row(application)


def applications_for(customer_id: UUID, *, limit: int = 50) -> list[ApplicationRow]:
    """Return the customer's applications, newest first; three statements."""
    return application_rows(Application.objects.filter(customer_id=customer_id).order_by("-opened_at", "-id")[:limit])


def open_application(customer_id: UUID, *, product: str | None = None) -> ApplicationRow | None:
    """Return the newest application that is still running."""
    rows = Application.objects.filter(customer_id=customer_id, state__in=OPEN_STATES).order_by("-opened_at", "-id")
    row = (rows.filter(product=product) if product else rows).first()
    return application_row(row) if row else None


def has_open_appeal(customer_id: UUID) -> bool:
    """Say whether somebody still has to answer an appeal of this customer (R4.5)."""
    return Appeal.objects.filter(customer_id=customer_id, state=Appeal.State.OPEN).exists()


def timeline(customer_id: UUID, application_id: UUID, *, with_notes: bool = False) -> list[EventRow]:
    """Return the steps of an application, oldest first; internal notes only for staff."""
    rows = ApplicationEvent.objects.filter(customer_id=customer_id, application_id=application_id).order_by("sequence")
    return [
        EventRow(sequence=row.sequence, from_state=row.from_state, to_state=row.to_state,
                 to_text=STATE_TEXTS[row.to_state], codes=tuple(row.codes),
                 wanted=tuple(reasons.RETURN_REASONS[code] for code in row.codes if code in reasons.RETURN_REASONS),
                 actor_kind=row.actor_kind, actor_id=row.actor_id if with_notes else "",
                 note=row.note if with_notes or row.to_state == Application.State.AWAITING_CUSTOMER else None,
                 happened_at=row.happened_at)
        for row in rows
    ]


def application_row(application: Application) -> ApplicationRow:
    """Return an application as shown."""
    return application_rows([application])[0]


def application_rows(applications: Iterable[Application]) -> list[ApplicationRow]:
    """Return applications as shown, with their offers and appeals; two further statements."""
    found = list(applications)
    mine = {"customer_id__in": {row.customer_id for row in found}, "application__in": found}
    offers = {row.application_id: row for row in Offer.objects.filter(**mine)}
    appeals = {row.application_id: row for row in Appeal.objects.filter(**mine)}
    return [_row(one, offer=offers.get(one.id), appeal=appeals.get(one.id)) for one in found]


def _row(application: Application, *, offer: Offer | None, appeal: Appeal | None) -> ApplicationRow:
    state = application.state
    return ApplicationRow(
        id=application.id, customer_id=application.customer_id, product=application.product,
        product_name=products.product_get(application.product, on=clock.today()).name, channel=application.channel,
        state=state, state_text=STATE_TEXTS[state], state_since=application.state_since,
        requested_fen=application.requested_fen, declared_monthly_income_fen=application.declared_monthly_income_fen,
        verified_monthly_income_fen=application.verified_monthly_income_fen, occupation=application.occupation,
        employer=application.employer, region_code=application.region_code, note=application.note,
        wants_person=application.wants_person, second_repayment_source=application.second_repayment_source,
        opened_at=application.opened_at, submitted_at=application.submitted_at, expected_by=application.expected_by,
        decided_at=application.decided_at, pack_version=application.pack_version,
        assessment_id=application.assessment_id,
        decline_reasons=tuple(ReasonRow(one["code"], reasons.reason_text(one)) for one in application.decline_reasons),
        offer=_offer_row(offer) if offer else None, appeal=_appeal_row(appeal) if appeal else None,
        can_withdraw=state in _WITHDRAWABLE, can_appeal=state == Application.State.DECLINED and appeal is None)


def terms_rows(stored: list[dict[str, Any]]) -> tuple[TermRow, ...]:
    """Return stored terms as shown (also for a limit change)."""
    return tuple(
        TermRow(code=one["code"], label=Text(one["label_zh"], one["label_en"]), amount_fen=one["amount_fen"],
                running_fen=one["running_fen"], detail=Text(one["detail_zh"], one["detail_en"])) for one in stored)


def _offer_row(offer: Offer) -> OfferRow:
    return OfferRow(
        id=offer.id, state=offer.state, amount_fen=offer.amount_fen, grade=offer.grade,
        daily_rate_e8=offer.daily_rate_e8, segment=offer.segment, terms=terms_rows(offer.terms),
        debt_to_income=offer.inputs.get("debt_to_income"), made_at=offer.made_at, valid_until=offer.valid_until,
        is_open=offer.state == Offer.State.OPEN and offer.valid_until > clock.now(), line_id=offer.line_id)


def _appeal_row(appeal: Appeal) -> AppealRow:
    return AppealRow(id=appeal.id, task_id=appeal.task_id, state=appeal.state, state_text=APPEAL_TEXTS[appeal.state],
                     statement=appeal.statement, opened_at=appeal.opened_at, due_on=appeal.due_on, answer=appeal.answer)
