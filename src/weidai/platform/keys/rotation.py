"""Changing keys while everything runs: new versions first, then what is old is rewritten, then old look-ups are dropped.

Every step can be cut off and begun again: what is left to do is read from the tables, and the key file says that a
rotation is under way. Reading never stops, since old versions stay readable until nothing uses them (R9.6).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.apps import apps
from django.db import connection, transaction

from weidai.platform.keys import datakeys
from weidai.platform.keys.fields import EncryptedTextField
from weidai.platform.keys.keyfile import (
    INDEX_COLUMNS,
    keyring,
    keyring_change,
    old_signing_key_file,
    random_key,
    random_signing_key,
)
from weidai.platform.keys.ports import master_key
from weidai.platform.keys.signing_keys import newest_key_sign

CHUNK = 500
_LOOK_AGAIN_SECONDS = 2.0
Told = Callable[[str, int, int], None]  # step, done, of how many


class RotationPlace(Protocol):
    """Values or look-up digests that only their room can rewrite; registered by wiring.

    A place with `expires = True` holds what lives some minutes only: it is waited for, not moved.
    """

    name: str

    def waiting(self) -> int:
        """Return how many rows still carry an old form."""

    def rewrite(self) -> Iterator[int]:
        """Rewrite them in transactions of their own, yielding how many each did; safe to begin again."""

    def drop(self) -> None:
        """Remove what only the old version needs, once nobody writes it any more."""


places: list[RotationPlace] = []


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How much is under one version: `what` is data_keys, a column or a look-up, `version` reads k1, v1, 2 …"""

    what: str
    version: str
    count: int
    is_old: bool


def rotate(told: Told = lambda *_: None, *, wait_seconds: float = 0) -> None:
    """Give every key a new version and move everything to it; goes on where it was cut off.

    What was only just sent under the old digest key (a one-time code) stays valid until it expires, at most
    `wait_seconds` are waited for that; the old version stays in the key file until `old_keys_destroy`.
    """
    begin()
    barrier()
    _data_keys_rewrap(told)
    _columns_reseal(told)
    for place in places:
        _place_rewrite(place, told)
    keyring_change(_without_old_index)
    barrier()
    for place in places:
        place.drop()
    keyring_change(lambda content: {key: value for key, value in content.items() if key != "rotating"})
    _expiry_await(told, wait_seconds)


def _expiry_await(told: Told, wait_seconds: float) -> None:
    """Look again at what expires by itself until nothing old is left or the time is over."""
    until = time.monotonic() + wait_seconds
    for place in places:
        most = left = place.waiting() if getattr(place, "expires", False) else 0
        while left and time.monotonic() < until:
            told(f"{place.name}.expiring", max(0, most - left), most)
            time.sleep(_LOOK_AGAIN_SECONDS)
            for _ in place.rewrite():
                pass
            left = place.waiting()
        if most:
            told(f"{place.name}.expiring", most - left, most)


def begin() -> None:
    """Write new versions into the key file, unless a rotation is under way already."""
    keyring_change(_with_new_versions)
    newest_key_sign()


