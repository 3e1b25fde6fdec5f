"""The cluster's passwords: random, made once, kept in one 0600 file that libpq's `passfile` reads too."""

from __future__ import annotations

import secrets
from typing import Literal

from .errors import PostgresDirectoryRefused
from .places import Places, access_check, file_create_once, root_ensure

SUPERUSER = "postgres"
OWNER = "weidai_owner"
APP = "weidai_app"
LOGIN_OF_ROLE = {"app": APP, "owner": OWNER, "superuser": SUPERUSER}

Role = Literal["app", "owner", "superuser"]


def passwords_ensure(places: Places) -> dict[str, str]:
    """Return the password of each login, making the file when there is none yet."""
    access_check(places)
    if not places.passwords.exists():
        root_ensure(places)
        lines = [f"*:*:*:{login}:{secrets.token_urlsafe(24)}\n" for login in LOGIN_OF_ROLE.values()]
        file_create_once(places.passwords, "".join(lines))
    try:
        text = places.passwords.read_text(encoding="ascii")
    except PermissionError as error:
        raise PostgresDirectoryRefused(
            f"{places.passwords} belongs to another account. Run the command as that account or as root, "
            "or set DATABASE_URL."
        ) from error
    found = dict(line.split(":")[3:5] for line in text.splitlines() if line.count(":") == 4)
    if missing := set(LOGIN_OF_ROLE.values()) - found.keys():
        raise PostgresDirectoryRefused(
            f"{places.passwords} has no line for {', '.join(sorted(missing))}. Put the file back from a copy, or "
            "remove it while the database is stopped: the next start makes new passwords."
        )
    return found
