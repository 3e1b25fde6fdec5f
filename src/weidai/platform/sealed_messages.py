"""Personal data inside partners' messages, moved to the present form of sealing when keys are changed (R9.6)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from weidai.platform.keys.sealing import is_legacy, seal, unseal
from weidai.platform.models import InboxMessage

CHUNK = 200
SEAL_PURPOSE = "inbox.payload"
_OLD_FORM = r'_sealed": "k[0-9]+\.'


class SealedMessages:
    """Fills `keys.rotation.places`: the fields `…_sealed` of messages, sealed the way older homes did it."""

    name = "platform_inboxmessage.payload"

    def waiting(self) -> int:
        """Return how many messages hold such values."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM platform_inboxmessage WHERE payload::text ~ %s", [_OLD_FORM])
            return int(cursor.fetchone()[0])

    def rewrite(self) -> Iterator[int]:
        """Seal them with the institution's key, some at a time."""
        while True:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT id FROM platform_inboxmessage WHERE payload::text ~ %s ORDER BY id LIMIT %s",
                                   [_OLD_FORM, CHUNK])
                    ids = [row[0] for row in cursor.fetchall()]
                if not ids:
                    return
                for row in InboxMessage.objects.select_for_update().filter(id__in=ids):
                    row.payload = {key: _anew(key, value) for key, value in row.payload.items()}
                    row.save(update_fields=["payload"])
            yield len(ids)

    def drop(self) -> None:
        """Nothing stands beside the new form."""


def _anew(key: str, value: object) -> object:
    if not (key.endswith("_sealed") and isinstance(value, str) and is_legacy(value)):
        return value
    return seal(unseal(value, SEAL_PURPOSE), SEAL_PURPOSE)