def barrier() -> None:
    """Wait for every transaction that may have looked at the keys before they were replaced."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [datakeys.ROTATION_LOCK])


def old_keys_destroy() -> list[int]:
    """Remove unused master, digest and signing keys and older homes' keys from the key file; return the master keys' numbers.

    Raises ValueError while something still needs them. Backups made before cannot be read without them any more.
    """
    needed = [use for use in key_uses() if use.is_old and use.count]
    if needed:
        raise ValueError(", ".join(f"{use.what}: {use.count} × {use.version}" for use in needed))
    active = keyring(fresh=True).kek.active
    gone = [number for number in keyring().kek.keys if number != active]

    def change(content: dict[str, Any]) -> dict[str, Any]:
        kek = {"active": active, "keys": {str(active): content["kek"]["keys"][str(active)]}}
        newest = str(content["digest"]["active"])
        digest = {"active": int(newest), "keys": {newest: content["digest"]["keys"][newest]}}
        signs = str(content["signing"]["active"])
        signing = {"active": int(signs), "keys": {signs: content["signing"]["keys"][signs]}}
        return {**content, "kek": kek, "digest": digest, "signing": signing, "legacy": {}}

    keyring_change(change)
    old_signing_key_file().unlink(missing_ok=True)
    return gone


def key_uses(*, with_columns: bool = True) -> list[KeyUse]:
    """Return what is under which version: data keys by master key, sealed columns by form, look-ups by version.

    Columns are counted row by row, which takes its time on a large portfolio: a page leaves them out.
    """
    active, found = master_key().active_version(), []
    with connection.cursor() as cursor:
        cursor.execute("""SELECT kek_version, count(*) FROM platform_datakey WHERE destroyed_at IS NULL
                           GROUP BY kek_version ORDER BY kek_version""")
        found += [KeyUse("data_keys", str(version), count, version != active) for version, count in cursor.fetchall()]
        for field in sealed_columns() if with_columns else ():
            table, column = field.model._meta.db_table, field.column
            cursor.execute(  # names come from the models
                f"""SELECT CASE WHEN "{column}" LIKE 'v1|%%' THEN 'v1' ELSE split_part("{column}", '.', 1) END, count(*)
                      FROM "{table}" WHERE "{column}" IS NOT NULL GROUP BY 1 ORDER BY 1""")  # noqa: S608
            found += [KeyUse(f"{table}.{column}", form, count, form != "v1") for form, count in cursor.fetchall()]
    found += [KeyUse(place.name, "old", waiting, is_old=True) for place in places if (waiting := place.waiting())]
    return found


def unreadable(told: Told = lambda *_: None) -> Mapping[str, int]:
    """Open every sealed value and return where some could not be opened, by column; destroyed keys do not count."""
    broken: dict[str, int] = {}
    for field in sealed_columns():
        name, count, total = f"{field.model._meta.db_table}.{field.column}", 0, field.model._base_manager.count()
        for row in field.model._base_manager.exclude(**{f"{field.name}__isnull": True}).only("pk", field.name).iterator(2000):
            count += 1
            try:
                getattr(row, field.attname)
            except Exception:  # whatever the reason: the value cannot be read
                broken[name] = broken.get(name, 0) + 1
        told(name, count, max(total, count))
    return broken


def sealed_columns() -> list[EncryptedTextField]:
    """Return every sealed column of every room."""
    return [field for model in apps.get_models() for field in model._meta.local_concrete_fields
            if isinstance(field, EncryptedTextField)]


def _with_new_versions(content: dict[str, Any]) -> dict[str, Any]:
    if content.get("rotating"):
        return content
    for part in (content["kek"], content["digest"], *(content["index"][column] for column in INDEX_COLUMNS)):
        number = max(1, *map(int, part["keys"])) + 1  # never 1 again: its look-ups are not told from an older home's
        part["keys"][str(number)] = random_key()
        part["active"] = number
    signing = content["signing"]
    signing["active"] = max(map(int, signing["keys"])) + 1
    signing["keys"][str(signing["active"])] = random_signing_key()
    return {**content, "rotating": True}


def _without_old_index(content: dict[str, Any]) -> dict[str, Any]:
    for column in INDEX_COLUMNS:
        part = content["index"][column]
        part["keys"] = {str(part["active"]): part["keys"][str(part["active"])]}
    return content


def _data_keys_rewrap(told: Told) -> None:
    """Wrap every data key with the active master key; the keys themselves, and what they sealed, stay as they are."""
    active = master_key().active_version()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM platform_datakey WHERE destroyed_at IS NULL")
        total = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM platform_datakey WHERE destroyed_at IS NULL AND kek_version <> %s", [active])
        done = total - cursor.fetchone()[0]
    told("data_keys", done, total)
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                """SELECT id, customer_id, scope, number, kek_version, wrapped FROM platform_datakey
                    WHERE destroyed_at IS NULL AND kek_version <> %s ORDER BY id LIMIT %s FOR UPDATE""", [active, CHUNK])
            rows = cursor.fetchall()
            if not rows:
                return
            wrapped = [_rewrapped(row, active) for row in rows]
            cursor.execute(
                """UPDATE platform_datakey k SET wrapped = n.wrapped, kek_version = %s
                     FROM unnest(%s::uuid[], %s::bytea[]) AS n(id, wrapped) WHERE k.id = n.id""",
                [active, [row[0] for row in rows], wrapped])
        done += len(rows)
        told("data_keys", done, max(total, done))


def _rewrapped(row: tuple[Any, ...], active: int) -> bytes:
    _, customer_id, scope, number, version, wrapped = row
    name = datakeys.key_id(customer_id, scope, number)
    return master_key().wrap(active, master_key().unwrap(version, bytes(wrapped), name=name), name=name)


def _columns_reseal(told: Told) -> None:
    """Seal values of older homes with their person's key."""
    for field in sealed_columns():
        name, done = f"{field.model._meta.db_table}.{field.column}", 0
        for ids in _legacy_ids(field):
            with transaction.atomic():
                rows = field.model._base_manager.select_for_update().filter(pk__in=ids)
                for row in rows:
                    getattr(row, field.attname)
                    row.save(update_fields=[field.name])
            done += len(ids)
            told(name, done, done)


def _legacy_ids(field: EncryptedTextField) -> Iterator[list[Any]]:
    """Yield ids of rows with a value of the older form, some at a time, each once."""
    table, column, key = field.model._meta.db_table, field.column, field.model._meta.pk.column  # type: ignore[union-attr]
    last: Any = None
    while True:
        with connection.cursor() as cursor:
            cursor.execute(  # names come from the models
                f"""SELECT "{key}" FROM "{table}" WHERE "{column}" IS NOT NULL AND "{column}" NOT LIKE 'v1|%%'
                      AND (%s::text IS NULL OR "{key}" > %s) ORDER BY "{key}" LIMIT %s""",  # noqa: S608
                [last, last, CHUNK])
            ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return
        yield ids
        last = ids[-1]


def _place_rewrite(place: RotationPlace, told: Told) -> None:
    total, done = place.waiting(), 0
    for count in place.rewrite():
        done += count
        told(place.name, done, max(total, done))


__all__ = ["KeyUse", "RotationPlace", "key_uses", "old_keys_destroy", "places", "rotate", "unreadable"]
