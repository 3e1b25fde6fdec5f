"""Answers what the products room asks for upwards: lines held, applications open (filled in wiring)."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from weidai.limits import selectors as limits
from weidai.origination.models import OPEN_STATES, Application
from weidai.products.policy import ProductCode
from weidai.products.ports import HoldingsRow


class CustomerHoldings:
    """The adapter of `products.ports.Holdings`."""

    def holdings_for(self, customer_id: UUID) -> HoldingsRow:
        """Return products with an open line or an open application."""
        held = frozenset(cast(ProductCode, line.product) for line in limits.lines_for(customer_id))
        asked = Application.objects.filter(customer_id=customer_id, state__in=OPEN_STATES).values_list(
            "product", flat=True)
        return HoldingsRow(held_products=held, has_open_application=frozenset(cast(ProductCode, one) for one in asked))
