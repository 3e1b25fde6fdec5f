"""Every address of the product. `/api/` joins when its module exists; `/health` belongs to the platform."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

from weidai.platform.health import health_view
from weidai.web.shared import views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("preferences", views.preferences_save, name="preferences_save"),
    path("health", health_view, name="health"),
    path("h5/", include("weidai.web.h5.urls", namespace="h5")),
    path("console/", include("weidai.web.console.urls")),
]

if find_spec("weidai.web.api") is not None and find_spec("weidai.web.api.urls") is not None:
    urlpatterns.append(path("api/", include("weidai.web.api.urls")))

if settings.DEBUG or settings.DEMO:
    urlpatterns.append(path("style-guide/", include("weidai.web.shared.style_guide_urls")))

handler400 = "weidai.web.shared.errors.bad_request"
handler403 = "weidai.web.shared.errors.forbidden"
handler404 = "weidai.web.shared.errors.not_found"
handler500 = "weidai.web.shared.errors.server_error"
