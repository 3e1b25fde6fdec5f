"""Where the embedded PostgreSQL keeps its things.

- `<home>/postgres.log`: what the server said (bounded, see `journal`).
- `<home>/postgres/`: 0711 for root, 0700 for an ordinary user. In it:
- `data/`: the cluster, 0700, owned by the account that runs the server.
- `data.new/`: a cluster being created; never used, removed at the next start.
- `socket/`: 0700, same owner; elsewhere when the socket's path would be too long.
- `passwords`: 0600, in libpq's password-file format.
- `identity`: a random word that tells this cluster from every other one.
- `start.lock`, `run.lock`: see `locks`.
- `binaries/`: a copy of the wheel's programs, only when the account cannot reach the wheel.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from .account import Account, account_for, first_unreachable
from .errors import PostgresDirectoryRefused

ROOT_STATE = Path("/var/lib/weidai")
SHORT_SOCKET_PARENT = Path("/tmp")  # noqa: S108 - ownership and mode are checked, see socket_directory_ensure
PORT = 5432  # part of the socket's file name only; nothing listens on the network
SOCKET_PATH_MAX_BYTES = 107 if sys.platform.startswith("linux") else 103


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of one cluster."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def data_being_created(self) -> Path:
        return self.root / "data.new"

    @property
    def passwords(self) -> Path:
        return self.root / "passwords"

    @property
    def identity(self) -> Path:
        return self.root / "identity"

    @property
    def start_lock(self) -> Path:
        return self.root / "start.lock"

    @property
    def run_lock(self) -> Path:
        return self.root / "run.lock"

    @property
    def binaries(self) -> Path:
        return self.root / "binaries"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def socket_directory(self) -> Path:
        """In the home when the socket's path fits the system's limit, else a short one named by the home's hash."""
        usual = self.root / "socket"
        if len(os.fsencode(usual / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_MAX_BYTES:
            return usual
        return SHORT_SOCKET_PARENT / f"weidai-{_short_hash(self.home)}"

    @property
    def socket_lock(self) -> Path:
        return self.socket_directory / f".s.PGSQL.{PORT}.lock"


def checkout_directory() -> Path:
    """Return the directory with pyproject.toml above this package; the current one when it is installed."""
    for parent in Path(__file__).resolve().parents:
        if parent.name in {"site-packages", "dist-packages"}:
            break
        if (parent / "pyproject.toml").is_file():
            return parent
    return Path.cwd().resolve()


def home_directory() -> Path:
    """Return weidai's home: $WEIDAI_HOME; else /var/lib/weidai/<hash> for root; else <checkout>/.weidai."""
    if given := os.environ.get("WEIDAI_HOME"):
        return Path(given).expanduser().absolute()
    checkout = checkout_directory()
    if os.geteuid() == 0:
        return ROOT_STATE / _short_hash(checkout)
    return checkout / ".weidai"


def places_for(home: Path) -> Places:
    """Decide where the cluster of this home lives; the only place where that is decided.

    A cluster that exists stays where it is: first in the home, then in the fallback. A new one goes to the home,
    unless root asks for it below a directory that the server's account may not enter (say, /root): then to
    /var/lib/weidai/<hash of the home>. A home that is closed itself (0700, made so by whatever wrote there first)
    is no reason to go elsewhere: `root_ensure` lets the account pass through it, without letting it list the home.
    So a later chmod never makes the product start on an empty database.
    """
    home = home.resolve()
    in_home = Places(home)
    if os.geteuid() != 0 or in_home.data.exists():
        return in_home
    fallback = Places(ROOT_STATE / _short_hash(home))
    if fallback.data.exists():
        return fallback
    blocked = first_unreachable(home, account_for(in_home.data))
    return in_home if blocked is None or (blocked == home and _may_be_opened(home)) else fallback


def _may_be_opened(home: Path) -> bool:
    """Say whether root may let others pass through this home: a directory of its own, not root's personal one."""
    return home.stat().st_uid == 0 and home not in {Path("/"), Path.home().resolve()}


def root_ensure(places: Places) -> None:
    """Create the directories that hold the cluster; leave the modes of existing ones alone."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    access_check(places)
    missing = [path for path in [places.root, *places.root.parents] if not path.exists()]
    for path in reversed(missing):
        try:
            path.mkdir(mode=mode)
            path.chmod(mode)  # whatever the umask
        except FileExistsError:
            continue
        except OSError as error:
            raise PostgresDirectoryRefused(
                f"{path} cannot be created: {error.strerror}. Choose another place with WEIDAI_HOME."
            ) from error
        same_owner(path)
    access_check(places)
    if os.geteuid() == 0 and _may_be_opened(places.home):
        places.home.chmod(stat.S_IMODE(places.home.stat().st_mode) | 0o011)


def access_check(places: Places) -> None:
    """Refuse a cluster that another account keeps; one that does not exist yet is fine."""
    try:
        is_allowed = not places.root.exists() or os.access(places.root, os.R_OK | os.W_OK | os.X_OK)
    except PermissionError:
        is_allowed = False
    if not is_allowed:
        raise PostgresDirectoryRefused(
            f"{places.root} belongs to another account. Run the command as that account or as root, "
            "or choose another WEIDAI_HOME."
        )


def same_owner(path: Path) -> None:
    """Give something root just made to the owner of the directory around it, so that owner can go on using it."""
    if os.geteuid() == 0:
        around = path.parent.stat()
        if around.st_uid != 0 and not around.st_mode & stat.S_ISVTX:
            os.chown(path, around.st_uid, around.st_gid, follow_symlinks=False)


def reachable_check(places: Places, account: Account) -> None:
    """Refuse, naming the directory, when the server's account could not enter its own data directory."""
    if blocked := first_unreachable(places.root, account):
        raise PostgresDirectoryRefused(
            f"The account {account.name} that runs PostgreSQL may not enter {blocked}. "
            f"Let it pass (chmod o+x {blocked}) or move the cluster."
        )


def private_directory_ensure(path: Path, account: Account) -> None:
    """Create a directory for the account alone; refuse one that is a link or that somebody else prepared."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        handle = -1
    owner = os.fstat(handle).st_uid if handle >= 0 else path.lstat().st_uid
    if handle < 0 or owner not in {account.uid, os.geteuid()}:
        raise PostgresDirectoryRefused(
            f"{path} was prepared by somebody else (uid {owner}). Remove it if you know why it is there, "
            "or choose a shorter WEIDAI_HOME so that it is not needed."
        )
    try:
        if owner != account.uid:  # just made by root, or root ended between the two steps last time
            os.fchown(handle, account.uid, account.gid)
        os.fchmod(handle, 0o700)
    finally:
        os.close(handle)


def cluster_name(places: Places) -> str:
    """Return the word that marks this cluster's processes: from a random identity and the path, so copies differ."""
    if not places.identity.exists():
        root_ensure(places)
        file_create_once(places.identity, secrets.token_hex(16) + "\n")
    identity = places.identity.read_text(encoding="ascii").strip()
    return f"weidai-{_short_hash(f'{identity} {places.data}')}"


def file_create_once(path: Path, text: str) -> None:
    """Write a 0600 file whole or not at all; the first writer wins and later ones change nothing."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        same_owner(draft)
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _short_hash(value: Path | str) -> str:
    return hashlib.sha256(os.fsencode(value)).hexdigest()[:10]
