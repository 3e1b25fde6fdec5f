"""The Django app that carries the shared templates and template tags."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """Shared components of all pages."""

    name = "weidai.web.shared"
    label = "web_shared"
