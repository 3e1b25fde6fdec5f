"""Django's handle on the room's tables."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs: progress of the runs that the clock drives."""

    name = "weidai.jobs"
    label = "jobs"
