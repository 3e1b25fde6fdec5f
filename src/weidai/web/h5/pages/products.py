"""The products side by side, with the reader's own eligibility (R3.2, R3.3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.kernel.text import Text
from weidai.lending.selectors import method_text
from weidai.origination.services.applications import OPEN_ENTRIES
from weidai.platform import clock
from weidai.products import selectors
from weidai.products.rules import ComparisonRow, Reason, apr_e8
from weidai.web.h5.deeds import lender
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.formats import rate

STAGE_NAMES = {
    "screening": Text("初审（自动）", "screening (automatic)"),
    "verification": Text("复审（人工）", "verification (a person)"),
    "final_review": Text("终审", "final review"),
}
# What final review settles, with the credit report in hand: said, but no bar to applying.
_NO_BAR = frozenset({"products.not_assessed", "products.grade_too_low", "products.student_second_source"})


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product as compared; APR always beside the daily rate, each as text in percent."""

    row: ComparisonRow
    apr: str
    daily: str
    own_apr: str
    own_daily: str
    methods: tuple[Text, ...]
    stages: tuple[Text, ...]
    bars: tuple[Reason, ...]
    cautions: tuple[Reason, ...]
    has_path: bool
    is_held: bool  # the reader has this product already

    @property
    def can_apply(self) -> bool:
        """Nothing stands in the way of applying now."""
        return self.has_path and not self.bars


@borrower_page
def compare(request: HttpRequest) -> HttpResponse:
    """Who, entry, documents, stages, time, limit, APR, repayment, fees, consequences, and whether you may."""
    on = clock.today()
    views = [product_view(row) for row in selectors.comparison_for(request.customer_id, on=on)]
    return render(request, "h5/pages/products.html", {"products": views, "lender": lender(on)})


def product_view(row: ComparisonRow) -> ProductView:
    """A comparison row ready to show."""
    low, high = row.apr_range_e8
    own = row.eligibility.daily_rate_e8 if row.eligibility else None
    reasons = row.eligibility.reasons if row.eligibility else ()
    return ProductView(
        row=row,
        apr=_span(low, high),
        daily=_span(row.lowest_daily_rate_e8, row.highest_daily_rate_e8),
        own_apr=rate(apr_e8(own)) if own is not None else "",
        own_daily=rate(own) if own is not None else "",
        methods=tuple(method_text(method) for method in row.methods),
        stages=tuple(STAGE_NAMES[stage] for stage in row.stages),
        bars=tuple(reason for reason in reasons if reason.code not in _NO_BAR),
        cautions=tuple(reason for reason in reasons if reason.code in _NO_BAR),
        has_path=row.entry in OPEN_ENTRIES,
        is_held=any(reason.code == "products.already_held" for reason in reasons),
    )


def _span(low_e8: int, high_e8: int) -> str:
    return rate(low_e8) if low_e8 == high_e8 else f"{rate(low_e8)}–{rate(high_e8)}"


urlpatterns = [path("products/", compare, name="products")]
