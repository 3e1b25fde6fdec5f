"""Django's handle on the identity tables."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Customers, verifications, consents and cards."""

    name = "weidai.identity"
    label = "identity"
