"""Reads for runs over the whole population: a few statements for many people."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from weidai.identity.models import BankCard, Consent, Customer

BATCH_LIMIT = 10_000
_LEAST_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class AssessmentPerson:
    """What the monthly assessment must know about one verified customer (R2.3)."""

    customer_id: UUID
    id_number: str
    has_payment_consent: bool
    has_social_consent: bool
    has_type_i_default_card: bool


def assessment_people(*, book_id: int, after: UUID = _LEAST_ID, limit: int = 500) -> list[AssessmentPerson]:
    """Return active customers with a verified ID number in id order, with three statements; `after` continues."""
    rows = list(Customer.objects.filter(
        book_id=book_id, status=Customer.Status.ACTIVE, id__gt=after, id_number__isnull=False,
    ).only("id", "id_number").order_by("id")[:min(limit, BATCH_LIMIT)])
    ids = [row.id for row in rows]
    agreed = set(Consent.objects.filter(
        customer_id__in=ids, withdrawn_at=None, purpose__in=("payment_data", "social_data"),
    ).values_list("customer_id", "purpose"))
    type_i = set(BankCard.objects.filter(
        customer_id__in=ids, is_default=True, account_class=BankCard.AccountClass.TYPE_I,
    ).values_list("customer_id", flat=True))
    return [AssessmentPerson(row.id, row.id_number or "", (row.id, "payment_data") in agreed,
                             (row.id, "social_data") in agreed, row.id in type_i) for row in rows]
