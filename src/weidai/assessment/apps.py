"""Django's handle on the room's tables."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """Label `assessment`."""

    name = "weidai.assessment"
    label = "assessment"
