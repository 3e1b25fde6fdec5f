"""Reading the catalogue, eligibility and comparison (R3.1–R3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from weidai.assessment import selectors as assessment
from weidai.assessment.policy import Grade
from weidai.identity import selectors as identity
from weidai.kernel.days import month_start
from weidai.products import rules
from weidai.products.errors import ProductNotFound
from weidai.products.models import Invitation
from weidai.products.policy import ProductCode, ProductPolicy, current
from weidai.products.ports import holdings

_FLOW_MONTHS = 12


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation as shown."""

    id: UUID
    customer_id: UUID
    product: str
    state: str
    issued_at: datetime
    expires_on: date


def catalogue(on: date) -> tuple[ProductPolicy, ...]:
    """Return the products of the pack in force, in its order."""
    return current(on).products


def product_get(code: str, *, on: date) -> ProductPolicy:
    """Return one product of the pack in force."""
    try:
        return current(on).product(code)
    except KeyError:
        raise ProductNotFound from None


def daily_rate_e8(product: str, grade: str, on: date) -> int | None:
    """Return the daily rate of a product for a grade in 1e-8; None when it is closed to the grade."""
    return product_get(product, on=on).daily_rate_e8(cast(Grade, grade))


def eligibility_for(customer_id: UUID, *, on: date) -> tuple[rules.Eligibility, ...]:
    """Return yes or every reason why not, for each product (R3.2)."""
    policy, facts = current(on), facts_for(customer_id, on=on)
    return tuple(rules.eligibility(product, facts, policy) for product in policy.products)


def comparison_for(customer_id: UUID | None, *, on: date) -> tuple[rules.ComparisonRow, ...]:
    """Return the products side by side, with the customer's own eligibility when there is one (R3.3)."""
    return rules.comparison(facts_for(customer_id, on=on) if customer_id else None, current(on))


def facts_for(customer_id: UUID, *, on: date) -> rules.ProductFacts:
    """Return what eligibility depends on, as known now."""
    newest = assessment.latest(customer_id)
    held = holdings().holdings_for(customer_id)
    return rules.ProductFacts(
        is_identity_verified=identity.is_real_name(customer_id),
        grade=cast(Grade, newest.grade) if newest else None,
        has_invitation=invitation_for(customer_id, on=on) is not None,
        monthly_flow_fen=_flows(customer_id, newest.id, on) if newest else (),
        is_student=identity.customer_get(customer_id).occupation == "student",
        held_products=held.held_products,
        has_open_application=held.has_open_application,
        room_fen=held.room_fen,
    )


def invitation_for(
    customer_id: UUID, *, on: date, product: ProductCode = "invited_cash_loan",
) -> InvitationRow | None:
    """Return the customer's valid invitation to a product (R3.4)."""
    valid = Invitation.objects.filter(customer_id=customer_id, product=product, state=Invitation.State.ISSUED,
                                      expires_on__gte=on).order_by("-expires_on").first()
    return invitation_row(valid) if valid else None


def invitations_list(*, limit: int = 50, before: UUID | None = None) -> Sequence[InvitationRow]:
    """Return invitations for the console, newest first."""
    rows = Invitation.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [invitation_row(row) for row in rows[:limit]]


def invitation_row(row: Invitation) -> InvitationRow:
    """Return an invitation as shown."""
    return InvitationRow(id=row.id, customer_id=row.customer_id, product=row.product, state=row.state,
                         issued_at=row.issued_at, expires_on=row.expires_on)


def _flows(customer_id: UUID, assessment_id: UUID, on: date) -> tuple[int, ...]:
    """Return the monthly payment flow the newest assessment saw, oldest first without gaps; older data than that is
    not complete up to `on` and simply stops earlier."""
    facts = assessment.inputs(customer_id, assessment_id).facts
    months = [row for row in facts.months if row.month < month_start(on)]
    if not months:
        return ()
    count = _months_between(min(row.month for row in months), max(row.month for row in months)) + 1
    window = facts.window(min(count, _FLOW_MONTHS), on=facts.payments_on or on)
    return tuple(row.spend_fen for row in window or ())


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
