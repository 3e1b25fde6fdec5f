"""Django's handle on the room's tables."""

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    """Label `limits`."""

    name = "weidai.limits"
    label = "limits"
