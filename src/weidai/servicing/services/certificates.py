"""结清证明: the facts of a settled loan, certified once (R6.6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.lending import selectors as lending_rows
from weidai.lending import services as lending
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.policy import selectors as packs
from weidai.servicing.errors import LoanNotSettled
from weidai.servicing.models import RepaymentLine, SettlementCertificate


@transaction.atomic
def certificate_issue(customer_id: UUID, *, loan_id: UUID) -> UUID:
    """Certify a settled loan and return the certificate's id; the second time it is the same one."""
    lending.loans_lock(customer_id, loan_ids=[loan_id])  # a reversal going on would take back what it does not see yet
    loan = lending_rows.loan_get(customer_id, loan_id)
    kept = SettlementCertificate.objects.filter(customer_id=customer_id, loan_id=loan_id, revoked_at=None).first()
    if kept is not None:
        return kept.id
    if loan.settled_on is None or loan.state != "settled":
        raise LoanNotSettled
    agreement = lending_rows.agreement_text(customer_id, loan_id=loan_id)
    lines = RepaymentLine.objects.filter(customer_id=customer_id, share__loan_id=loan_id)  # a reversed one has none
    paid = {name: sum(lines.values_list(name, flat=True)) for name in ("principal_fen", "interest_fen", "penalty_fen")}
    head = packs.pack(clock.today()).head
    certificate_id = uuid7()
    facts = {
        "number": f"JQ{clock.today():%Y%m%d}{certificate_id.hex[-10:].upper()}", "loan_number": loan.number,
        "agreement_number": agreement.number, "agreement_sha256": agreement.sha256,
        "lender_zh": head.lender_name.zh, "lender_en": head.lender_name.en, "product_zh": loan.product_name.zh,
        "product_en": loan.product_name.en, "amount_fen": loan.principal_fen,
        "starts_on": str(loan.starts_on), "settled_on": str(loan.settled_on), **paid}
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    SettlementCertificate.objects.create(
        id=certificate_id, customer_id=customer_id, loan_id=loan_id, number=facts["number"], facts=facts,
        sha256=digest, issued_at=clock.now())
    event_record("servicing.certificate.issued", customer_id=customer_id, subject_type="servicing.certificate",
                 subject_id=certificate_id, facts={"loan_id": str(loan_id), "sha256": digest})
    return certificate_id


def certificates_revoke(customer_id: UUID, *, loan_ids: Sequence[UUID]) -> None:
    """Take back the certificates of loans that are owed again, in the caller's transaction."""
    issued = SettlementCertificate.objects.filter(customer_id=customer_id, loan_id__in=list(loan_ids), revoked_at=None)
    for row in issued.order_by("id"):
        SettlementCertificate.objects.filter(pk=row.pk).update(revoked_at=clock.now())
        event_record("servicing.certificate.revoked", customer_id=customer_id, subject_type="servicing.certificate",
                     subject_id=row.id, facts={"loan_id": str(row.loan_id), "sha256": row.sha256})
