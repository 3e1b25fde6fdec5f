"""The Django app of the staff room."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Staff accounts and roles."""

    name = "weidai.staff"
    label = "staff"
