"""Moving the digests of risk lists to a new key (R9.6)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet

from weidai.platform.crypto import digest_mark
from weidai.risk.models import ListEntry
from weidai.risk.services import newest_digest

CHUNK = 500


class ListDigests:
    """Fills `platform.keys.rotation.places`. An entry of an older home has no sealed value: it is added anew by staff."""

    name = "risk.list_entries"

    def waiting(self) -> int:
        """Return how many standing entries are found under an older key."""
        return self._old().count()

    def rewrite(self) -> Iterator[int]:
        """Digest the sealed values anew; look-ups find both forms meanwhile."""
        ListEntry.objects.exclude(removed_at=None).update(digest="", value=None)
        while True:
            with transaction.atomic():
                rows = list(self._old().exclude(value=None).select_for_update().order_by("id")[:CHUNK])
                for row in rows:
                    row.digest = newest_digest(row.kind, row.value or "")
                    row.save(update_fields=["digest"])
            if not rows:
                return
            yield len(rows)

    def drop(self) -> None:
        """Nothing stands beside the new form."""

    def _old(self) -> QuerySet[ListEntry]:
        mark, standing = digest_mark(), ListEntry.objects.filter(removed_at=None)
        return standing.exclude(digest__startswith=mark) if mark else standing.filter(digest__contains=":")
