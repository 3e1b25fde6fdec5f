"""The Django app that carries the console templates."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The console pages."""

    name = "weidai.web.console"
    label = "web_console"
