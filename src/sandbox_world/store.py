"""The world's memory: one SQLite file in WAL mode. What is committed survives kill -9."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS nonce (nonce TEXT PRIMARY KEY, seen_at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account (
    number TEXT PRIMARY KEY, balance_fen INTEGER NOT NULL, may_overdraw INTEGER NOT NULL DEFAULT 0,
    paid_through TEXT, income_frozen INTEGER NOT NULL DEFAULT 0,
    CHECK (may_overdraw OR balance_fen >= 0)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, debit_account TEXT NOT NULL, credit_account TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0), request_id TEXT, original_request_id TEXT,
    counterparty_number TEXT, counterparty_name TEXT, memo TEXT NOT NULL,
    booked_at TEXT NOT NULL, business_day TEXT NOT NULL,
    CHECK (debit_account <> credit_account)
);
CREATE INDEX IF NOT EXISTS entry_debit ON entry (debit_account, business_day);
CREATE INDEX IF NOT EXISTS entry_credit ON entry (credit_account, business_day);
CREATE UNIQUE INDEX IF NOT EXISTS entry_request ON entry (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS entry_original ON entry (original_request_id);
CREATE TABLE IF NOT EXISTS money_request (
    request_id TEXT PRIMARY KEY, kind TEXT NOT NULL,
    body_digest TEXT NOT NULL, answer TEXT NOT NULL, state TEXT NOT NULL,
    reason TEXT, amount_fen INTEGER NOT NULL, number TEXT, name TEXT, memo TEXT NOT NULL, original_request_id TEXT,
    business_at TEXT NOT NULL, booked_at TEXT, entry_id INTEGER, settle_at REAL, book_not_before TEXT,
    event_plan TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS money_request_accepted ON money_request (settle_at) WHERE state = 'accepted';
CREATE TABLE IF NOT EXISTS callback (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at REAL NOT NULL, last_error TEXT, created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS callback_waiting ON callback (next_try_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS sms (
    id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL UNIQUE, mobile TEXT NOT NULL, text TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT, delivered_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS sms_mobile ON sms (mobile, id);
CREATE TABLE IF NOT EXISTS face (
    request_id TEXT PRIMARY KEY, body_digest TEXT NOT NULL, answer TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bureau_record (
    id INTEGER PRIMARY KEY AUTOINCREMENT, record_id TEXT NOT NULL UNIQUE, id_number TEXT NOT NULL, kind TEXT NOT NULL,
    period TEXT NOT NULL, content TEXT NOT NULL, accepted_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS bureau_record_person ON bureau_record (id_number, id);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, left_over INTEGER, hits INTEGER NOT NULL,
    draws INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS fact (
    id_number TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (id_number, name)
) WITHOUT ROWID;
"""
FORGOTTEN_ON_RESET = (
    "account",
    "entry",
    "money_request",
    "callback",
    "sms",
    "face",
    "bureau_record",
    "fault",
    "fact",
)


class Store:
    """Connections to the file: one for each thread, one writer at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file and create the tables that are missing."""
        self._path, self._local, self._writer = path, threading.local(), threading.RLock()
        self._connections: list[tuple[threading.Thread, sqlite3.Connection]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection().executescript(SCHEMA)

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection, in autocommit mode."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000"):
                connection.execute(f"PRAGMA {pragma}")
            self._local.connection = connection
            self._adopt(connection)
        return connection

    def _adopt(self, connection: sqlite3.Connection) -> None:
        """Remember a connection with its thread, and close those whose threads have ended."""
        with self._writer:
            for thread, left in self._connections:
                if not thread.is_alive():
                    left.close()
            self._connections = [pair for pair in self._connections if pair[0].is_alive()]
            self._connections.append((threading.current_thread(), connection))

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold one write transaction; an exception takes everything back. Nested use joins the outer transaction."""
        connection = self.connection()
        with self._writer:
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def insert(self, table: str, **values: object) -> int:
        """Add one row to a table of the schema and return its number."""
        places = ", ".join("?" * len(values))
        statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"  # noqa: S608 - names stand in the code
        return int(self.connection().execute(statement, tuple(values.values())).lastrowid or 0)

    def rows(self, statement: str, values: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        """Read rows."""
        return self.connection().execute(statement, values).fetchall()

    def row(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Row | None:
        """Read one row or none."""
        row: sqlite3.Row | None = self.connection().execute(statement, values).fetchone()
        return row

    def number(self, statement: str, values: tuple[object, ...] = ()) -> int:
        """Read one number; nothing counts as zero."""
        row = self.row(statement, values)
        return int(row[0]) if row and row[0] is not None else 0

    def nonce_take(self, nonce: str, *, now: float, keep_seconds: int) -> bool:
        """Remember a nonce; False when it was there already."""
        with self.writing() as connection:
            cursor = connection.execute("INSERT OR IGNORE INTO nonce VALUES (?, ?)", (nonce, now))
            if cursor.rowcount and hash(nonce) % 256 == 0:
                connection.execute("DELETE FROM nonce WHERE seen_at < ?", (now - keep_seconds,))
            return cursor.rowcount == 1

    def setting(self, name: str) -> str | None:
        """Read a kept setting."""
        row = self.row("SELECT value FROM setting WHERE name = ?", (name,))
        return row["value"] if row else None

    def setting_keep(self, name: str, value: str | None) -> None:
        """Keep a setting."""
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def forget(self) -> None:
        """Empty every table of the play; settings and nonces stay."""
        with self.writing() as connection:
            for table in FORGOTTEN_ON_RESET:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the tuple above

    def close(self) -> None:
        """Close every connection; only when no request runs any more."""
        with self._writer:
            while self._connections:
                self._connections.pop()[1].close()
            self._local = threading.local()
