"""Data keys: one per person and scope, stored wrapped, read in batches, destroyed for good (R8.5, R9.6).

Scopes: `p` personal data, `b` biometrics, `i` the institution's own (values that belong to nobody yet). A key id reads
`<customer>.<scope><number>`. Keys read are held in memory for minutes; a key made in a transaction is held only after it.

A key destroyed by another process is used no more after SURE_SECONDS, when the count of destructions is looked at again,
and has left the memory of a process that does nothing after FORGOTTEN_SECONDS.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from django.core.signals import request_started
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from weidai.kernel.errors import Refused
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.platform.keys.ports import master_key

Scope = Literal["p", "b", "i"]
INSTITUTION = UUID(int=0)
KEPT_SECONDS = 300
SURE_SECONDS = 1.5  # for so long what is held counts as not destroyed
FORGOTTEN_SECONDS = 4.0  # nobody asked for so long: everything held is forgotten
KEPT_KEYS = 20_000
_ASKED_AHEAD = 2_000
ROTATION_LOCK = "weidai.keys.rotation"


class KeyDestroyed(Exception):
    """The data key was destroyed on purpose: what it sealed cannot be read any more, by anybody."""


class PersonErased(Refused):
    """This person's data was made unreadable for good: nothing new is kept of them, by any request still under way (R8.5)."""

    code = "platform.person_erased"
    text = Text("该账户已注销，个人信息已销毁。", "This account is closed and its personal data destroyed.")
    next_step = Text("如需使用，请重新注册。", "To use weidai again, register anew.")
    http_status = 410


class KeyUnknown(Exception):
    """No such data key, or its master key is not at hand: wrong key folder, or damage."""


