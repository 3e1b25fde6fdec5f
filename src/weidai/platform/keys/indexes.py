"""Blind indexes: finding a value by its keyed digest, with a key per column and versions side by side (IDENTITY §5)."""

from __future__ import annotations

from django.db import connection

from weidai.platform.keys.datakeys import ROTATION_LOCK
from weidai.platform.keys.keyfile import index_mark, keyring
from weidai.platform.keys.sealing import digest_text


def _normal(value: str) -> str:
    return value.strip().upper()


def index_digests(column: str, value: str) -> tuple[str, ...]:
    """Return the digests under which a value may be found, one per version of the column's key in force."""
    return keyring(fresh=True).index_digests(column, _normal(value))


def index_digests_for_writing(column: str, value: str) -> tuple[str, ...]:
    """Return the digests to store with a new value, the newest version's last; keys do not change until commit."""
    _keys_hold()
    return index_digests(column, value)


def digest_text_for_writing(value: str, purpose: str) -> str:
    """Return the digest to store for a value that is kept longer than minutes; keys do not change until commit."""
    _keys_hold()
    return digest_text(value, purpose)


def digest_mark() -> str:
    """Return what digests under the newest digest key begin with; empty for the first one."""
    return index_mark(keyring(fresh=True).digests.active)


def _keys_hold() -> None:
    assert connection.in_atomic_block, "a digest belongs to the transaction of its value"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s))", [ROTATION_LOCK])


def index_versions(column: str) -> tuple[int, ...]:
    """Return the versions of a column's key in force, the one for new rows last."""
    versions = keyring(fresh=True).index[column]
    return tuple(sorted(versions.keys, key=lambda number: (number == versions.active, number)))
