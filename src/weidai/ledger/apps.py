"""Django's handle on the ledger's tables."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "weidai.ledger"
    label = "ledger"
