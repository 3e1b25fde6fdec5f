"""Settings of this browser: larger type, light or dark, language (R9.1). Open to everyone, logged in or not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path


def show(request: HttpRequest) -> HttpResponse:
    """The form; saving goes to the shared address, which both faces of the product use."""
    return render(request, "h5/pages/preferences.html", {"active_tab": "me"})


urlpatterns = [path("preferences", show, name="preferences")]
