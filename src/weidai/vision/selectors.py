"""Readings of a customer's papers, ready to show."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weidai.vision.asking import is_available, is_installed
from weidai.vision.asking_pdf import is_installed as reads_pdfs
from weidai.vision.asking_pdf import page_picture, page_sizes
from weidai.vision.errors import ReadingNotFound
from weidai.vision.models import PaperReading
from weidai.vision.rules.fields import Field, Kind, PaperRead, StatementRow
from weidai.vision.rules.sheets import MOST_PAGES as MOST_PDF_PAGES
from weidai.vision.rules.wire import from_plain

__all__ = [
    "MOST_PDF_PAGES", "PaperReadingRow", "is_available", "is_installed", "page_picture", "page_sizes", "reading_get",
    "reading_newest", "readings", "readings_by_id", "reads_pdfs",
]

PAGE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class PaperReadingRow:
    """One picture's reading with what the customer made of it. Personal data: for the customer and permitted staff only."""

    id: UUID
    kind: Kind
    paper: PaperRead
    file_id: UUID | None
    read_at: datetime
    confirmed_at: datetime | None
    corrected: tuple[str, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields in the order of the paper."""
        return self.paper.reading.fields

    @property
    def rows(self) -> tuple[StatementRow, ...]:
        """The bookings of a bank statement."""
        return self.paper.reading.rows


def reading_newest(customer_id: UUID, kind: Kind) -> PaperReadingRow | None:
    """Return the newest reading of a kind of paper, None when there is none or its key was destroyed."""
    row = PaperReading.objects.filter(customer_id=customer_id, kind=kind).order_by("-read_at", "-id").first()
    return reading_row(row) if row and row.content else None


def reading_get(customer_id: UUID, reading_id: UUID) -> PaperReadingRow:
    """Return one reading of the customer; ReadingNotFound otherwise."""
    row = PaperReading.objects.filter(customer_id=customer_id, id=reading_id).first()
    if row is None or not row.content:
        raise ReadingNotFound
    return reading_row(row)


def readings_by_id(wanted: Collection[tuple[UUID, UUID]]) -> dict[UUID, PaperReadingRow]:
    """Return readings by (customer, reading), in one statement; those whose key was destroyed are not there."""
    rows = PaperReading.objects.filter(customer_id__in={one for one, _ in wanted}, id__in={one for _, one in wanted})
    return {row.id: reading_row(row) for row in rows if row.content and (row.customer_id, row.id) in wanted}


def readings(customer_id: UUID, *, limit: int = 20) -> tuple[PaperReadingRow, ...]:
    """Return a customer's readings, the newest first."""
    rows = PaperReading.objects.filter(customer_id=customer_id).order_by("-read_at", "-id")
    return tuple(reading_row(row) for row in rows[:min(limit, PAGE_LIMIT)] if row.content)


def reading_row(row: PaperReading) -> PaperReadingRow:
    """Return a row of the table as others see it."""
    return PaperReadingRow(row.id, Kind(row.kind), from_plain(json.loads(row.content)), row.file_id, row.read_at,
                           row.confirmed_at, tuple(row.corrected))
