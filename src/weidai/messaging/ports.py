"""What messaging needs from outside: somebody who carries a text message, and the number to send it to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from weidai.kernel.text import Language
from weidai.platform.ports import PortSlot


@dataclass(frozen=True, slots=True)
class SmsAnswer:
    """The gateway's final word on one message; `reason` is set when it was not delivered."""

    is_delivered: bool
    reason: str | None = None


class SmsGateway(Protocol):
    """Carries text messages. The same `message_id` is one message, however often it is handed over."""

    def send(self, message_id: str, mobile: str, text: str) -> SmsAnswer:
        """Hand one message over; PartnerUnavailable means unknown: hand it over again with the same id."""


class ContactBook(Protocol):
    """How a customer is reached (filled by identity)."""

    def mobile_for(self, customer_id: UUID) -> str | None:
        """Return the customer's mobile number, None when there is nobody to reach (closed account)."""

    def language_for(self, customer_id: UUID) -> Language:
        """Return the language the customer reads."""


sms_gateway: PortSlot[SmsGateway] = PortSlot("messaging.sms_gateway")
contact_book: PortSlot[ContactBook] = PortSlot("messaging.contact_book")
