"""Addresses under /api/."""

from django.urls import include, path, re_path

from weidai.web.api import callbacks, reference, v1

app_name = "api"

urlpatterns = [
    path("callbacks/sandbox", callbacks.sandbox_callback, name="sandbox_callback"),
    path("v1/openapi.json", reference.openapi, name="openapi"),
    path("v1/docs", reference.docs, name="docs"),
    path("v1/", include((v1.patterns(), "v1"))),
    re_path(r"^v1/.*$", v1.unknown, name="unknown"),
]
