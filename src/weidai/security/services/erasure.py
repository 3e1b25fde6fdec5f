"""Forgetting the secrets of a person who is made unreadable (R8.5)."""

from __future__ import annotations

from uuid import UUID

from weidai.security.models import PaymentPassword, SmsChallenge


def secrets_erase(customer_id: UUID) -> None:
    """Remove payment password and waiting codes in the caller's transaction."""
    PaymentPassword.objects.filter(customer_id=customer_id).delete()
    SmsChallenge.objects.filter(customer_id=customer_id).update(code=None, mobile=None)
