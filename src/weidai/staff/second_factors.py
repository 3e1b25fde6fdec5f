"""Second-factor secrets, moved to the present form of sealing when keys are changed (R8.6, R9.6)."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.db import transaction

from weidai.platform.crypto import decrypt_text, encrypt_text
from weidai.platform.keys.sealing import is_legacy
from weidai.staff.adapters import SECRET_PURPOSE

_FIELDS = ("secret", "seed")


class SecondFactors:
    """Fills `platform.keys.rotation.places`."""

    name = "staff.second_factors"

    def waiting(self) -> int:
        """Return how many secrets are sealed the way older homes did it."""
        return len(self._old())

    def rewrite(self) -> Iterator[int]:
        """Seal them anew, one account at a time."""
        for key in self._old():
            with transaction.atomic():
                row = Authenticator.objects.select_for_update().get(pk=key)
                row.data = {name: encrypt_text(decrypt_text(value, SECRET_PURPOSE), SECRET_PURPOSE)
                            if name in _FIELDS and is_legacy(value) else value for name, value in row.data.items()}
                row.save(update_fields=["data"])
            yield 1

    def drop(self) -> None:
        """Nothing stands beside the new form."""

    def _old(self) -> list[int]:
        rows = Authenticator.objects.values_list("pk", "data")
        return [key for key, data in rows
                if any(name in _FIELDS and isinstance(value, str) and is_legacy(value) for name, value in data.items())]
