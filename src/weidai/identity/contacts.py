"""Identity's answer to messaging's question how a customer is reached; put in place by wiring."""

from __future__ import annotations

from uuid import UUID

from weidai.identity.models import Customer
from weidai.kernel.text import Language


class Contacts:
    """Fills `messaging.ports.contact_book`."""

    def mobile_for(self, customer_id: UUID) -> str | None:
        """Return the customer's mobile, None for a closed or unknown account."""
        row = Customer.objects.filter(customer_id=customer_id, status=Customer.Status.ACTIVE).only("mobile").first()
        return row.mobile if row else None

    def language_for(self, customer_id: UUID) -> Language:
        """Return the language the customer reads."""
        language = Customer.objects.filter(customer_id=customer_id).values_list("language", flat=True).first()
        return "en" if language == "en" else "zh"
