"""A reviewer at work on the papers: verdicts, reading again, a look for those who see them masked (R4.1, R4.6, R8.6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from weidai.audit.services import Actor, event_record
from weidai.files import services as files
from weidai.identity.errors import RevealNotJustified
from weidai.identity.services import REVEAL_REASONS
from weidai.origination import errors, rules
from weidai.origination.models import Application, ApplicationPaper, ReviewTask
from weidai.origination.selectors.paper_desk import REVEALED
from weidai.origination.selectors.papers import READERS, ApplicationPaperRow, paper_get
from weidai.origination.services.papers import PDF, unused_forget
from weidai.origination.services.steps import application_locked
from weidai.platform import clock
from weidai.vision import selectors as vision
from weidai.vision import services as readings

VERDICTS = ("accepted", "doubted", "corrected")
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reviewer's word on one field or row: `value` only with a correction, `note` with anything but an acceptance."""

    verdict: str
    value: str = ""
    note: str = ""


@transaction.atomic
def paper_judge(customer_id: UUID, *, paper_id: UUID, staff_id: str, verdicts: Mapping[str, Verdict]) -> ApplicationPaperRow:
    """Keep a reviewer's word on fields and statement rows of one page; all of them or, when one is wrong, none (R4.1).

    Keys are field codes, or `row.N` for a booking (its value is the amount in fen). On a page that no machine read a
    correction is the entry by hand. The reviewer holds the case's lock; the same word again keeps its first instant.
    Doubted fields do not count for the proposed income.
    """
    paper = paper_locked(customer_id, paper_id)
    held_task_require(customer_id, paper.application, staff_id)
    known = paper_get(customer_id, paper_id)
    typed = {one.code for one in known.hand_fields}
    codes = typed | {one.code for one in known.fields} | {one.code for one in known.bookings}
    kept = json.loads(paper.verdicts) if paper.verdicts else {}
    changed = []
    for code, one in verdicts.items():
        _verdict_check(code, one, codes, is_typed=code in typed)
        row = {"verdict": one.verdict, "value": one.value if one.verdict == "corrected" else "", "note": one.note.strip()}
        if {key: kept.get(code, {}).get(key) for key in row} != row:
            kept[code] = {**row, "by": staff_id, "at": clock.now().isoformat()}
            changed.append(code)
    if changed:
        paper.verdicts = json.dumps(kept, ensure_ascii=False)
        paper.save(update_fields=["verdicts"])
        _record(paper, "judged", staff_id, verdicts={code: kept[code]["verdict"] for code in sorted(changed)})
    return paper_get(customer_id, paper_id)


@transaction.atomic
def paper_look(customer_id: UUID, *, paper_id: UUID, staff_id: str) -> ApplicationPaperRow:
    """Return a page for a member of staff; that it was looked at is on record, the first look also on the page (R8.6)."""
    paper = paper_locked(customer_id, paper_id)
    if paper.looked_at is None:
        paper.looked_at, paper.looked_by = clock.now(), staff_id
        paper.save(update_fields=["looked_at", "looked_by"])
    _record(paper, "viewed", staff_id)
    return paper_get(customer_id, paper_id)


def paper_read_again(customer_id: UUID, *, paper_id: UUID, staff_id: str) -> ApplicationPaperRow:
    """Have a page read now that no machine read so far; raises what the reader says when it still cannot (R4.1).

    A long PDF is `PdfStillRead` at first: the same again in a moment finds it read.
    """
    paper = ApplicationPaper.objects.filter(customer_id=customer_id, id=paper_id).exclude(
        state=ApplicationPaper.State.REMOVED).first()
    if paper is None:
        raise errors.PaperNotFound
    if paper.kind not in READERS or (paper.media_type == PDF and not vision.reads_pdfs()):
        raise errors.PaperNotReadable
    if paper.reading != ApplicationPaper.Reading.READ:
        opened = files.file_open(customer_id, paper.file_id, reason="origination.paper_read")
        row = readings.paper_take(customer_id, picture=opened.content, kind=READERS[paper.kind], file_id=paper.file_id)
        try:
            _read_keep(customer_id, paper_id, row.id, staff_id)
        except errors.PaperNotFound:  # taken back, or its consent, while it was read
            unused_forget(customer_id, row.id, paper.file_id)
            raise
    return paper_get(customer_id, paper_id)


@transaction.atomic
def _read_keep(customer_id: UUID, paper_id: UUID, reading_id: UUID, staff_id: str) -> None:
    paper = paper_locked(customer_id, paper_id)
    if paper.reading != ApplicationPaper.Reading.READ:
        paper.reading, paper.reading_id, paper.unread_reason = ApplicationPaper.Reading.READ, reading_id, ""
        paper.save(update_fields=["reading", "reading_id", "unread_reason"])
        _record(paper, "read", staff_id, reading_id=str(reading_id))


@transaction.atomic
def paper_reveal(customer_id: UUID, *, paper_id: UUID, staff_id: str, reason: str) -> UUID:
    """Record why somebody who sees papers masked opens one; the event is the permission, for minutes (R8.6)."""
    if reason not in REVEAL_REASONS:
        raise RevealNotJustified(field="reason")
    paper = paper_locked(customer_id, paper_id)
    return _record(paper, REVEALED.rpartition(".")[2], staff_id, reason=reason)


def paper_locked(customer_id: UUID, paper_id: UUID) -> ApplicationPaper:
    """Lock application, then page; a page that was taken back is not found."""
    mine = ApplicationPaper.objects.filter(customer_id=customer_id, id=paper_id)
    application_id = mine.values_list("application_id", flat=True).first()
    if application_id is None:
        raise errors.PaperNotFound
    application_locked(customer_id, application_id)
    paper = mine.select_for_update(of=("self",)).select_related("application").exclude(
        state=ApplicationPaper.State.REMOVED).first()
    if paper is None:
        raise errors.PaperNotFound
    return paper


def held_task_require(customer_id: UUID, application: Application, staff_id: str) -> None:
    """Refuse unless the application waits for verification and this person holds its lock."""
    task = ReviewTask.objects.filter(
        customer_id=customer_id, application=application, stage="verification",
        state__in=[ReviewTask.State.OPEN, ReviewTask.State.AWAITING_SECOND]).order_by("-round").first()
    if task is None:
        raise errors.ReviewTaskNotFound
    if task.claimed_by != staff_id or task.locked_until is None or task.locked_until <= clock.now():
        raise errors.ReviewTaskNotClaimed


def _verdict_check(code: str, one: Verdict, codes: set[str], *, is_typed: bool) -> None:
    if one.verdict not in VERDICTS or code not in codes:
        raise errors.PaperVerdictInvalid(field=f"verdict.{code}")
    if one.verdict == "corrected" and not (one.value and rules.paper_value_is_valid(code, one.value)):
        raise errors.PaperVerdictInvalid(field=f"value.{code}")
    if len(one.note) > LONGEST_NOTE or (one.verdict != "accepted" and not one.note.strip() and not is_typed):
        raise errors.PaperNoteRequired(field=f"note.{code}")


def _record(paper: ApplicationPaper, what: str, staff_id: str, **facts: object) -> UUID:
    return event_record(
        f"origination.paper.{what}", customer_id=paper.customer_id, subject_type="origination.paper", subject_id=paper.id,
        actor=Actor("staff", staff_id),
        facts={"application_id": str(paper.application_id), "kind": paper.kind, **facts})
