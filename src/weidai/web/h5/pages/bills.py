"""Bills: what is owed today, what is overdue and what that costs, what comes next, what was paid (R6.6, R7.3)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.lending import selectors as lending
from weidai.limits import selectors as limits
from weidai.platform import clock
from weidai.servicing import outlook, selectors
from weidai.servicing.errors import RepaymentNotFound
from weidai.web.h5.deeds import lender
from weidai.web.shared.borrower import borrower_page


@borrower_page
def bills(request: HttpRequest) -> HttpResponse:
    """Owed today, overdue with what it costs and how to recover, next due, pay-off figures."""
    found = selectors.bills_for(request.customer_id)
    late = outlook.overdue_outlook(request.customer_id) if found.overdue_fen else None
    return render(request, "h5/pages/bills.html", {
        "bills": found, "late": late, "holds": limits.holds_for(request.customer_id) if late else [],
        "days_left": (found.next_due_on - found.on).days if found.next_due_on else None,
        "lender": lender(clock.today()), "active_tab": "bills",
    })


@borrower_page
def history(request: HttpRequest) -> HttpResponse:
    """Every repayment, newest first, and the refunds."""
    return render(request, "h5/pages/bills_history.html", {
        "rows": selectors.repayments_for(request.customer_id), "refunds": selectors.refunds_for(request.customer_id),
        "active_tab": "bills"})


@borrower_page
def receipt(request: HttpRequest, repayment_id: UUID) -> HttpResponse:
    """One repayment: what it paid."""
    row = next((row for row in selectors.repayments_for(request.customer_id) if row.id == repayment_id), None)
    if row is None:
        raise RepaymentNotFound
    return render(request, "h5/pages/receipt.html", {
        "row": row, "lender": lender(clock.today()),
        "loans": [loan for loan in lending.loans_for(request.customer_id) if loan.state in ("active", "overdue")]})


urlpatterns = [
    path("bills/", bills, name="bills"),
    path("bills/paid", history, name="bills_history"),
    path("receipts/<uuid:repayment_id>", receipt, name="receipt"),
]
