"""Django's handle on the messaging tables."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Notices and text messages."""

    name = "weidai.messaging"
    label = "messaging"
