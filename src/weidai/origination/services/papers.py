"""Papers of an application: sent, read, confirmed, taken back, judged field by field (R4.1, R4.4, R4.6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q

from weidai.audit.services import Actor, event_record
from weidai.files import selectors as file_rows
from weidai.files import services as files
from weidai.files.errors import FileErased
from weidai.identity import services as identity_services
from weidai.identity.consent_texts import INCOME_PAPERS
from weidai.kernel.errors import Refusal
from weidai.origination import errors, paper_words, rules
from weidai.origination.models import Application, ApplicationPaper
from weidai.origination.policy import current
from weidai.origination.selectors.needs import kinds_open
from weidai.origination.selectors.papers import READERS, ApplicationPaperRow, is_mutable, is_open_for_papers, paper_get
from weidai.origination.services.steps import application_locked
from weidai.origination.words import STATE_TEXTS
from weidai.platform import clock, outbox
from weidai.platform.ids import uuid7
from weidai.vision import errors as vision_errors
from weidai.vision import selectors as vision
from weidai.vision import services as readings

PAPER_READ = "origination.paper_read"
PDF = "application/pdf"
MOST_LOOKS = 120  # whether a PDF has been read, which takes minutes when it is long
MOST_TRIES = 20  # for a reader that is busy or away; then a person reads the page
_MB = 1024 * 1024
_PATIENCE_SECONDS = 5


def paper_send(
    customer_id: UUID, *, application_id: UUID, kind: str, content: bytes | IO[bytes] | File[bytes], name: str = "",
) -> ApplicationPaperRow:
    """Keep one page of a paper, sealed, and have it read; the same content again is the page that is there already.

    Papers rest on a consent of their own (R1.9). Refused when the application takes no papers now (PapersClosed), asks for
    none of this kind, or the file itself is refused (`weidai.files.errors`). Reading follows after the commit and never
    loses the page: what no machine can read is left to a person. `content` is read up to the limit only.
    """
    application = _open(customer_id, application_id)
    if kind not in kinds_open(application):
        raise errors.PaperKindUnknown(field="kind")
    identity_services.present_consent_require(customer_id, INCOME_PAPERS)
    limits = current(clock.today()).upload
    size = len(content) if isinstance(content, bytes) else getattr(content, "size", 0) or 0
    if size > limits.maximum_bytes:
        raise errors.PaperTooLarge(field="file", limit_mb=limits.maximum_bytes // _MB)
    was_there = {row.id for row in file_rows.files_for(customer_id, kind="document")}
    file = files.file_store(customer_id, kind="document", content=content, name=name)
    try:
        _pdf_require(customer_id, file)
        paper_id = _kept(customer_id, application_id, kind, file)
    except Refusal:
        if file.id not in was_there:
            files.file_delete(customer_id, file.id, reason="origination.paper_refused")
        raise
    identity_services.consent_still_require(customer_id, INCOME_PAPERS)
    return paper_get(customer_id, paper_id)


def _pdf_require(customer_id: UUID, file: file_rows.FileRow) -> None:
    """Refuse a PDF that nobody could look at: locked, broken, without a page or too long. Nobody there to ask: keep it."""
    if file.media_type == PDF and vision.reads_pdfs():
        opened = files.file_open(customer_id, file.id, reason="origination.paper_opened")
        with suppress(vision_errors.ReadingUnavailable, vision_errors.ReadingBusy, vision_errors.ReadingFailed):
            vision.page_sizes(opened.content)


@transaction.atomic
def _kept(customer_id: UUID, application_id: UUID, kind: str, file: file_rows.FileRow) -> UUID:
    application = application_locked(customer_id, application_id)
    if not is_open_for_papers(application):
        raise errors.PapersClosed(state=STATE_TEXTS[application.state])
    mine = ApplicationPaper.objects.filter(customer_id=customer_id, application=application).exclude(
        state=ApplicationPaper.State.REMOVED)
    if (known := mine.filter(kind=kind, file_id=file.id).first()) is not None:
        return known.id
    most = current(clock.today()).upload.maximum_files
    if mine.count() >= most:
        raise errors.TooManyPapers(count=most)
    reason = _no_reader(kind, file.media_type)
    states = ApplicationPaper.Reading
    paper = ApplicationPaper.objects.create(
        id=uuid7(), customer_id=customer_id, application=application, kind=kind, file_id=file.id,
        media_type=file.media_type, reading=states.BY_PERSON if reason else states.WAITING, unread_reason=reason,
        sent_at=clock.now())
    if not reason:
        outbox.enqueue(customer_id, kind=PAPER_READ, subject_id=paper.id)
    _record(paper, "sent", media_type=file.media_type, digest=file.digest, unread=reason)
    return paper.id


def _no_reader(kind: str, media_type: str) -> str:
    """Return why no machine will read a page, empty when one will."""
    if kind not in READERS:
        return "no_reader"
    if media_type == PDF and not vision.reads_pdfs():
        return "pdf"
    return "" if vision.is_installed() else vision_errors.ReadingUnavailable.code


def paper_read(customer_id: UUID, *, paper_id: UUID, attempt: int) -> None:
    """Read a page that waits; raises `outbox.TryAgain` while the reader is busy or away. Again changes nothing.

    After MOST_TRIES, or when nothing can be made out, the page is left to a person; the picture stays in any case.
    """
    paper = ApplicationPaper.objects.filter(customer_id=customer_id, id=paper_id).first()
    if paper is None or paper.reading != ApplicationPaper.Reading.WAITING or paper.state != ApplicationPaper.State.SENT:
        return
    try:
        opened = files.file_open(customer_id, paper.file_id, reason="origination.paper_read")
        row = readings.paper_take(customer_id, picture=opened.content, kind=READERS[paper.kind], file_id=paper.file_id)
    except vision_errors.PdfStillRead as still:
        if attempt < MOST_LOOKS:
            raise outbox.TryAgain(still.code, min(_PATIENCE_SECONDS * attempt, 30)) from still
        _left_to_person(paper, still.code)
    except (vision_errors.ReadingBusy, vision_errors.ReadingUnavailable, vision_errors.ReadingFailed) as refusal:
        if attempt < MOST_TRIES and not (isinstance(refusal, vision_errors.ReadingFailed) and attempt > 1):
            raise outbox.TryAgain(refusal.code, min(_PATIENCE_SECONDS * attempt, 60)) from refusal
        _left_to_person(paper, refusal.code)
    except FileErased:
        return  # taken back meanwhile
    except Refusal as refusal:
        _left_to_person(paper, refusal.code)
    else:
        with transaction.atomic():
            is_first = ApplicationPaper.objects.filter(
                customer_id=customer_id, id=paper.id, reading=ApplicationPaper.Reading.WAITING,
                state=ApplicationPaper.State.SENT).update(reading=ApplicationPaper.Reading.READ, reading_id=row.id)
            if is_first:
                _record(paper, "read", reading_id=str(row.id))
            else:
                unused_forget(customer_id, row.id, paper.file_id)


def unused_forget(customer_id: UUID, reading_id: UUID, file_id: UUID) -> None:
    """Delete what was read off a page that was taken back while it was read, unless another page needs it."""
    others = ApplicationPaper.objects.filter(customer_id=customer_id).exclude(state=ApplicationPaper.State.REMOVED)
    if not others.filter(Q(reading_id=reading_id) | Q(file_id=file_id)).exists():
        readings.paper_forget(customer_id, reading_id, reason="origination.paper_removed")


def _left_to_person(paper: ApplicationPaper, reason: str) -> None:
    with transaction.atomic():
        if ApplicationPaper.objects.filter(
                customer_id=paper.customer_id, id=paper.id, reading=ApplicationPaper.Reading.WAITING).update(
                reading=ApplicationPaper.Reading.BY_PERSON, unread_reason=reason):
            _record(paper, "left_to_person", reason=reason)


@transaction.atomic
def paper_confirm(customer_id: UUID, *, paper_id: UUID, values: Mapping[str, str]) -> ApplicationPaperRow:
    """Keep that the customer compared a page with what was read, and what they put differently; again replaces it.

    `values` maps field codes to values: amounts in fen as digits, dates ISO, months YYYY-MM. Fields left out stay as
    read. What was put differently is marked and looked at more closely (R1.4, R4.1).
    """
    paper, _ = _mine(customer_id, paper_id)
    if paper.reading_id is None:
        raise errors.PaperNotRead
    read = vision.reading_get(customer_id, paper.reading_id)
    known = {field.code: field.value for field in read.fields}
    said = {code: value.strip() for code, value in values.items() if code in known}
    for code, value in said.items():
        if value and not rules.paper_value_is_valid(code, value):
            raise errors.PaperValueInvalid(label=paper_words.FIELD_TEXTS[code], field=code)
    corrected = readings.paper_confirm(customer_id, paper.reading_id, values=said)
    paper.stated = json.dumps({code: said[code] for code in corrected}, ensure_ascii=False) if corrected else None
    paper.state, paper.confirmed_at = ApplicationPaper.State.CONFIRMED, clock.now()
    paper.save(update_fields=["stated", "state", "confirmed_at"])
    _record(paper, "confirmed", corrected=list(corrected))
    return paper_get(customer_id, paper_id)


@transaction.atomic
def paper_remove(customer_id: UUID, *, paper_id: UUID) -> None:
    """Take a page back before it is handed in: its file and reading are deleted, the fact stays. Again changes nothing."""
    row = ApplicationPaper.objects.filter(customer_id=customer_id, id=paper_id).first()
    if row is not None and row.state == ApplicationPaper.State.REMOVED:
        return
    paper, _ = _mine(customer_id, paper_id)
    _taken_back(paper, reason="origination.paper_removed")


def papers_drop(application: Application, *, reason: str = "origination.draft_over") -> int:
    """Delete the papers of a locked application in the caller's transaction and return how many pages (R8.5)."""
    mine = ApplicationPaper.objects.select_for_update().filter(
        customer_id=application.customer_id, application=application).exclude(state=ApplicationPaper.State.REMOVED)
    pages = list(mine.order_by("id"))
    for paper in pages:
        _taken_back(paper, reason=reason)
    return len(pages)


