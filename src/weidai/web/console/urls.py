"""Console addresses, gathered from `weidai.web.console.pages` (namespace `console`), and staff log-in."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from weidai.web.console.menu import AREAS

_pages: list[URLPattern | URLResolver] = [
    pattern for area in AREAS for pattern in import_module(f"weidai.web.console.pages.{area}").urlpatterns
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("weidai.web.console.account_urls")),
    path("", include((_pages, "console"))),
]
