"""Taking pictures of papers in, and keeping what the customer confirmed (R1.4, R4.1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from weidai.audit import services as audit
from weidai.files import services as files
from weidai.kernel.days import shanghai_date, shanghai_instant
from weidai.kernel.errors import Refusal
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.vision import asking, asking_pdf, errors
from weidai.vision.models import PaperReading, ReadingAttempt
from weidai.vision.rules.fields import Kind, PaperRead
from weidai.vision.rules.wire import to_plain
from weidai.vision.selectors import PaperReadingRow, reading_get, reading_row

READINGS_PER_DAY = 20
PAGES_A_PICTURE = 10  # pages of a PDF that count as one of them
_FILE_KIND = {Kind.ID_FRONT: "id_card_front", Kind.ID_BACK: "id_card_back", Kind.DEBIT_CARD: "bank_card"}
# What must be seen for a picture to have been worth taking; any one of them.
_ESSENTIAL = {
    Kind.ID_FRONT: ("id_number", "name"), Kind.ID_BACK: ("authority", "valid_to"), Kind.DEBIT_CARD: ("card_number",),
    Kind.BUSINESS_LICENCE: ("uscc", "company_name"), Kind.PAYSLIP: ("net_fen", "gross_fen"),
    Kind.TAX_CERTIFICATE: ("income_fen", "tax_fen"), Kind.BANK_STATEMENT: (),
}


def paper_take(customer_id: UUID, *, picture: bytes, kind: Kind, file_id: UUID | None = None) -> PaperReadingRow:
    """Read a picture of a paper; keep picture and reading, both sealed. The same picture again gives the same reading.

    Refused when too little can be made out, when it is the other side, a copy or a specimen (outside the demo), and
    after READINGS_PER_DAY pictures of a Shanghai day; then neither is kept. A busy or absent recogniser costs no
    attempt. `file_id` names a file that is kept already. A PDF is read page by page: raises PdfStillRead until that is
    done, ask again then; every PAGES_A_PICTURE pages count as a picture. Asks outside any transaction.
    """
    digest = hashlib.sha256(picture).hexdigest()
    known = PaperReading.objects.filter(customer_id=customer_id, kind=kind, picture_digest=digest).first()
    if known is not None and known.content:
        return reading_row(known)
    _attempts_require(customer_id)
    _size_require(picture)
    kept = file_id or files.file_store(customer_id, kind=_FILE_KIND.get(kind, "document"), content=picture).id
    try:
        paper = _read(picture, kind)
        _usable_require(paper)
    except Refusal as no:
        _undo(customer_id, None if file_id else kept, kind, no)
        raise
    return _keep(customer_id, paper, digest, kept)


def paper_glance(customer_id: UUID, *, picture: bytes, kind: Kind) -> PaperRead:
    """Read a picture and keep neither it nor what was read: for a number the customer confirms at once (R1.6).

    The picture counts among those of the day; refusals as `paper_take`. Asks outside any transaction.
    """
    _attempts_require(customer_id)
    if len(picture) > asking.PICTURE_BYTES:
        raise errors.PictureUnreadable(field="picture")
    try:
        paper = asking.paper_read(picture, kind=kind, on=clock.today())
        _usable_require(paper)
    except Refusal as no:
        _undo(customer_id, None, kind, no)
        raise
    ReadingAttempt.objects.create(id=uuid7(), customer_id=customer_id, kind=kind, reason="vision.glance", tried_at=clock.now())
    return paper


def _undo(customer_id: UUID, file_id: UUID | None, kind: Kind, refusal: Refusal) -> None:
    """Leave nothing of a picture that was not read but the attempt itself."""
    if file_id and not PaperReading.objects.filter(customer_id=customer_id, file_id=file_id).exists():
        files.file_delete(customer_id, file_id, reason="vision.picture_not_read")
    if not isinstance(refusal, errors.ReadingBusy | errors.ReadingUnavailable | errors.PdfStillRead):
        ReadingAttempt.objects.create(id=uuid7(), customer_id=customer_id, kind=kind, reason=refusal.code, tried_at=clock.now())


def _size_require(content: bytes) -> None:
    if len(content) > (asking_pdf.PDF_BYTES if asking_pdf.is_pdf(content) else asking.PICTURE_BYTES):
        raise errors.PictureUnreadable(field="picture")


def _read(content: bytes, kind: Kind) -> PaperRead:
    if asking_pdf.is_pdf(content):
        return asking_pdf.pdf_read(content, kind=kind, on=clock.today())
    return asking.paper_read(content, kind=kind, on=clock.today())


def _attempts_require(customer_id: UUID) -> None:
    midnight = shanghai_instant(shanghai_date(clock.now()), time.min)
    day = (midnight, midnight + timedelta(days=1))
    used = PaperReading.objects.filter(customer_id=customer_id, read_at__gte=day[0], read_at__lt=day[1]).count()
    used += ReadingAttempt.objects.filter(customer_id=customer_id, tried_at__gte=day[0], tried_at__lt=day[1]).count()
    if used >= READINGS_PER_DAY:
        raise errors.TooManyReadings(count=READINGS_PER_DAY)


def _usable_require(paper: PaperRead) -> None:
    reading = paper.reading
    if reading.passed("side") is False:
        raise errors.OtherSide(field="picture")
    needed = _ESSENTIAL[reading.kind]
    if not any(reading.value(code) for code in needed) and (needed or not reading.rows):
        raise _not_seen(paper.quality.faults)
    if reading.is_marked and not settings.DEMO:
        raise errors.PaperMarked(field="picture")


def _not_seen(faults: Collection[str]) -> errors.PaperNotSeen:
    """Return the refusal that says what to do about the picture."""
    if "blurred" in faults:
        return errors.PictureBlurred(field="picture")
    return errors.PictureInGlare(field="picture") if "glare" in faults else errors.PaperNotSeen(field="picture")


@transaction.atomic
def _keep(customer_id: UUID, paper: PaperRead, digest: str, file_id: UUID) -> PaperReadingRow:
    row, is_new = PaperReading.objects.get_or_create(
        customer_id=customer_id, kind=paper.reading.kind, picture_digest=digest,
        defaults={"id": uuid7(), "file_id": file_id, "content": json.dumps(to_plain(paper), ensure_ascii=False),
                  "engine": paper.engine, "faults": list(paper.quality.faults), "read_at": clock.now()},
    )
    if is_new:
        more = max(len(paper.pages) - 1, 0) // PAGES_A_PICTURE
        ReadingAttempt.objects.bulk_create(
            ReadingAttempt(id=uuid7(), customer_id=customer_id, kind=paper.reading.kind, reason="vision.more_pages",
                           tried_at=row.read_at) for _ in range(more))
        audit.event_record(
            "vision.paper.read", customer_id=customer_id, subject_type="paper_reading", subject_id=row.id,
            facts={"kind": paper.reading.kind.value, "picture": digest, "engine": paper.engine,
                   "faults": list(paper.quality.faults), "content_digest": hashlib.sha256(row.content.encode()).hexdigest(),
                   "marked": paper.reading.is_marked})
    return reading_row(row)


@transaction.atomic
def paper_confirm(customer_id: UUID, reading_id: UUID, *, values: Mapping[str, str]) -> tuple[str, ...]:
    """Keep that the customer looked at a reading; return the codes of the fields they put differently (R1.4).

    A field that was not read and typed in counts as corrected. Confirming again replaces the list.
    """
    row = PaperReading.objects.select_for_update().filter(customer_id=customer_id, id=reading_id).first()
    if row is None or not row.content:
        raise errors.ReadingNotFound
    read = {field.code: field.value for field in reading_row(row).fields}
    corrected = sorted(code for code, value in values.items() if code in read and _plain(value) != _plain(read[code]))
    row.corrected, row.confirmed_at = corrected, clock.now()
    row.save(update_fields=["corrected", "confirmed_at"])
    audit.event_record("vision.paper.confirmed", customer_id=customer_id, subject_type="paper_reading", subject_id=row.id,
                       facts={"kind": row.kind, "corrected": corrected})
    return tuple(corrected)


def _plain(value: str) -> str:
    return "".join(value.split()).upper().replace("•", "·")


@transaction.atomic
def paper_forget(customer_id: UUID, reading_id: UUID, *, reason: str) -> None:
    """Delete a reading that is not needed any more, with what was read; again changes nothing. `reason` is a code (R8.5).

    It still counts among the pictures of its day.
    """
    row = PaperReading.objects.select_for_update().filter(customer_id=customer_id, id=reading_id).first()
    if row is None:
        return
    ReadingAttempt.objects.create(id=uuid7(), customer_id=customer_id, kind=row.kind, reason=reason, tried_at=row.read_at)
    audit.event_record("vision.paper.forgotten", customer_id=customer_id, subject_type="paper_reading", subject_id=row.id,
                       facts={"kind": row.kind, "reason": reason})
    row.delete()


def paper_view(customer_id: UUID, reading_id: UUID) -> PaperReadingRow:
    """Return a reading for a member of staff to look at; that it was looked at stands in the audit log (R8.6)."""
    row = reading_get(customer_id, reading_id)
    audit.event_record("vision.paper.viewed", customer_id=customer_id, subject_type="paper_reading", subject_id=row.id,
                       facts={"kind": row.kind.value})
    return row


@transaction.atomic
def papers_forget(customer_id: UUID, *, kinds: Collection[Kind], reason: str) -> int:
    """Remove what was read off some kinds of a customer's papers and return how many; the event keeps digests as proof.

    The pictures themselves are files, and deleted there.
    """
    rows = list(PaperReading.objects.select_for_update().filter(customer_id=customer_id, kind__in=list(kinds)).order_by("id"))
    for row in rows:
        ReadingAttempt.objects.create(id=uuid7(), customer_id=customer_id, kind=row.kind, reason=reason, tried_at=row.read_at)
        audit.event_record("vision.paper.forgotten", customer_id=customer_id, subject_type="paper_reading", subject_id=row.id,
                           facts={"kind": row.kind, "picture": row.picture_digest, "reason": reason})
    PaperReading.objects.filter(customer_id=customer_id, id__in=[row.id for row in rows]).delete()
    return len(rows)
