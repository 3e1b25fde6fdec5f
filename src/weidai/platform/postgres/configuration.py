"""The server's settings: small, durable, and silent about personal data.

Written to `weidai.conf` in the data directory at every start. An operator's own settings go to `local.conf` next to
it, which is read later and never written by us.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal

import psutil

from .account import Account
from .places import PORT, Places, cluster_name

Profile = Literal["standard", "test"]

MEMORY_SHARE, LEAST_BUFFERS_MB, MOST_BUFFERS_MB = 16, 128, 1024
STANDARD = {
    "shared_buffers": "256MB",
    # A night's closing writes one image of every page it touches, not one for each of many checkpoints (R10.1).
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "60",
    "wal_level": "replica",
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    # The text and the DETAIL of a failed statement can hold an ID number or a mobile number.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
# For throw-away databases only: a power cut may destroy the cluster.
TEST = STANDARD | {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
PROFILES: dict[Profile, dict[str, str]] = {"standard": STANDARD, "test": TEST}
INCLUDES = "\ninclude_if_exists = 'weidai.conf'\ninclude_if_exists = 'local.conf'\n"


def configuration_write(directory: Path, *, profile: Profile, account: Account) -> None:
    """Write `weidai.conf` for this profile into a data directory."""
    settings = PROFILES[profile] | ({"shared_buffers": f"{_buffers_mb()}MB"} if profile == "standard" else {})
    lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
    text = f"# Written at every start (profile {profile}). Put your own settings into local.conf.\n" + "".join(lines)
    private_file_replace(directory / "weidai.conf", text, account=account)


def _buffers_mb() -> int:
    """Return a sixteenth of the machine's memory, between 128 MB and 1 GB: it is not ours alone."""
    return max(LEAST_BUFFERS_MB, min(MOST_BUFFERS_MB, psutil.virtual_memory().total // MEMORY_SHARE // 2**20))


def includes_append(directory: Path, *, account: Account) -> None:
    """Make a fresh data directory read our settings and the operator's."""
    with (directory / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(INCLUDES)
    private_file_replace(directory / "local.conf", "# Your own settings; never written again.\n", account=account)


def server_command(program: str, places: Places) -> list[str]:
    """Return the server's command line; what guards access stands here, where no file overrides it."""
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": '"' + str(places.socket_directory).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "cluster_name": cluster_name(places),
        "logging_collector": "off",
    }
    command = [program, "-D", str(places.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return command


def private_file_replace(path: Path, text: str, *, account: Account) -> None:
    """Put a 0600 file of the account in place, whole, without following a link that stands there."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        if account.is_switched:
            os.fchown(file.fileno(), account.uid, account.gid)
    draft.replace(path)
