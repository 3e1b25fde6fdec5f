"""Reads for runs over the whole population: a few statements for many people."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from weidai.identity import policy, rules
from weidai.identity.facts import checks_for_many, identity_facts
from weidai.identity.models import BankCard, Consent, Customer
from weidai.platform import clock

BATCH_LIMIT = 10_000
_LEAST_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class AssessmentPerson:
    """What the monthly assessment must know about one customer with an ID number (R2.3)."""

    customer_id: UUID
    id_number: str
    has_payment_consent: bool
    has_social_consent: bool
    has_report_consent: bool
    has_type_i_default_card: bool
    is_real_name: bool


def assessment_people(*, book_id: int, after: UUID = _LEAST_ID, limit: int = 500) -> list[AssessmentPerson]:
    """Return active customers with an ID number in id order, with four statements; `after` continues.

    `is_real_name` is the gate of R1.3 today, the same as `selectors.is_real_name` for one customer.
    """
    rows = list(Customer.objects.filter(
        book_id=book_id, status=Customer.Status.ACTIVE, id__gt=after, id_number__isnull=False,
    ).only("id", "customer_id", "id_number").order_by("id")[:min(limit, BATCH_LIMIT)])
    ids = [row.id for row in rows]
    agreed = set(Consent.objects.filter(
        customer_id__in=ids, withdrawn_at=None, purpose__in=("payment_data", "social_data", "credit_report"),
    ).values_list("customer_id", "purpose"))
    type_i = set(BankCard.objects.filter(
        customer_id__in=ids, is_default=True, account_class=BankCard.AccountClass.TYPE_I,
    ).values_list("customer_id", flat=True))
    checks, today = checks_for_many(ids), clock.today()
    terms = policy.current(today)
    return [
        AssessmentPerson(
            row.id, row.id_number or "", has_payment_consent=(row.id, "payment_data") in agreed,
            has_social_consent=(row.id, "social_data") in agreed, has_report_consent=(row.id, "credit_report") in agreed,
            has_type_i_default_card=row.id in type_i,
            is_real_name=rules.can_apply(identity_facts(row, checks[row.id], has_card=False), terms, on=today).is_open)
        for row in rows]
