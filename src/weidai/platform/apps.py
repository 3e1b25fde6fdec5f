"""Django's handle on the platform's tables."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """The label is `platform`; the standard library's module of that name is never shadowed (absolute imports)."""

    name = "weidai.platform"
    label = "platform"

    def ready(self) -> None:
        """Each request signs with the newest key of the key file (R9.6)."""
        from django.core.signals import request_started

        from weidai.platform.keys.signing_keys import newest_key_sign

        request_started.connect(newest_key_sign, dispatch_uid="platform.signing_keys")
