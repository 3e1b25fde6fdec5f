"""What the products room needs from rooms above it: what a customer already has or asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from weidai.platform.ports import PortSlot
from weidai.products.policy import ProductCode


@dataclass(frozen=True, slots=True)
class HoldingsRow:
    """Products with an open line or an open application; room left of the customer's total, None before it is known."""

    held_products: frozenset[ProductCode] = frozenset()
    has_open_application: frozenset[ProductCode] = frozenset()
    room_fen: int | None = None


class Holdings(Protocol):
    """Answered by origination, which knows lines and applications."""

    def holdings_for(self, customer_id: UUID) -> HoldingsRow:
        """Return what the customer holds and has asked for."""


holdings: PortSlot[Holdings] = PortSlot("products.holdings")
