"""Whether a customer ever borrowed: the answer to identity's port, put in place by wiring (R8.5)."""

from __future__ import annotations

from uuid import UUID

from weidai.lending.models import Drawdown, Loan
from weidai.limits import selectors as limits
from weidai.origination import selectors as origination

_KEPT_BY_LAW = ("aml", "fraud")


class OwnBorrowings:
    """Fills `identity.ports.borrowings`."""

    def has_borrowed(self, customer_id: UUID) -> bool:
        """Say whether there is or was a loan, or money was asked for by a signed agreement."""
        signed = Drawdown.objects.filter(customer_id=customer_id).exclude(submitted_at=None)
        return Loan.objects.filter(customer_id=customer_id).exists() or signed.exists()

    def has_open_business(self, customer_id: UUID) -> bool:
        """Say whether an application, an appeal or a line is open, or an investigation holds the account."""
        return (bool(limits.lines_for(customer_id)) or origination.open_application(customer_id) is not None
                or origination.has_open_appeal(customer_id) or any(
                    kind in _KEPT_BY_LAW for kind in limits.hold_kinds(customer_id)))
