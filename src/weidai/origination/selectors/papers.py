"""The papers of an application, ready to show: to the customer who sent them, and to permitted staff (R4.1, R4.6)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from weidai.kernel.text import Text
from weidai.origination import paper_words as words
from weidai.origination.errors import PaperNotFound
from weidai.origination.models import Application, ApplicationPaper
from weidai.vision import selectors as vision
from weidai.vision.rules.fields import SURE, Check, Field, Kind, PaperRead, StatementRow
from weidai.vision.rules.lines import Quad
from weidai.vision.selectors import PaperReadingRow

MOST_PAPERS = 200
CLEAR_PERCENT = 85  # how sure a row of a statement must have been read to count before a reviewer looked at it
READERS = {  # which kinds a machine reads, and as what
    "salary_statement": Kind.BANK_STATEMENT, "bank_statement": Kind.BANK_STATEMENT, "turnover_record": Kind.BANK_STATEMENT,
    "payslip": Kind.PAYSLIP, "tax_certificate": Kind.TAX_CERTIFICATE, "business_licence": Kind.BUSINESS_LICENCE,
}
_STATEMENT = ("name", "bank_name")
HAND_CODES: dict[str, tuple[str, ...]] = {  # kinds that a machine can read, and what a person may type off them instead
    "salary_statement": _STATEMENT, "bank_statement": _STATEMENT, "turnover_record": _STATEMENT,
    "payslip": ("name", "employer", "pay_month", "gross_fen", "deducted_fen", "net_fen"),
    "tax_certificate": ("name", "period", "income_fen", "tax_fen"),
    "business_licence": ("uscc", "company_name", "legal_representative", "registered_capital_fen", "founded_on"),
}


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """A reviewer's word on one field: accepted, doubted or corrected, and the value that counts then."""

    code: str
    verdict: str
    verdict_text: Text
    value: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaperFieldRow:
    """One field of a page. Amounts are fen as digits, dates ISO, months YYYY-MM.

    `value` is what counts: the reviewer's correction, else what the customer stated, else what was read.
    """

    code: str
    label: Text
    value: str
    read_value: str
    stated_value: str | None
    percent: int  # how sure the reading was
    is_sure: bool
    was_read: bool
    is_corrected: bool  # by the customer
    is_money: bool
    quad: Quad | None
    checks: tuple[Check, ...]
    verdict: VerdictRow | None


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One row of a statement; `follows` says whether its balance follows from the row before, None when untold."""

    code: str  # row.1, row.2 … as verdicts name it
    number: int
    booked_on: str
    summary: str
    amount_fen: int | None
    balance_fen: int | None
    percent: int
    follows: bool | None
    quad: Quad | None
    verdict: VerdictRow | None

    @property
    def is_unsure(self) -> bool:
        """Say whether the row was not read clearly and no reviewer accepted it or put it right: it does not count yet."""
        is_settled = self.verdict is not None and self.verdict.verdict in ("accepted", "corrected")
        return self.percent < CLEAR_PERCENT and not is_settled


@dataclass(frozen=True, slots=True)
class ApplicationPaperRow:
    """One page the customer sent, or one PDF of several. Personal data: for the customer and permitted staff only."""

    id: UUID
    customer_id: UUID
    application_id: UUID
    kind: str
    kind_text: Text
    page: int  # among the pages of its kind, from 1
    pages: int
    file_id: UUID
    media_type: str
    is_pdf: bool
    state: str
    state_text: Text
    reading: str  # waiting, read, by_person
    reading_text: Text
    unread_text: Text | None  # why no machine read it
    reading_id: UUID | None
    sent_at: datetime
    confirmed_at: datetime | None
    looked_at: datetime | None
    looked_by: str
    fields: tuple[PaperFieldRow, ...]
    bookings: tuple[BookingRow, ...]
    checks: tuple[Check, ...]  # between fields: pay_adds_up, tax_adds_up, balance_runs
    is_marked: bool  # copy or specimen
    paper: PaperRead | None  # width, height and turn of the frame the boxes are measured in
    needs_confirm: bool
    is_mutable: bool  # the customer may still take it back

    @property
    def hand_fields(self) -> tuple[PaperFieldRow, ...]:
        """Return what a reviewer types off a page that no machine read, with what was typed so far."""
        if self.reading == "read":
            return ()
        typed = {one.code: one for one in self.fields}
        return tuple(typed.get(code) or _field(Field(code, "", 0.0), {}, {}) for code in HAND_CODES.get(self.kind, ()))

    @property
    def pdf_pages(self) -> int:
        """Return how many pages of a PDF were read, 0 of a picture and while it was not read."""
        return len(self.paper.pages) if self.paper else 0

    @property
    def is_readable(self) -> bool:
        """Say whether a machine could read the page and has not: it is of a kind that has a reader."""
        return self.kind in HAND_CODES and self.reading != "read"

    @property
    def doubts(self) -> int:
        """Return how many fields and rows ask for a closer look."""
        return (sum(not one.is_sure or one.is_corrected for one in self.fields)
                + sum(one.follows is False or one.is_unsure for one in self.bookings))


def application_papers(customer_id: UUID, application_id: UUID, *, with_removed: bool = False) -> tuple[ApplicationPaperRow, ...]:
    """Return the pages of an application in the order they were sent; two statements."""
    rows = ApplicationPaper.objects.filter(customer_id=customer_id, application_id=application_id).select_related(
        "application").order_by("sent_at", "id")
    if not with_removed:
        rows = rows.exclude(state=ApplicationPaper.State.REMOVED)
    return paper_rows(rows[:MOST_PAPERS])


def paper_get(customer_id: UUID, paper_id: UUID) -> ApplicationPaperRow:
    """Return one page of the customer that was not taken back; PaperNotFound otherwise."""
    row = ApplicationPaper.objects.filter(customer_id=customer_id, id=paper_id).exclude(
        state=ApplicationPaper.State.REMOVED).first()
    if row is None:
        raise PaperNotFound
    found = application_papers(customer_id, row.application_id)
    return next(one for one in found if one.id == paper_id)


def is_open_for_papers(application: Application) -> bool:
    """Say whether the customer may send papers now: before handing in, and when a reviewer asked for something (R4.4)."""
    return application.state in (Application.State.DRAFT, Application.State.AWAITING_CUSTOMER)


def is_mutable(paper: ApplicationPaper, application: Application) -> bool:
    """Say whether the customer may take a page back: it was not handed in yet."""
    return is_open_for_papers(application) and paper.sent_at >= (application.state_since if application.submitted_at
                                                                else application.opened_at)


def paper_rows(papers: Iterable[ApplicationPaper]) -> tuple[ApplicationPaperRow, ...]:
    """Return pages as shown, numbered within their kind."""
    found = list(papers)
    counted = [one for one in found if one.state != ApplicationPaper.State.REMOVED]
    read = vision.readings_by_id({(one.customer_id, one.reading_id) for one in found if one.reading_id is not None})
    numbers = {kind: [one.id for one in counted if one.kind == kind] for kind in {one.kind for one in counted}}
    return tuple(_row(one, numbers.get(one.kind, []), read.get(one.reading_id) if one.reading_id else None) for one in found)


def _row(paper: ApplicationPaper, ids: list[UUID], read: PaperReadingRow | None) -> ApplicationPaperRow:
    stated, verdicts = _kept(paper.stated), _verdicts(paper)
    reading = read.paper.reading if read else None
    return ApplicationPaperRow(
        id=paper.id, customer_id=paper.customer_id, application_id=paper.application_id, kind=paper.kind,
        kind_text=words.KIND_TEXTS[paper.kind], page=ids.index(paper.id) + 1 if paper.id in ids else 0, pages=len(ids),
        file_id=paper.file_id, media_type=paper.media_type, is_pdf=paper.media_type == "application/pdf",
        state=paper.state, state_text=words.PAPER_STATE_TEXTS[paper.state], reading=paper.reading,
        reading_text=words.READING_TEXTS[paper.reading],
        unread_text=words.unread_text(paper.unread_reason) if paper.unread_reason else None, reading_id=paper.reading_id,
        sent_at=paper.sent_at, confirmed_at=paper.confirmed_at, looked_at=paper.looked_at, looked_by=paper.looked_by,
        fields=tuple(_field(one, stated, verdicts) for one in (reading.fields if reading else _typed(paper, verdicts))),
        bookings=tuple(_booking(one, at, verdicts) for at, one in enumerate(reading.rows, start=1)) if reading else (),
        checks=reading.checks if reading else (), is_marked=reading.is_marked if reading else False,
        paper=read.paper if read else None,
        needs_confirm=read is not None and paper.state == ApplicationPaper.State.SENT,
        is_mutable=paper.state != ApplicationPaper.State.REMOVED and is_mutable(paper, paper.application))


def _typed(paper: ApplicationPaper, verdicts: Mapping[str, VerdictRow]) -> list[Field]:
    """Return the fields a reviewer typed off a page that no machine read."""
    return [Field(code, "", 0.0) for code in HAND_CODES.get(paper.kind, ()) if code in verdicts]


def _field(field: Field, stated: dict[str, Any], verdicts: Mapping[str, VerdictRow]) -> PaperFieldRow:
    verdict, said = verdicts.get(field.code), stated.get(field.code)
    value = verdict.value if verdict and verdict.verdict == "corrected" else said if said is not None else field.value
    return PaperFieldRow(
        code=field.code, label=words.FIELD_TEXTS[field.code], value=value, read_value=field.value, stated_value=said,
        percent=round(field.confidence * 100), is_sure=field.confidence >= SURE and not field.is_doubtful,
        was_read=bool(field.value), is_corrected=said is not None, is_money=field.code.endswith("_fen"), quad=field.quad,
        checks=field.checks, verdict=verdict)


def _booking(row: StatementRow, number: int, verdicts: Mapping[str, VerdictRow]) -> BookingRow:
    code = f"row.{number}"
    verdict = verdicts.get(code)
    amount = int(verdict.value) if verdict and verdict.verdict == "corrected" else row.amount_fen
    return BookingRow(code=code, number=number, booked_on=row.booked_on, summary=row.summary, amount_fen=amount,
                      balance_fen=row.balance_fen, percent=round(row.confidence * 100), follows=row.adds_up, quad=row.quad,
                      verdict=verdict)


def _verdicts(paper: ApplicationPaper) -> dict[str, VerdictRow]:
    return {code: VerdictRow(code, one["verdict"], words.VERDICT_TEXTS[one["verdict"]], one["value"], one.get("note", ""),
                             one["by"], datetime.fromisoformat(one["at"]))
            for code, one in _kept(paper.verdicts).items()}


def _kept(sealed: str | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sealed) if sealed else {}
    return found
