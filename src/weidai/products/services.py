"""The only writer of invitations (R3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from weidai.assessment import selectors as assessment
from weidai.assessment.policy import GRADES
from weidai.audit.services import event_record
from weidai.identity import selectors as identity
from weidai.messaging.services import notice_send
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.policy import selectors as policy_packs
from weidai.products import selectors
from weidai.products.errors import InvitationNotFound, InvitationRequired, ProductNotByInvitation
from weidai.products.models import Invitation
from weidai.products.policy import InvitationPolicy, ProductCode, current
from weidai.products.selectors import InvitationRow, invitation_row

INVITED: ProductCode = "invited_cash_loan"


@transaction.atomic
def invitation_issue(
    customer_id: UUID, *, product: ProductCode = INVITED, batch_id: UUID | None = None,
) -> InvitationRow:
    """Invite a customer for the pack's number of days; a valid invitation is returned as it is (R3.4)."""
    on = clock.today()
    if selectors.product_get(product, on=on).entry != "invitation":
        raise ProductNotByInvitation
    valid = selectors.invitation_for(customer_id, on=on, product=product)
    if valid is not None:
        return valid
    version = policy_packs.pack(on).version
    invitation = Invitation.objects.create(
        customer_id=customer_id, product=product, batch_id=batch_id, pack_version=version, issued_at=clock.now(),
        expires_on=on + timedelta(days=current(on).invitation.valid_days))
    event_record("products.invitation.issued", customer_id=customer_id, subject_type="products.invitation",
                 subject_id=invitation.id, facts={"product": product, "expires_on": invitation.expires_on,
                                                  "pack_version": version})
    notice_send(customer_id, template="products.invitation_issued",
                values={"expires_on": invitation.expires_on.isoformat()})
    return invitation_row(invitation)


def invitations_select(customer_ids: Sequence[UUID]) -> list[UUID]:
    """Invite those whom the pack's policy selects and return them; one transaction each (R3.4, R3.5)."""
    batch_id, policy = uuid7(), current(clock.today()).invitation
    chosen = [customer_id for customer_id in customer_ids if _is_selected(customer_id, policy)]
    for customer_id in chosen:
        invitation_issue(customer_id, batch_id=batch_id)
    return chosen


@transaction.atomic
def invitation_use(customer_id: UUID, *, product: ProductCode, application_id: UUID) -> UUID:
    """Bind the valid invitation to an application; the same application again gets the same one (R3.4)."""
    mine = Invitation.objects.select_for_update().filter(customer_id=customer_id, product=product)
    used = mine.filter(used_by=application_id).first()
    if used is not None:
        return used.id
    valid = mine.filter(state=Invitation.State.ISSUED, expires_on__gte=clock.today()).order_by("-expires_on").first()
    if valid is None:
        raise InvitationRequired
    Invitation.objects.filter(customer_id=customer_id, id=valid.id).update(
        state=Invitation.State.USED, used_by=application_id, closed_at=clock.now())
    event_record("products.invitation.used", customer_id=customer_id, subject_type="products.invitation",
                 subject_id=valid.id, facts={"application_id": str(application_id)})
    return valid.id


@transaction.atomic
def invitation_withdraw(customer_id: UUID, *, invitation_id: UUID, reason: str) -> None:
    """End an unused invitation."""
    moved = Invitation.objects.filter(customer_id=customer_id, id=invitation_id, state=Invitation.State.ISSUED).update(
        state=Invitation.State.WITHDRAWN, closed_at=clock.now())
    if not moved:
        raise InvitationNotFound
    event_record("products.invitation.withdrawn", customer_id=customer_id, subject_type="products.invitation",
                 subject_id=invitation_id, facts={"reason": reason})


def _is_selected(customer_id: UUID, policy: InvitationPolicy) -> bool:
    """Students are never targeted (R3.5); the rest is the pack's."""
    customer, newest = identity.customer_get(customer_id), assessment.latest(customer_id)
    if newest is None or customer.occupation == "student" or not identity.is_real_name(customer_id):
        return False
    facts = assessment.inputs(customer_id, newest.id).facts
    return (GRADES.index(newest.grade) <= GRADES.index(policy.minimum_grade)
            and facts.overdue_events <= policy.maximum_overdue_events
            and (not policy.needs_income or bool(customer.declared_monthly_income_fen)))
