"""Django's handle on the room's tables."""

from django.apps import AppConfig


class LendingConfig(AppConfig):
    """Lending: drawdowns, cost sheets, agreements, loans, disbursements."""

    name = "weidai.lending"
    label = "lending"
