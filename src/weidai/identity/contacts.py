"""Identity's answers to rooms below: how a customer is reached, what others may know; put in place by wiring."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from weidai.identity import selectors
from weidai.identity.models import Customer
from weidai.kernel.text import Language


class Contacts:
    """Fills `messaging.ports.contact_book`."""

    def mobile_for(self, customer_id: UUID) -> str | None:
        """Return the customer's mobile, None for a closed or unknown account."""
        row = Customer.objects.filter(customer_id=customer_id, status=Customer.Status.ACTIVE).only("mobile").first()
        return (row.mobile or None) if row else None

    def language_for(self, customer_id: UUID) -> Language:
        """Return the language the customer reads."""
        language = Customer.objects.filter(customer_id=customer_id).values_list("language", flat=True).first()
        return "en" if language == "en" else "zh"


class KnownDigits:
    """Fills `security.ports.known_digits`: what a payment password may not be taken from (R6.1)."""

    def digits_for(self, customer_id: UUID) -> tuple[str, ...]:
        """Return mobile and ID number, and the birth date in the orders people write it in."""
        row = Customer.objects.filter(customer_id=customer_id).only("id", "mobile", "id_number").first()
        if row is None:
            return ()
        if row.id_number is None:
            return (row.mobile,)
        year, month, day = row.id_number[6:10], row.id_number[10:12], row.id_number[12:14]
        return row.mobile, row.id_number, f"{year}{month}{day}", f"{day}{month}{year}", f"{month}{day}{year}", (
            f"{day}{month}{year[2:]}"), f"{month}{day}{year[2:]}"


class PersonSeen:
    """Fills `security.ports.person_seen`: full re-authentication by face or staff video, equal in weight (R1.3, R6.1)."""

    def by(self, customer_id: UUID, *, within: timedelta) -> str | None:
        """Return how the person was seen within this time."""
        if selectors.has_fresh_face(customer_id, purpose="activation", within=within):
            return "face"
        return "staff_video" if selectors.has_fresh_staff_video(customer_id, purpose="activation", within=within) else None
