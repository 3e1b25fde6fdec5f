"""Which files a customer has, and what was deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from weidai.files import policy
from weidai.files.models import DeletionReceipt, StoredFile
from weidai.kernel.text import Text
from weidai.platform import clock

PAGE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file ready to show; its content needs `file_open`. Sizes in bytes and pixels."""

    id: UUID
    customer_id: UUID
    kind: str
    kind_name: Text
    name: str
    media_type: str
    size_bytes: int
    width: int
    height: int
    digest: str
    source_digest: str
    removed: tuple[str, ...]
    stored_at: datetime
    keep_until: date | None
    deleted_at: datetime | None
    deletion_reason: str

    @property
    def is_deleted(self) -> bool:
        """Say whether only its row is left."""
        return self.deleted_at is not None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """Proof of a deletion; the audit event of `event_id` seals it."""

    id: UUID
    what: str
    reason: str
    counts: dict[str, int]
    digest: str
    deleted_at: datetime
    event_id: UUID


def file_row(row: StoredFile) -> FileRow:
    """Return a file ready to show."""
    known = {kind.code: kind.name for kind in policy.current(clock.today()).kinds}
    return FileRow(
        row.id, row.customer_id, row.kind, known.get(row.kind, Text(row.kind, row.kind)), row.name, row.media_type,
        row.size_bytes, row.width, row.height, row.digest, row.source_digest, tuple(row.removed), row.stored_at,
        row.keep_until, row.deleted_at, row.deletion_reason)


def files_for(customer_id: UUID, *, kind: str | None = None, with_deleted: bool = False) -> tuple[FileRow, ...]:
    """Return a customer's files, newest first, at most 200."""
    rows = StoredFile.objects.filter(customer_id=customer_id)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if not with_deleted:
        rows = rows.filter(deleted_at=None)
    return tuple(file_row(row) for row in rows.order_by("-stored_at", "-id")[:PAGE_LIMIT])


def file_find(customer_id: UUID, file_id: UUID) -> FileRow | None:
    """Return one file's row."""
    row = StoredFile.objects.filter(customer_id=customer_id, id=file_id).first()
    return file_row(row) if row else None


def deletion_receipts(customer_id: UUID) -> tuple[ReceiptRow, ...]:
    """Return the receipts of what was deleted of a customer, newest first, at most 200."""
    rows = DeletionReceipt.objects.filter(customer_id=customer_id).order_by("-deleted_at", "-id")[:PAGE_LIMIT]
    return tuple(ReceiptRow(row.id, row.what, row.reason, row.counts, row.digest, row.deleted_at, row.event_id)
                 for row in rows)
