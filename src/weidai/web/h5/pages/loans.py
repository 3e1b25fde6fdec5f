"""Loans: the list, and one loan with its schedule, its papers as signed, its history, its certificate (R6.6)."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.kernel.rates import simple_annual_text
from weidai.lending import selectors as lending
from weidai.servicing import selectors
from weidai.web.h5.drawdown_steps import card_of
from weidai.web.h5.sheet_view import document_blocks
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.language import say


@borrower_page
def loans(request: HttpRequest) -> HttpResponse:
    """Every loan, those still owed first."""
    rows = lending.loans_for(request.customer_id)
    ended = ("settled", "cancelled")
    return render(request, "h5/pages/loans.html", {
        "open_loans": [row for row in rows if row.state not in ended],
        "ended_loans": [row for row in rows if row.state in ended], "active_tab": "bills"})


@borrower_page
def loan(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """One loan: figures, schedule, papers, history."""
    statement = selectors.loan_statement(request.customer_id, loan_id)
    row = statement.loan
    return render(request, "h5/pages/loan.html", {
        "statement": statement, "loan": row, "card": card_of(request, row.card_id),
        "apr": simple_annual_text(row.daily_rate_e8), "is_open": row.state in ("active", "overdue")})


@borrower_page
def document(request: HttpRequest, loan_id: UUID, kind: str) -> HttpResponse:
    """The cost sheet or the agreement exactly as it was shown at signing, with its hash."""
    row = lending.loan_get(request.customer_id, loan_id)
    if kind == "agreement":
        agreement = lending.agreement_text(request.customer_id, loan_id=loan_id)
        shown = {"content": agreement.content, "sha256": agreement.sha256, "at": agreement.signed_at,
                 "number": agreement.number, "sheet_sha256": agreement.cost_sheet_sha256,
                 "signed_by": agreement.signed_by}
    elif kind == "cost-sheet":
        sheet = lending.cost_sheet_get(request.customer_id, row.drawdown_id)
        shown = {"content": sheet.content, "sha256": sheet.sha256, "at": sheet.confirmed_at}
    else:
        raise Http404
    return render(request, "h5/pages/loan_document.html", {
        "loan": row, "kind": kind, "document": shown, "blocks": document_blocks(say(shown["content"]))})


@borrower_page
def certificate(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """What the settlement certificate says, and its download; before settlement, what is still missing."""
    statement = selectors.loan_statement(request.customer_id, loan_id)
    return render(request, "h5/pages/loan_certificate.html", {"statement": statement, "loan": statement.loan})


@borrower_page
def certificate_file(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """The certificate as a PDF to keep."""
    row = lending.loan_get(request.customer_id, loan_id)
    response = HttpResponse(selectors.certificate_pdf(request.customer_id, loan_id), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="settlement-{row.number}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns = [
    path("loans/", loans, name="loans"),
    path("loans/<uuid:loan_id>/", loan, name="loan"),
    path("loans/<uuid:loan_id>/certificate", certificate, name="loan_certificate"),
    path("loans/<uuid:loan_id>/certificate.pdf", certificate_file, name="loan_certificate_pdf"),
    path("loans/<uuid:loan_id>/papers/<slug:kind>", document, name="loan_document"),
]
