"""Django's handle on the room's tables."""

from django.apps import AppConfig


class OriginationConfig(AppConfig):
    """Label `origination`."""

    name = "weidai.origination"
    label = "origination"