def _taken_back(paper: ApplicationPaper, *, reason: str) -> None:
    """Delete file and reading of a locked page unless another page needs them; the row stays as proof."""
    customer_id, file_id, reading_id = paper.customer_id, paper.file_id, paper.reading_id
    paper.state, paper.stated, paper.reading_id, paper.verdicts = ApplicationPaper.State.REMOVED, None, None, None
    paper.removed_at, paper.removed_reason = clock.now(), reason
    if paper.reading == ApplicationPaper.Reading.READ:
        paper.reading = ApplicationPaper.Reading.BY_PERSON
    paper.save(update_fields=["state", "stated", "verdicts", "reading", "reading_id", "removed_at", "removed_reason"])
    others = ApplicationPaper.objects.filter(customer_id=customer_id).exclude(state=ApplicationPaper.State.REMOVED)
    if not others.filter(file_id=file_id).exists():
        files.file_delete(customer_id, file_id, reason=reason)
    if reading_id is not None and not others.filter(reading_id=reading_id).exists():
        readings.paper_forget(customer_id, reading_id, reason=reason)
    _record(paper, "removed", reason=reason)


def _open(customer_id: UUID, application_id: UUID) -> Application:
    application = Application.objects.filter(customer_id=customer_id, id=application_id).first()
    if application is None:
        raise errors.ApplicationNotFound
    if not is_open_for_papers(application):
        raise errors.PapersClosed(state=STATE_TEXTS[application.state])
    return application


