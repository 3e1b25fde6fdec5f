"""Which version holds on a day: the folder's versions, and above them what was published in this installation.

A published term takes over on its day and holds until a later one, from the folder or published, takes over. What was
published is told by a source that is filled in when Django has loaded; it is asked at most once every two seconds a
process, never once a decision. While the database does not answer, what was last known goes on holding.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from weidai.policy.pack import Pack, pack_from_files

FRESH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Term:
    """From this day on this version holds; of two from one day the one placed later."""

    effective_from: date
    version: str


@dataclass(frozen=True)
class Snapshot:
    """What was published, as last read; `by_day` remembers what was worked out from it."""

    terms: tuple[Term, ...] = ()  # in the order in which they were placed
    shadow: str | None = None
    by_day: dict[date, Pack] = field(default_factory=dict, compare=False)


class Source(Protocol):
    """Tells what was published."""

    def read(self) -> tuple[tuple[Term, ...], str | None] | None:
        """Return the terms and the version in shadow; None when it cannot be read now."""

    def files(self, version: str) -> Mapping[str, str] | None:
        """Return the files of a version that was drafted here; None when it was not."""


_source: Source | None = None
_snapshot = Snapshot()
_read_at = 0.0


def source_fill(source: Source | None) -> None:
    """Let `source` tell what was published; None for the folder alone."""
    global _source
    _source = source
    forget()


def forget() -> None:
    """Ask again at the next decision: something was published here."""
    global _read_at
    _read_at = 0.0


def snapshot() -> Snapshot:
    """Return what was published, not older than two seconds."""
    global _snapshot, _read_at
    if _source is None:
        return Snapshot() if _snapshot.terms or _snapshot.shadow else _snapshot
    if _read_at and time.monotonic() - _read_at < FRESH_SECONDS:
        return _snapshot
    if (found := _source.read()) is not None:
        terms, shadow = found
        if (terms, shadow) != (_snapshot.terms, _snapshot.shadow):
            _snapshot = Snapshot(terms, shadow)
        _read_at = time.monotonic()
    return _snapshot


def published_pack(version: str) -> Pack | None:
    """Return a version that was drafted in this installation, read once a process: what has a version never changes."""
    if version not in _read:
        files = _source.files(version) if _source is not None else None
        if files is None:
            return None
        _read[version] = pack_from_files(files, label=version.partition("+")[0])
    return _read[version]


_read: dict[str, Pack] = {}
