"""What can go wrong with the embedded PostgreSQL, each with the next step for the reader."""

from __future__ import annotations


class PostgresError(Exception):
    """A refusal of the embedded PostgreSQL; the message says what to do next."""

    code = "postgres.refused"


class PostgresBinariesNotFound(PostgresError):
    """The wheel that carries the PostgreSQL binaries is not installed, or not for this machine."""

    code = "postgres.binaries_not_found"


class PostgresAccountRefused(PostgresError):
    """No operating-system account is fit to run the server."""

    code = "postgres.account_refused"


class PostgresDirectoryRefused(PostgresError):
    """A directory is missing rights, belongs to somebody else, or holds something unexpected."""

    code = "postgres.directory_refused"


class PostgresBusy(PostgresError):
    """Another process holds this cluster, and it did not let go in time."""

    code = "postgres.busy"


class PostgresStartFailed(PostgresError):
    """The server ended before it was ready; the message quotes the end of its log."""

    code = "postgres.start_failed"


class PostgresNotReadyInTime(PostgresError):
    """The server lives but was not ready within the time allowed; it is left running."""

    code = "postgres.not_ready_in_time"


class PostgresStopFailed(PostgresError):
    """The server did not end, neither at the fast nor at the immediate request."""

    code = "postgres.stop_failed"


class PostgresBackupFailed(PostgresError):
    """A backup or a restore did not complete; what was there before is unchanged."""

    code = "postgres.backup_failed"
