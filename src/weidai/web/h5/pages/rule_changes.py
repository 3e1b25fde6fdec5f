"""Rule changes: what is different in the assessment, before and after, with the day it holds from (R2.3)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.assessment.selectors_rules import announced_changes
from weidai.web.shared.borrower import borrower_page


@borrower_page
def show(request: HttpRequest) -> HttpResponse:
    """Every announced change of the assessment's rules, the newest first."""
    return render(request, "h5/pages/rule_changes.html", {"announcements": announced_changes(), "active_tab": "me"})


urlpatterns = [path("credit/rules/", show, name="rule_changes")]
