"""The Django app that carries the h5 templates."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The h5 pages."""

    name = "weidai.web.h5"
    label = "web_h5"
