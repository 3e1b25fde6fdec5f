"""Pages that belong to nobody in particular: the landing page and the saving of preferences."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from weidai.web.shared import preferences
from weidai.web.shared.borrower import next_path


def landing(request: HttpRequest) -> HttpResponse:
    """Two doors: borrowers and staff."""
    return render(request, "shared/landing.html", {"has_tabs": False})


@require_POST
def preferences_save(request: HttpRequest) -> HttpResponse:
    """Remember language, theme and type size in this browser, then go back to where the form was."""
    chosen = preferences.preferences_of(request)
    theme, language = request.POST.get("theme", chosen.theme), request.POST.get("lang", chosen.language)
    chosen = replace(
        chosen,
        theme=theme if theme in preferences.THEMES else chosen.theme,
        language="en" if language == "en" else "zh",
        is_care=request.POST.get("care", "1" if chosen.is_care else "0") == "1",
    )
    response = HttpResponseRedirect(next_path(request))
    preferences.remember(response, chosen, secure=preferences.cookies_are_secure(request))
    return response
