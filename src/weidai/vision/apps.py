"""Django's handle on the room's tables."""

from django.apps import AppConfig


class VisionConfig(AppConfig):
    """Label `vision`."""

    name = "weidai.vision"
    label = "vision"
