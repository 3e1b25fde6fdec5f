"""Django's handle on the security tables."""

from django.apps import AppConfig


class SecurityConfig(AppConfig):
    """Codes, sessions and payment passwords."""

    name = "weidai.security"
    label = "security"
