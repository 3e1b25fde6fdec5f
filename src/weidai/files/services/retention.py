"""Deleting what is due, by the business calendar, with proof; and content that has no row (R8.5)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from weidai.files import policy
from weidai.files.models import StoredFile
from weidai.files.ports import shelf
from weidai.files.services.keeping import files_erase
from weidai.platform import clock

CHUNK = 200
_MOST_CHUNKS = 10_000


def retention_run(on: date) -> dict[str, int]:
    """Delete every file whose last day was before `on` and return how many of each kind; safe to run again."""
    counts: dict[str, int] = {}
    for _ in range(_MOST_CHUNKS):
        with transaction.atomic():
            due = list(StoredFile.objects.select_for_update(skip_locked=True).filter(
                deleted_at=None, keep_until__lt=on).order_by("keep_until", "id")[:CHUNK])
            files_erase(due, reason="retention_over")
        for row in due:
            counts[row.kind] = counts.get(row.kind, 0) + 1
        if len(due) < CHUNK:
            break
    return counts


def orphans_remove() -> int:
    """Remove content whose row was never written or says it is deleted, once it is old enough; return how many."""
    before = clock.wall_now() - timedelta(hours=policy.current(clock.today()).orphan_hours)
    removed, waiting = 0, []
    for key, put_at in shelf().kept():
        if put_at < before:
            waiting.append(key)
        if len(waiting) >= CHUNK:
            removed += _remove_unowned(waiting)
            waiting = []
    return removed + _remove_unowned(waiting)


def _remove_unowned(keys: list[str]) -> int:
    ids = [UUID(key) for key in keys]
    owned = set(StoredFile.objects.filter(id__in=ids, deleted_at=None).values_list("id", flat=True))
    unowned = [str(file_id) for file_id in ids if file_id not in owned]
    for key in unowned:
        shelf().delete(key)
    return len(unowned)