@dataclass(slots=True)
class _Kept:
    """Unwrapped keys of this process, newest last, each with the instant it is to be forgotten at."""

    keys: OrderedDict[str, tuple[float, bytes]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    destructions: int = -1  # as counted at `sure_at`
    sure_at: float = 0.0
    sweeper: threading.Thread | None = None
    sweeper_of: int = 0  # the process it runs in: it does not survive a fork


_kept = _Kept()


class _Ahead(threading.local):
    """Key ids of rows this thread has read but not opened: asked for together at the first opening.

    `uncommitted` are keys made in a transaction that runs, with the outermost block they hold in.
    """

    def __init__(self) -> None:
        self.ids: dict[str, None] = {}
        self.uncommitted: dict[str, tuple[object, bytes]] = {}


_ahead = _Ahead()


def key_id(customer_id: UUID, scope: Scope, number: int) -> str:
    """Return the name of a data key."""
    return f"{customer_id.hex}.{scope}{number}"


def forget() -> None:
    """Forget every key held in memory (tests; after keys were destroyed)."""
    with _kept.lock:
        _kept.keys.clear()
    _ahead.ids.clear()
    _ahead.uncommitted.clear()


def expect(name: str) -> None:
    """Note that a value sealed with this key was read, so that many keys can be fetched with one statement."""
    if name not in _kept.keys and len(_ahead.ids) < _ASKED_AHEAD:
        _ahead.ids[name] = None


def _expect_nothing(**_: object) -> None:
    """What the last request read and did not open is no business of the next one."""
    _ahead.ids.clear()


request_started.connect(_expect_nothing)


def key_open(name: str) -> bytes:
    """Return a data key by its id; raises KeyDestroyed or KeyUnknown."""
    held = _held(name)
    if held is not None:
        return held
    wanted = {name, *(other for other in _ahead.ids if _held(other) is None)}
    _ahead.ids.clear()
    found = _read(wanted)
    if name not in found:
        raise KeyUnknown(name)
    data_key = found[name]
    if data_key is None:
        raise KeyDestroyed(name)
    return data_key


def key_for_writing(customer_id: UUID, scope: Scope) -> tuple[str, bytes]:
    """Return id and key to seal something new with; made on first need, in the caller's transaction.

    The table is asked each time but for the institution's key: a key destroyed a moment ago by another process must
    not be used again. Refused (PersonErased) once the key of the person's data was destroyed: that is for ever, while
    biometrics may be given anew.
    """
    if scope == "i":
        name = key_id(INSTITUTION, "i", 1)
        held = _held(name)
        if held is not None:
            return name, held
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT scope, number, destroyed_at IS NOT NULL FROM platform_datakey
                WHERE customer_id = %s AND (scope = %s OR scope = 'p' AND destroyed_at IS NOT NULL)
                ORDER BY scope = %s DESC, number DESC""", [customer_id, scope, scope])
        rows = cursor.fetchall()
    if any(of == "p" and is_destroyed for of, _, is_destroyed in rows):
        raise PersonErased
    row = rows[0] if rows else None
    if row is not None and not row[2]:
        name = key_id(customer_id, scope, row[1])
        if name in _ahead.uncommitted:  # a savepoint may have taken ours back, and the row be somebody else's
            found = _read({name})[name]
            assert found is not None, "the row was there a moment ago"
            _ahead.uncommitted[name] = (_transaction(), found)
        return name, key_open(name)
    return _make(customer_id, scope, row[1] + 1 if row else 1)


def _make(customer_id: UUID, scope: Scope, number: int) -> tuple[str, bytes]:
    """Insert a new key; of two makers at once the first one's key holds for both."""
    name, data_key = key_id(customer_id, scope, number), secrets.token_bytes(32)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        # Makers share this lock; a rotation takes it alone once, so that nobody wraps with the version before.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s))", [ROTATION_LOCK])
        if scope != "p":
            _erased_refuse(cursor, customer_id)
        version = master_key().active_version()
        cursor.execute(
            """INSERT INTO platform_datakey (id, customer_id, scope, number, kek_version, wrapped, made_at)
               VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (customer_id, scope, number) DO NOTHING""",
            [uuid7(), customer_id, scope, number, version, master_key().wrap(version, data_key, name=name), clock.wall_now()])
        is_mine = cursor.rowcount == 1
    if not is_mine:
        return name, key_open(name)
    if connection.in_atomic_block:
        _ahead.uncommitted[name] = (_transaction(), data_key)
        transaction.on_commit(lambda: _keep_committed(name, data_key))
    else:
        _keep(name, data_key)
    return name, data_key


def _erased_refuse(cursor: CursorWrapper, customer_id: UUID) -> None:
    """Wait for an erasure under way, and refuse after it; an erasure that comes later waits for this transaction."""
    cursor.execute("SELECT destroyed_at IS NOT NULL FROM platform_datakey WHERE customer_id = %s AND scope = 'p' FOR SHARE",
                   [customer_id])
    if any(row[0] for row in cursor.fetchall()):
        raise PersonErased


def keys_destroy(customer_id: UUID, scopes: Iterable[Scope]) -> int:
    """Destroy a person's keys of these scopes in the caller's transaction and return how many there were.

    The row stays as proof that a key was there; the key itself is overwritten.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM platform_datakey WHERE customer_id = %s AND scope = 'p' FOR UPDATE", [customer_id])
        cursor.execute(  # sees what those made whom the line above waited for
            """UPDATE platform_datakey SET wrapped = NULL, destroyed_at = %s
                WHERE customer_id = %s AND scope = ANY(%s) AND destroyed_at IS NULL""",
            [clock.wall_now(), customer_id, list(scopes)])
        count = cursor.rowcount
        cursor.execute("""INSERT INTO platform_keydestruction (id, count) VALUES (1, 1)
                           ON CONFLICT (id) DO UPDATE SET count = platform_keydestruction.count + 1""")
    forget()
    transaction.on_commit(forget)
    return count


def _transaction() -> object:
    """Return what is one and the same as long as the outermost transaction of this thread's connection runs."""
    return connection.atomic_blocks[0] if connection.atomic_blocks else None


def _held(name: str) -> bytes | None:
    made = _ahead.uncommitted.get(name)
    if made is not None and made[0] is not None and made[0] is _transaction():
        return made[1]
    if not _kept.keys or not _is_sure():
        return None
    found = _kept.keys.get(name)
    if found is None or found[0] < time.monotonic():
        return None
    return found[1]


def _is_sure() -> bool:
    """Say whether what is held still counts; now and then the count of destructions is looked at, and all is forgotten."""
    if time.monotonic() - _kept.sure_at <= SURE_SECONDS:
        return True
    looked_at, count = time.monotonic(), _destructions()
    with _kept.lock:
        is_same = count == _kept.destructions
        if not is_same:
            _kept.keys.clear()
        _kept.destructions, _kept.sure_at = count, looked_at
    return is_same


def _destructions() -> int:
    """Return how often keys were destroyed, as committed now: one row read by its key, at most each SURE_SECONDS.

    Not through Django's cursor: it comes with the time that has passed, not with the page, whose queries are counted.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        row = cursor.execute("SELECT count FROM platform_keydestruction WHERE id = 1").fetchone()
    return int(row[0]) if row else 0


def _keep(name: str, data_key: bytes, *, since: int | None = None) -> None:
    """Hold a key; one that was read before a destruction was noticed (`since`) is not held."""
    with _kept.lock:
        if since is not None and since != _kept.destructions:
            return
        _kept.keys[name] = (time.monotonic() + KEPT_SECONDS, data_key)
        _kept.keys.move_to_end(name)
        while len(_kept.keys) > KEPT_KEYS:
            _kept.keys.popitem(last=False)
        if _kept.sweeper is None or _kept.sweeper_of != os.getpid():
            _kept.sweeper_of = os.getpid()
            _kept.sweeper = threading.Thread(target=_sweep, name="weidai-keys", daemon=True)
            _kept.sweeper.start()


def _sweep() -> None:
    """Forget what is held once nobody has made sure of it for a while; ends when nothing is held."""
    while True:
        time.sleep(FORGOTTEN_SECONDS / 8)
        with _kept.lock:
            if time.monotonic() - _kept.sure_at > FORGOTTEN_SECONDS - FORGOTTEN_SECONDS / 8:
                _kept.keys.clear()
            if not _kept.keys:
                _kept.sweeper = None
                return


def _keep_committed(name: str, data_key: bytes) -> None:
    _ahead.uncommitted.pop(name, None)
    _keep(name, data_key)


def _read(names: set[str]) -> dict[str, bytes | None]:
    """Return keys by id, None for a destroyed one; unknown ids are left out."""
    _is_sure()
    since = _kept.destructions
    parts = [(UUID(hex=name[:32]), name[33:34], int(name[34:])) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT customer_id, scope, number, kek_version, wrapped FROM platform_datakey
                WHERE (customer_id, scope, number) IN (SELECT * FROM unnest(%s::uuid[], %s::text[], %s::int[]))""",
            [[part[0] for part in parts], [part[1] for part in parts], [part[2] for part in parts]])
        rows = cursor.fetchall()
    found: dict[str, bytes | None] = {}
    for customer_id, scope, number, version, wrapped in rows:
        name = key_id(customer_id, scope, number)
        if wrapped is None:
            found[name] = None
            continue
        try:
            found[name] = data_key = master_key().unwrap(version, bytes(wrapped), name=name)
        except KeyError as error:
            raise KeyUnknown(f"{name}: master key {version}") from error
        if name not in _ahead.uncommitted:
            _keep(name, data_key, since=since)
    return found
