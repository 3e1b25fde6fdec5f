"""Identifiers: UUIDv7, so that rows are created in time order and indexes stay warm."""

from uuid import UUID

import uuid_utils


def uuid7() -> UUID:
    """Return a new time-ordered identifier as a standard-library UUID."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
