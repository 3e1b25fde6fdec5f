"""Making a person unreadable: biometrics on request, everything of somebody who never borrowed (R8.5, R9.6).

Keys are destroyed, not only rows emptied: what lies in back-ups under them is unreadable too, once the back-up of the
data keys themselves is gone. Events and consents stay as proof; they name nobody.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.files import services as files
from weidai.files.errors import ErasureRefused
from weidai.files.selectors import ReceiptRow
from weidai.identity import errors
from weidai.identity.models import BankCard, Customer, DigestEntry, StaffVideoRequest
from weidai.identity.ports import borrowings
from weidai.identity.services import records
from weidai.identity.services.face_templates import face_forget
from weidai.identity.services.voiceprints import voiceprint_forget
from weidai.platform import clock
from weidai.platform.crypto import keys_destroy
from weidai.security import services as security

ERASURE_REASONS = ("customer_request", "consent_withdrawn", "account_closed", "regulator")


@transaction.atomic
def biometrics_erase(customer_id: UUID, *, reason: str) -> ReceiptRow:
    """Destroy the key of a person's face and voice data and delete the files; allowed to everybody, borrower or not."""
    assert reason in ERASURE_REASONS, reason
    records.customer_lock(customer_id)
    face_forget(customer_id)
    voices = voiceprint_forget(customer_id, reason=reason)
    digests = files.customer_files_erase(customer_id, reason=reason, biometrics_only=True)
    counts = {"files": len(digests), "keys": keys_destroy(customer_id, "b"), **({"voiceprints": voices} if voices else {})}
    audit.event_record("identity.biometrics.erased", customer_id=customer_id, subject_type="customer",
                       subject_id=customer_id, facts={"reason": reason, **counts})
    return files.receipt_issue(customer_id, what="biometrics", reason=reason, counts=counts, digests=digests)


@transaction.atomic
def person_erase(customer_id: UUID, *, reason: str) -> ReceiptRow:
    """Close the account of somebody who never borrowed and make everything personal unreadable for ever.

    A borrower is refused: the law keeps the records, in a restricted archive (R8.5). Open business is refused too.
    """
    assert reason in ERASURE_REASONS, reason
    row = records.customer_lock(customer_id)
    if borrowings().has_borrowed(customer_id):
        raise ErasureRefused
    if borrowings().has_open_business(customer_id):
        raise errors.OpenBusiness
    face_forget(customer_id)
    voiceprint_forget(customer_id, reason=reason)
    digests = files.customer_files_erase(customer_id, reason=reason, biometrics_only=False)
    counts = {"files": len(digests), "sessions": security.session_end_others(customer_id),
              "cards": BankCard.objects.filter(customer_id=customer_id, state=BankCard.State.ACTIVE).update(
                  state=BankCard.State.REMOVED, is_default=False, removed_at=clock.now()),
              "look_ups": DigestEntry.objects.filter(customer_id=customer_id).delete()[0]}
    BankCard.objects.filter(customer_id=customer_id).update(masked="", digest="")  # of cards removed before as well
    states = StaffVideoRequest.State  # nobody can be called any more, and nobody could take it off the list
    StaffVideoRequest.objects.filter(customer_id=customer_id, state=states.WAITING).update(
        state=states.UNFINISHED, decided_at=clock.now(), claimed_by="", locked_until=None)
    security.secrets_erase(customer_id, mobile=row.mobile)
    row.name = row.id_number = row.employer = row.declared_monthly_income_fen = None
    row.sex = row.region_code = row.occupation = ""
    row.status = Customer.Status.CLOSED
    row.save(update_fields=["name", "id_number", "employer", "declared_monthly_income_fen", "sex", "region_code",
                            "occupation", "status"])
    counts["keys"] = keys_destroy(customer_id, "pb")
    audit.event_record("identity.person.erased", customer_id=customer_id, subject_type="customer",
                       subject_id=customer_id, facts={"reason": reason, **counts})
    return files.receipt_issue(customer_id, what="everything", reason=reason, counts=counts, digests=digests)
