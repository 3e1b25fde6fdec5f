"""Borrower addresses, gathered from the modules of `weidai.web.h5.pages` (namespace `h5`)."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern, URLResolver

app_name = "h5"

# One module per area; each has `urlpatterns`. Add the name of a new module here, nothing else.
AREAS: tuple[str, ...] = (
    "entrance", "home", "onboarding", "id_card", "face", "voice", "consents", "credit", "rule_changes", "products",
    "applications", "application_answers", "papers", "card_photo", "limits", "activation", "borrow", "drawdowns", "bills",
    "repay", "autopay", "loans", "explanations", "me", "security_center", "devices", "mobile_number", "privacy", "preferences",)

urlpatterns: list[URLPattern | URLResolver] = [
    pattern for area in AREAS for pattern in import_module(f"weidai.web.h5.pages.{area}").urlpatterns
]
