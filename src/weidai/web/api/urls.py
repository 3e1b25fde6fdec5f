"""Addresses under /api/."""

from django.urls import path

from weidai.web.api import callbacks

app_name = "api"

urlpatterns = [path("callbacks/sandbox", callbacks.sandbox_callback, name="sandbox_callback")]
