"""Answers what rooms below ask for upwards: lines and applications for products, papers for identity (filled in wiring)."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from weidai.limits import selectors as limits
from weidai.origination.models import OPEN_STATES, Application
from weidai.origination.services.paper_retention import papers_forget
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


class ConsentedPapers:
    """The adapter of `identity.ports.PapersHeld`."""

    def consent_withdrawn(self, customer_id: UUID, *, has_borrowed: bool) -> None:
        """Delete the papers that rested on the consent to papers on income and assets."""
        papers_forget(customer_id, has_borrowed=has_borrowed)
