"""Django's handle on the room's tables."""

from django.apps import AppConfig


class ServicingConfig(AppConfig):
    """Servicing: repayments, debits, lateness, refunds, certificates."""

    name = "weidai.servicing"
    label = "servicing"
