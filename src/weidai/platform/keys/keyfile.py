"""The file of secret keys: master, look-up, digest and signing keys by version, keys of older homes.

`keys/field_keys.json` under the home (or $WEIDAI_KEY_DIR), mode 0600, replaced as a whole and never edited in place. A
running process notices a replaced file at the next look (one `stat`), so that keys can be changed under load.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

KEY_FILE = "field_keys.json"
FORMAT = 4
INDEX_COLUMNS = ("id_number", "mobile", "card")
OLD_SIGNING_KEY_FILE = "secret_key"  # where homes kept the one signing key before it had versions
LEGACY_INDEX = 0  # look-up digests of homes created before each column had a key of its own


@dataclass(frozen=True, slots=True)
class KeyVersions:
    """Numbered keys, and which of them is used for what is new."""

    active: int
    keys: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Keyring:
    """Everything the key file holds."""

    kek: KeyVersions
    legacy: Mapping[int, bytes]  # sealed values directly in older homes: `k<number>.…`
    digests: KeyVersions  # of what is found by digest only: codes, allowances, lists, words of faces
    index: Mapping[str, KeyVersions]
    signing: tuple[str, ...]  # of cookies and staff sessions: the first one signs, all of them are accepted

    def index_digests(self, column: str, value: str) -> tuple[str, ...]:
        """Return the look-up digests of a value under every version in force, the one for new rows last."""
        versions = self.index[column]
        numbers = sorted(versions.keys, key=lambda number: (number == versions.active, number))
        return tuple(self.index_digest(column, value, number) for number in numbers)

    def index_digest(self, column: str, value: str, number: int) -> str:
        """Return the digest (64 hex, after the version's mark) of a value under one version of a column's key."""
        if number == LEGACY_INDEX:
            return hmac.new(self.digests.keys[1], f"{column}\n{value}".encode(), hashlib.sha256).hexdigest()
        return index_mark(number) + hmac.new(self.index[column].keys[number], value.encode(), hashlib.sha256).hexdigest()

    def digest(self, value: str, purpose: str, number: int) -> str:
        """Return the keyed digest (64 hex, after the version's mark) of a value under one version of the digest key."""
        return index_mark(number) + hmac.new(
            self.digests.keys[number], f"{purpose}\n{value}".encode(), hashlib.sha256).hexdigest()


def index_mark(number: int) -> str:
    """Return what digests of a version begin with; those of the first one, and of older homes, have no mark."""
    return f"{number}:" if number > 1 else ""


def key_directory() -> Path:
    """Return the folder of private keys: $WEIDAI_KEY_DIR, else `keys` under the home directory."""
    from weidai.platform.postgres import home_directory

    return Path(os.environ.get("WEIDAI_KEY_DIR") or home_directory() / "keys")


_held: tuple[tuple[int, int, int], Keyring] | None = None


def keyring(*, fresh: bool = False) -> Keyring:
    """Return the keys; `fresh` looks whether the file was replaced since. A first call creates or upgrades the file."""
    global _held
    if _held is not None and not fresh:
        return _held[1]
    path = _key_file(os.environ.get("WEIDAI_KEY_DIR"), os.environ.get("WEIDAI_HOME"))
    stamp = _stamp(path)
    if _held is not None and stamp == _held[0]:
        return _held[1]
    if stamp is None or json.loads(Path(path).read_text()).get("format") != FORMAT:
        keyring_change(lambda content: content)
    found = Path(path).read_text()
    _held = (_stamp(path) or (0, 0, 0), _parsed(json.loads(found)))
    return _held[1]


@lru_cache(maxsize=8)
def _key_file(_directory: str | None, _home: str | None) -> str:
    """Return where the file is, for the two settings that say so: looked at many times in a request."""
    return str(key_directory() / KEY_FILE)


def forget() -> None:
    """Read the file again at the next use (tests, and after the file was replaced by this process)."""
    global _held
    _held = None


def keyring_change(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Replace the key file by what `change` makes of its content; one process at a time, whole or not at all."""
    path = key_directory() / KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(path):
        content = _upgraded(json.loads(path.read_text())) if path.exists() else _new_content()
        changed = change(content)
        temporary = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            json.dump(changed, handle)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    forget()


def random_key() -> str:
    """Return 32 random bytes as the file holds them."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def random_signing_key() -> str:
    """Return a signing key: a text, as Django wants it."""
    return secrets.token_urlsafe(50)


def _new_content() -> dict[str, Any]:
    return {
        "format": FORMAT, "kek": {"active": 1, "keys": {"1": random_key()}}, "legacy": {},
        "digest": {"active": 1, "keys": {"1": random_key()}},
        "index": {column: {"active": 1, "keys": {"1": random_key()}} for column in INDEX_COLUMNS},
        "signing": {"active": 1, "keys": {"1": _first_signing_key()}},
    }


def old_signing_key_file() -> Path:
    """Return where an older home keeps its only signing key; `retire` removes the file."""
    from weidai.platform.postgres import home_directory

    return home_directory() / "keys" / OLD_SIGNING_KEY_FILE


def _first_signing_key() -> str:
    """Return the key an older home signed with, so that nobody is signed out by the upgrade, else a new one."""
    with suppress(FileNotFoundError):
        return old_signing_key_file().read_text() or random_signing_key()
    return random_signing_key()


def _upgraded(content: dict[str, Any]) -> dict[str, Any]:
    """Bring the key file of an older home to the present form; its own keys stay to read what they sealed."""
    if "format" not in content:
        index = {column: {"active": LEGACY_INDEX, "keys": {str(LEGACY_INDEX): ""}} for column in INDEX_COLUMNS}
        content = {"kek": {"active": 1, "keys": {"1": random_key()}}, "legacy": content["keys"],
                   "digest_key": content["digest_key"], "index": index}
    if "digest_key" in content:
        content = {**content, "digest": {"active": 1, "keys": {"1": content["digest_key"]}}}
        del content["digest_key"]
    if "signing" not in content:
        content = {**content, "signing": {"active": 1, "keys": {"1": _first_signing_key()}}}
    return {**content, "format": FORMAT}


def _parsed(content: dict[str, Any]) -> Keyring:
    def versions(part: dict[str, Any]) -> KeyVersions:
        return KeyVersions(int(part["active"]), {int(n): base64.b64decode(key) for n, key in part["keys"].items()})

    def newest_first(part: dict[str, Any]) -> tuple[str, ...]:
        numbers = sorted(part["keys"], key=lambda number: (int(number) == int(part["active"]), int(number)), reverse=True)
        return tuple(part["keys"][number] for number in numbers)

    return Keyring(
        kek=versions(content["kek"]), legacy={int(n): base64.b64decode(key) for n, key in content["legacy"].items()},
        digests=versions(content["digest"]),
        index={column: versions(part) for column, part in content["index"].items()}, signing=newest_first(content["signing"]))


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
