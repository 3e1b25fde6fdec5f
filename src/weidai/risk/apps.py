"""Django's handle on the room's tables."""

from django.apps import AppConfig


class RiskConfig(AppConfig):
    """Label `risk`."""

    name = "weidai.risk"
    label = "risk"
