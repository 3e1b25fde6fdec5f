"""The way of a version: draft → validated → shadow → approved by a second person → live → retired (R8.6).

Every step is one transaction with its audit event. Whoever wrote a version, even one line of it, may not approve or
publish it; the table refuses an approving author besides. Who may take which step at all is the pages' and the command
line's to check (`policy.pack.draft`, `policy.pack.approve`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from weidai.audit.services import event_record
from weidai.platform import clock
from weidai.policy import errors, selectors, timeline
from weidai.policy.models import PackVersion, PolicyTerm
from weidai.policy.pack import HEAD, Pack, pack_from_files
from weidai.policy.services.checking import Checked, files_check
from weidai.policy.words import STATE_NAMES

_State = PackVersion.State
_DATE = re.compile(r"^effective_from\s*=\s*\S+", re.MULTILINE)
BEFORE_LIVE = (_State.VALIDATED, _State.SHADOW, _State.APPROVED)


@transaction.atomic
def version_draft(
    *, title: str, staff_id: str, based_on: str | None = None, effective_from: date | None = None,
    files: Mapping[str, str] | None = None,
) -> UUID:
    """Begin a version as a copy of another (the one in force unless named), or from files given; return its id."""
    source = selectors.pack_by_version(based_on) if based_on else selectors.pack(clock.today())
    texts = dict(files if files is not None else source.files)
    if effective_from is not None:
        texts[f"{HEAD}.toml"] = _DATE.sub(f"effective_from = {effective_from.isoformat()}", texts.get(f"{HEAD}.toml", ""))
    moment = clock.now()
    row = PackVersion.objects.create(
        title=title, files=texts, based_on=source.version, author=staff_id, editors=[staff_id], drafted_at=moment,
        edited_at=moment)
    _record("drafted", row, {"based_on": source.version})
    return row.id


@transaction.atomic
def version_edit(version_id: UUID, *, files: Mapping[str, str], revision: int, staff_id: str) -> Checked:
    """Save changed files of a draft and return how the whole stands now; a draft may have faults.

    `revision` is the one the editor saw: what somebody else saved meanwhile is not overwritten.
    """
    row = _locked(version_id, _State.DRAFT)
    if row.revision != revision:
        raise errors.PackEditedMeanwhile
    changed = sorted(name for name, text in files.items() if row.files.get(name) != text)
    if changed:
        row.files = {**row.files, **files}
        row.editors = sorted({*row.editors, staff_id})
        row.revision, row.edited_at = row.revision + 1, clock.now()
        row.save(update_fields=["files", "editors", "revision", "edited_at"])
        _record("edited", row, {"files": changed, "revision": row.revision})
    return version_check(version_id)


def version_check(version_id: UUID) -> Checked:
    """Return every fault of a version as it stands, for its first day; writes nothing."""
    row = PackVersion.objects.filter(id=version_id).first()
    if row is None:
        raise errors.PackVersionNotFound
    return files_check(row.files, label=label_of(row), on=clock.today())


@transaction.atomic
def version_submit(version_id: UUID, *, staff_id: str) -> str:
    """Validate a draft and fix its content; return its version. Faults refuse it with file, line and rule."""
    row = _locked(version_id, _State.DRAFT)
    pack = _sound(row)
    row.state, row.version, row.content_hash = _State.VALIDATED, pack.version, pack.content_hash
    row.effective_from = pack.head.effective_from
    row.validated_by, row.validated_at = staff_id, clock.now()
    row.editors = sorted({*row.editors, staff_id})
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise errors.PackVersionStateConflict(state_zh="内容与另一版本相同", state_en="the same as another one") from None
    _record("validated", row, {"content_hash": row.content_hash})
    return row.version


@transaction.atomic
def version_reopen(version_id: UUID, *, reason: str, staff_id: str) -> None:
    """Return a version to draft so that it can be changed; approval is lost with it."""
    row = _locked(version_id, *BEFORE_LIVE)
    before = row.version
    row.state, row.revision = _State.DRAFT, row.revision + 1
    row.version = row.content_hash = row.validated_by = row.approved_by = row.approval_note = ""
    row.validated_at = row.shadow_at = row.approved_at = row.effective_from = None
    row.save()
    _record("reopened", row, {"reason": reason, "was": before, "by": staff_id})


@transaction.atomic
def version_shadow(version_id: UUID, *, staff_id: str) -> None:
    """Let a validated version decide beside the live one, without effect; one version at a time."""
    row = _locked(version_id, _State.VALIDATED)
    row.state, row.shadow_at = _State.SHADOW, clock.now()
    try:
        with transaction.atomic():
            row.save(update_fields=["state", "shadow_at"])
    except IntegrityError:
        raise errors.ShadowTaken from None
    _record("shadow_started", row, {"by": staff_id})


@transaction.atomic
def version_approve(version_id: UUID, *, staff_id: str, note: str) -> None:
    """Approve a version in shadow, as a second person: never its author nor anyone who changed it (R8.6)."""
    row = _locked(version_id, _State.SHADOW)
    _second_person(row, staff_id)
    _sound(row)
    row.state, row.approved_by, row.approved_at, row.approval_note = _State.APPROVED, staff_id, clock.now(), note
    row.save(update_fields=["state", "approved_by", "approved_at", "approval_note"])
    _record("approved", row, {"content_hash": row.content_hash, "note": note})


@transaction.atomic
def version_publish(version_id: UUID, *, staff_id: str) -> date:
    """Put an approved version in force from its day on (today or later) and return that day.

    It is checked once more, against the law of its first day. Decisions made before keep their version, signed
    contracts their terms.
    """
    _terms_lock()
    row = _locked(version_id, _State.APPROVED)
    _second_person(row, staff_id)
    pack, today = _sound(row), clock.today()
    first = pack.head.effective_from
    if first < today:
        raise errors.EffectiveDatePassed(on=first.isoformat())
    replaced = selectors.pack(first)
    if replaced.head.code != pack.head.code:
        raise errors.PackCodeDiffers(found=pack.head.code, wanted=replaced.head.code)
    row.state, row.published_by, row.published_at = _State.LIVE, staff_id, clock.now()
    row.save(update_fields=["state", "published_by", "published_at"])
    _term_place(first, version=row.version, replaces=replaced.version, reason=row.title, staff_id=staff_id)
    _record("published", row, {"effective_from": first, "replaces": replaced.version})
    return first


@transaction.atomic
def version_rollback(version_id: UUID, *, reason: str, staff_id: str) -> str:
    """Take the newest published version out of force again, today or before it begins; return what holds instead.

    What returns was approved by two persons itself, so one person with the right to approve may do it at once.
    """
    _terms_lock()
    row = _locked(version_id, _State.LIVE)
    last = PolicyTerm.objects.order_by("-effective_from", "-id").first()
    if last is None or last.version != row.version:
        raise errors.NothingToRollBack
    from_day = max(clock.today(), last.effective_from)
    returning = selectors.pack_by_version(last.replaces)
    _term_place(from_day, version=returning.version, replaces=row.version, reason=reason, staff_id=staff_id)
    _end(row, _State.RETIRED, reason=reason, staff_id=staff_id)
    _record("rolled_back", row, {"effective_from": from_day, "returns": returning.version, "reason": reason})
    return returning.version


@transaction.atomic
def version_withdraw(version_id: UUID, *, reason: str, staff_id: str) -> None:
    """Give a version up before it was ever published."""
    row = _locked(version_id, _State.DRAFT, *BEFORE_LIVE)
    _end(row, _State.WITHDRAWN, reason=reason, staff_id=staff_id)
    _record("withdrawn", row, {"reason": reason})


def label_of(row: PackVersion) -> str:
    """Return what stands before the file name in refusals."""
    return row.title


def _locked(version_id: UUID, *states: str) -> PackVersion:
    row = PackVersion.objects.select_for_update().filter(id=version_id).first()
    if row is None:
        raise errors.PackVersionNotFound
    if row.state not in states:
        name = STATE_NAMES[row.state]
        raise errors.PackVersionStateConflict(state_zh=name.zh, state_en=name.en)
    return row


def _sound(row: PackVersion) -> Pack:
    """Return the pack, without fault for its first day and unchanged since it was validated."""
    checked = files_check(row.files, label=label_of(row), on=clock.today())
    if checked.faults:
        checked.faults[0].others = checked.faults[1:]
        raise checked.faults[0]
    pack = pack_from_files(row.files, label=label_of(row))
    if row.content_hash and row.content_hash != pack.content_hash:
        raise errors.PackContentChanged
    return pack


def _second_person(row: PackVersion, staff_id: str) -> None:
    if staff_id in {row.author, *row.editors}:
        raise errors.SecondPersonNeeded


def _end(row: PackVersion, state: str, *, reason: str, staff_id: str) -> None:
    row.state, row.ended_by, row.ended_at, row.end_reason = state, staff_id, clock.now(), reason
    row.save(update_fields=["state", "ended_by", "ended_at", "end_reason"])
    timeline.forget()
    transaction.on_commit(timeline.forget)


def _terms_lock() -> None:
    """Two publications at once follow one another, so that each knows what it replaces."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('policy.terms'))")


def _term_place(from_day: date, *, version: str, replaces: str, reason: str, staff_id: str) -> None:
    PolicyTerm.objects.create(effective_from=from_day, version=version, replaces=replaces, reason=reason,
                              placed_by=staff_id, placed_at=clock.now())


def _record(what: str, row: PackVersion, facts: Mapping[str, Any]) -> None:
    event_record(f"policy.version.{what}", subject_type="policy.version", subject_id=row.id,
                 facts={"version": row.version, **facts})
    timeline.forget()
    transaction.on_commit(timeline.forget)
