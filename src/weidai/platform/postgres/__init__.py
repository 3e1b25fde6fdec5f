"""The embedded PostgreSQL: the database that needs no setting up.

It decides where the cluster lives, who runs it, and that it comes up again after any crash. Everything else talks
to it through a connection URL, as to any other PostgreSQL.
"""

from __future__ import annotations

import os
from typing import Literal

from .cluster import Cluster, ClusterStatus
from .errors import (
    PostgresAccountRefused,
    PostgresBackupFailed,
    PostgresBinariesNotFound,
    PostgresBusy,
    PostgresDirectoryRefused,
    PostgresError,
    PostgresNotReadyInTime,
    PostgresStartFailed,
    PostgresStopFailed,
)
from .places import home_directory

__all__ = [
    "Cluster",
    "ClusterStatus",
    "PostgresAccountRefused",
    "PostgresBackupFailed",
    "PostgresBinariesNotFound",
    "PostgresBusy",
    "PostgresDirectoryRefused",
    "PostgresError",
    "PostgresNotReadyInTime",
    "PostgresStartFailed",
    "PostgresStopFailed",
    "database_url",
    "home_directory",
]


def database_url(role: Literal["app", "owner"] = "app") -> str:
    """Return where the database is: the one in the environment, else the embedded one (which is not started).

    $DATABASE_URL holds for both roles; $WEIDAI_OWNER_DATABASE_URL comes before it for the owner.
    """
    names = ["WEIDAI_OWNER_DATABASE_URL", "DATABASE_URL"] if role == "owner" else ["DATABASE_URL"]
    for name in names:
        if given := os.environ.get(name):
            return given
    return Cluster(home_directory()).url(role)
