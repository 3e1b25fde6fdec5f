"""Keeping, opening and deleting one file (R9.6, R8.5)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import IO
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, transaction

from weidai.audit import services as audit
from weidai.files import errors, policy
from weidai.files.cleaning import Clean, content_clean
from weidai.files.models import DeletionReceipt, StoredFile
from weidai.files.names import shown_name
from weidai.files.ports import shelf
from weidai.files.selectors import FileRow, file_row
from weidai.kernel.days import shanghai_date
from weidai.platform import clock
from weidai.platform.crypto import KeyDestroyed, seal_bytes, unseal_bytes
from weidai.platform.ids import uuid7

_MB = 1024 * 1024
_REASON = re.compile(r"[a-z][a-z0-9_.]{2,60}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file in plain, for one purpose; never logged, never kept."""

    row: FileRow
    content: bytes


def file_store(customer_id: UUID, *, kind: str, content: bytes | IO[bytes] | File[bytes], name: str = "") -> FileRow:
    """Clean a file, keep it sealed and return its row; refuses what is wrong with it (`weidai.files.errors`).

    `kind` is a code of the pack's retention section; `content` is read up to the kind's limit only. The same content
    sent again for the same kind is the file that is there already. The caller's transaction may be rolled back: content
    without a row is removed by the nightly run.
    """
    terms = policy.current(clock.today()).kind(kind)
    raw = _read(content, limit_mb=terms.limit_mb)
    source_digest = hashlib.sha256(raw).hexdigest()
    mine = StoredFile.objects.filter(customer_id=customer_id, kind=kind)
    if kept := mine.filter(source_digest=source_digest, deleted_at=None).first():
        return file_row(kept)
    _day_limit(customer_id, terms)
    clean = content_clean(raw, accepts=terms.accepts)
    row = _row(customer_id, terms, clean, source_digest)
    row.name = shown_name(name, clean.media_type)
    row.key_id, sealed = seal_bytes(clean.content, _place(row.id), customer_id=customer_id,
                                    scope="b" if terms.is_biometric else "p")
    shelf().put(str(row.id), sealed)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.event_record("files.file.stored", customer_id=customer_id, subject_type="stored_file", subject_id=row.id,
                               facts={"kind": kind, "media_type": row.media_type, "size_bytes": row.size_bytes,
                                      "digest": row.digest, "source_digest": source_digest, "removed": row.removed,
                                      "keep_until": row.keep_until.isoformat() if row.keep_until else None})
    except IntegrityError:  # the same content at the same instant: the first one holds
        shelf().delete(str(row.id))
        return file_row(mine.get(source_digest=source_digest, deleted_at=None))
    return file_row(row)


def file_open(customer_id: UUID, file_id: UUID, *, reason: str) -> OpenedFile:
    """Return a file in plain; who opened it and why stands in the audit log (R8.6). `reason` is a short code."""
    assert _REASON.fullmatch(reason), reason
    row = StoredFile.objects.filter(customer_id=customer_id, id=file_id).first()
    if row is None:
        raise errors.FileNotFound
    sealed = None if row.deleted_at else shelf().get(str(row.id))
    if sealed is None:
        raise errors.FileErased
    try:
        content = unseal_bytes(sealed, _place(row.id), key=row.key_id)
    except KeyDestroyed:
        raise errors.FileErased from None
    audit.event_record("files.file.opened", customer_id=customer_id, subject_type="stored_file", subject_id=row.id,
                       facts={"kind": row.kind, "reason": reason})
    return OpenedFile(file_row(row), content)


@transaction.atomic
def file_delete(customer_id: UUID, file_id: UUID, *, reason: str) -> None:
    """Delete a file for good, with a receipt; deleting it again changes nothing."""
    row = StoredFile.objects.select_for_update().filter(customer_id=customer_id, id=file_id).first()
    if row is None:
        raise errors.FileNotFound
    if row.deleted_at is None:
        files_erase([row], reason=reason)


def files_erase(rows: list[StoredFile], *, reason: str) -> None:
    """Mark locked rows deleted in the caller's transaction, each with its event and receipt; content goes on commit."""
    assert _REASON.fullmatch(reason), reason
    moment = clock.now()
    for row in rows:
        row.deleted_at, row.deletion_reason, row.name = moment, reason, ""
        row.save(update_fields=["deleted_at", "deletion_reason", "name"])
        event_id = audit.event_record(
            "files.file.deleted", customer_id=row.customer_id, subject_type="stored_file", subject_id=row.id,
            facts={"kind": row.kind, "reason": reason, "digest": row.digest,
                   "keep_until": row.keep_until.isoformat() if row.keep_until else None})
        DeletionReceipt.objects.create(
            id=uuid7(), customer_id=row.customer_id, what="file", reason=reason, counts={row.kind: 1}, digest=row.digest,
            deleted_at=moment, event_id=event_id)
    keys = [str(row.id) for row in rows]
    transaction.on_commit(lambda: [shelf().delete(key) for key in keys])


def _row(customer_id: UUID, terms: policy.FileKind, clean: Clean, source_digest: str) -> StoredFile:
    moment = clock.now()
    keep_until = shanghai_date(moment) + timedelta(days=terms.keep_days) if terms.keep_days else None
    return StoredFile(
        id=uuid7(), customer_id=customer_id, kind=terms.code, media_type=clean.media_type, size_bytes=len(clean.content),
        width=clean.width, height=clean.height, digest=hashlib.sha256(clean.content).hexdigest(),
        source_digest=source_digest, removed=list(clean.removed), stored_at=moment, keep_until=keep_until)


def _read(content: bytes | IO[bytes] | File[bytes], *, limit_mb: int) -> bytes:
    """Return the whole content, or refuse once more than the limit was read."""
    limit = limit_mb * _MB
    size = len(content) if isinstance(content, bytes) else getattr(content, "size", 0) or 0
    if size > limit:
        raise errors.FileTooLarge(field="file", limit_mb=limit_mb)
    raw = content if isinstance(content, bytes) else content.read(limit + 1)
    if len(raw) > limit:
        raise errors.FileTooLarge(field="file", limit_mb=limit_mb)
    return raw


def _day_limit(customer_id: UUID, terms: policy.FileKind) -> None:
    today = StoredFile.objects.filter(
        customer_id=customer_id, kind=terms.code, stored_at__gt=clock.now() - timedelta(days=1))
    if today.count() >= terms.per_day:
        raise errors.FilesDayLimitReached(kind=terms.name, count=terms.per_day)


def _place(file_id: UUID) -> str:
    return f"files_storedfile:content:{file_id}"
