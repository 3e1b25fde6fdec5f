"""Deleting a person's files at once, and the receipt of a deletion as evidence (R8.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from weidai.audit import services as audit
from weidai.files import policy
from weidai.files.models import DeletionReceipt, StoredFile
from weidai.files.selectors import ReceiptRow
from weidai.files.services.keeping import files_erase
from weidai.platform import clock
from weidai.platform.ids import uuid7


def customer_files_erase(
    customer_id: UUID, *, reason: str, biometrics_only: bool, kinds: Collection[str] | None = None,
) -> list[str]:
    """Delete a person's files in the caller's transaction and return the digests of what was deleted.

    `kinds` narrows it to some kinds. Content goes on commit; each file gets its own receipt.
    """
    wanted = [kind.code for kind in policy.current(clock.today()).kinds if kind.is_biometric or not biometrics_only]
    rows = StoredFile.objects.select_for_update().filter(customer_id=customer_id, deleted_at=None)
    rows = rows.filter(kind__in=[code for code in wanted if kinds is None or code in kinds] if biometrics_only or kinds
                       else rows.values("kind"))
    found = list(rows.order_by("id"))
    files_erase(found, reason=reason)
    return [row.digest for row in found]


def receipt_issue(
    customer_id: UUID, *, what: str, reason: str, counts: Mapping[str, int], digests: Sequence[str],
) -> ReceiptRow:
    """Keep the proof of a deletion in the caller's transaction: what, how much, when, and a digest over all of it."""
    moment, row_id = clock.now(), uuid7()
    digest = hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()
    event_id = audit.event_record(
        "files.deletion.proved", customer_id=customer_id, subject_type="deletion_receipt", subject_id=row_id,
        facts={"what": what, "reason": reason, "counts": dict(counts), "digest": digest})
    DeletionReceipt.objects.create(id=row_id, customer_id=customer_id, what=what, reason=reason, counts=dict(counts),
                                   digest=digest, deleted_at=moment, event_id=event_id)
    return ReceiptRow(row_id, what, reason, dict(counts), digest, moment, event_id)
