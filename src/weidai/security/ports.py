"""What security needs from above: the digits a stranger who knows the person would try first (R6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from weidai.platform.ports import PortSlot


class KnownDigits(Protocol):
    """Digits of the customer that others may know (filled by identity)."""

    def digits_for(self, customer_id: UUID) -> Sequence[str]:
        """Return texts no payment password may be a part of; empty before anything is known of the customer."""


known_digits: PortSlot[KnownDigits] = PortSlot("security.known_digits")
