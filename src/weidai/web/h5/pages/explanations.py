"""How a debt is worked out: every fen, line by line, in plain words (R6.6)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.servicing import selectors
from weidai.web.shared.borrower import borrower_page


@borrower_page
def loan_explain(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Today's debt and pay-off figure with their derivation; the rest of the plan folded away."""
    found = selectors.loan_explanation(request.customer_id, loan_id)
    by_group: dict[str, list[selectors.SheetSection]] = {}
    for section in found.sheet:
        name = "later" if section.group == "installment" and not section.is_open else section.group
        by_group.setdefault(name, []).append(section)
    return render(request, "h5/pages/loan_explain.html", {
        "found": found, "loan": found.loan, "groups": by_group})


urlpatterns = [path("loans/<uuid:loan_id>/explain", loan_explain, name="loan_explain")]
