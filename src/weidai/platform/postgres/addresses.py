"""How to reach the cluster: connection URLs over its unix socket."""

from __future__ import annotations

from urllib.parse import quote

from .passwords import LOGIN_OF_ROLE, Role, passwords_ensure
from .places import PORT, Places

DATABASE = "weidai"


def url_for(places: Places, role: Role, *, database: str = DATABASE) -> str:
    """Return a libpq URL with the password in it; good for psycopg.connect and as DATABASE_URL."""
    login = LOGIN_OF_ROLE[role]
    secret = quote(passwords_ensure(places)[login], safe="")
    return f"postgresql://{login}:{secret}@/{quote(database, safe='')}?host={_host(places)}&port={PORT}"


def url_with_password_file(places: Places, role: Role, *, database: str = DATABASE) -> str:
    """Return a libpq URL that names the password file instead, fit for a command line that others can see."""
    passwords_ensure(places)
    file = quote(str(places.passwords), safe="/")
    login = LOGIN_OF_ROLE[role]
    return f"postgresql://{login}@/{quote(database, safe='')}?host={_host(places)}&port={PORT}&passfile={file}"


def _host(places: Places) -> str:
    return quote(str(places.socket_directory), safe="/")
