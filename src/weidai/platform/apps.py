"""Django's handle on the platform's tables."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """The label is `platform`; the standard library's module of that name is never shadowed (absolute imports)."""

    name = "weidai.platform"
    label = "platform"
