"""My data: what I sent, what was deleted, deleting biometrics or everything (R8.5, R9.6)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from weidai.files import selectors, services
from weidai.files.words import REASONS, WHAT, words_of
from weidai.identity import services as identity
from weidai.kernel.text import Text
from weidai.web.h5.deeds import page_address, posted, was_done
from weidai.web.shared.borrower import borrower_cookie_clear, borrower_page
from weidai.web.shared.file_response import file_response
from weidai.web.shared.forms import Form, status_of
from weidai.web.shared.language import lazy_text, say

REASON = "customer_request"

class EraseForm(Form):
    """A deliberate yes; never ticked beforehand."""

    understands = forms.BooleanField(
        label=lazy_text("我知道此操作不可恢复", "I know that this cannot be undone"),
        error_messages={"required": lazy_text("请先勾选确认。", "Please tick to confirm first.")})


@borrower_page
def privacy(request: HttpRequest) -> HttpResponse:
    """Files I sent, receipts of deletions, and the two ways to have data deleted."""
    receipts = [(row, words_of(row.what, WHAT), words_of(row.reason, REASONS))
                for row in selectors.deletion_receipts(request.customer_id)]
    return render(request, "h5/pages/privacy.html", {
        "files": selectors.files_for(request.customer_id), "receipts": receipts, "active_tab": "me"})


@require_GET
@borrower_page
def own_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """One of my own files."""
    return file_response(services.file_open(request.customer_id, file_id, reason="customer.own_view"))


@borrower_page
def erase_biometrics(request: HttpRequest) -> HttpResponse:
    """What it means, and doing it."""
    form = EraseForm(posted(request))
    if request.method == "POST" and form.is_valid() and was_done(
            form, lambda: identity.biometrics_erase(request.customer_id, reason=REASON)):
        messages.success(request, say(Text(
            "您的生物特征已销毁，回执见下方。", "Your biometrics are destroyed; the receipt is below.")))
        return HttpResponseRedirect(page_address("privacy"))
    return render(request, "h5/pages/erase_biometrics.html", {"form": form}, status=status_of(form))


@borrower_page
def erase_everything(request: HttpRequest) -> HttpResponse:
    """Leave for good: only for who never borrowed; others are told why not and what happens instead."""
    form = EraseForm(posted(request))
    if request.method == "POST" and form.is_valid() and was_done(
            form, lambda: identity.person_erase(request.customer_id, reason=REASON)):
        response = render(request, "h5/pages/erased.html", {})
        borrower_cookie_clear(response)
        return response
    return render(request, "h5/pages/erase_everything.html", {"form": form}, status=status_of(form))


urlpatterns = [
    path("me/privacy/", privacy, name="privacy"),
    path("me/privacy/files/<uuid:file_id>", own_file, name="own_file"),
    path("me/privacy/biometrics", erase_biometrics, name="erase_biometrics"),
    path("me/privacy/account", erase_everything, name="erase_everything"),
]
