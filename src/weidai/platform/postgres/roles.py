"""The logins and the database of weidai: `weidai_owner` changes tables, `weidai_app` only uses them."""

from __future__ import annotations

import psycopg
from psycopg import sql

from .addresses import DATABASE, url_for
from .passwords import APP, OWNER, passwords_ensure
from .places import Places


def roles_ensure(places: Places) -> None:
    """Create what is missing; safe to repeat, also after an end between any two steps.

    Default privileges are set in template1 too, so databases created later (Django's test databases) have them.
    Existing tables are never touched: rights revoked by migrations stay revoked.
    """
    passwords = passwords_ensure(places)
    with psycopg.connect(url_for(places, "superuser", database="postgres"), autocommit=True) as connection:
        _login_ensure(connection, OWNER, passwords[OWNER], options="LOGIN CREATEDB NOSUPERUSER NOCREATEROLE")
        _login_ensure(connection, APP, passwords[APP], options="LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE")
    default_privileges_ensure(places, database="template1")
    with psycopg.connect(url_for(places, "superuser", database="postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT datallowconn FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if found is None:
            database_create(connection, DATABASE)
        elif not found[0]:  # a restore was killed between closing the database and renaming it
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(DATABASE)))
    default_privileges_ensure(places, database=DATABASE)


def database_create(connection: psycopg.Connection, database: str) -> None:
    """Create an empty database of the owner's."""
    names = {"database": sql.Identifier(database), "owner": sql.Identifier(OWNER)}
    connection.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))


def default_privileges_ensure(places: Places, *, database: str) -> None:
    """Let `weidai_app` read and write, but not define, whatever `weidai_owner` creates here from now on."""
    names = {"app": sql.Identifier(APP), "owner": sql.Identifier(OWNER), "database": sql.Identifier(database)}
    statements = [
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    ]
    if database != "template1":
        statements += [
            "REVOKE CONNECT, TEMPORARY ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT ON DATABASE {database} TO {app}",
        ]
    with psycopg.connect(url_for(places, "superuser", database=database)) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement).format(**names))


def _login_ensure(connection: psycopg.Connection, login: str, password: str, *, options: str) -> None:
    """Create the login or set it right; only the SCRAM digest of the password crosses the connection."""
    digest = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone()
    statement = "{verb} ROLE {login} WITH {options} PASSWORD {digest}"
    connection.execute(
        sql.SQL(statement).format(
            verb=sql.SQL("ALTER" if found else "CREATE"),
            login=sql.Identifier(login),
            options=sql.SQL(options),
            digest=sql.Literal(digest),
        )
    )