def _locked(customer_id: UUID, paper_id: UUID) -> tuple[ApplicationPaper, Application]:
    """Lock application, then page, and return both; a page that was taken back is not found."""
    mine = ApplicationPaper.objects.filter(customer_id=customer_id, id=paper_id)
    application_id = mine.values_list("application_id", flat=True).first()
    if application_id is None:
        raise errors.PaperNotFound
    application = application_locked(customer_id, application_id)
    paper = mine.select_for_update().exclude(state=ApplicationPaper.State.REMOVED).first()
    if paper is None:
        raise errors.PaperNotFound
    return paper, application


def _mine(customer_id: UUID, paper_id: UUID) -> tuple[ApplicationPaper, Application]:
    """Lock a page that the customer may still change."""
    paper, application = _locked(customer_id, paper_id)
    if not is_mutable(paper, application):
        raise errors.PapersClosed(state=STATE_TEXTS[application.state])
    return paper, application


def _record(paper: ApplicationPaper, what: str, *, actor: Actor | None = None, **facts: Any) -> None:
    event_record(f"origination.paper.{what}", customer_id=paper.customer_id, subject_type="origination.paper",
                 subject_id=paper.id, actor=actor,
                 facts={"application_id": str(paper.application_id), "kind": paper.kind, **facts})
