"""Where accepted extracts are kept: Parquet by month under the installation's home, one file per extract and month.

    <home>/extracts/events/month=2026-10/from=2026-10.parquet          payments as accepted
    <home>/extracts/customer_month/month=2026-10/from=2026-10.parquet  their sums by person
    <home>/extracts/balances/month=2026-10/from=2026-10.parquet        … contacts, card_limits, people likewise
    <home>/extracts/loads/2026-10.json                                 what was loaded: counts, digest of the files

`from` is the month of the extract that told it: an extract of October may bring late events of August, which stand as
month=2026-08/from=2026-10. Loading October again replaces everything from October and nothing else, so a load may be
killed at any moment and done again. A month is read from its own folder alone.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Store:
    """The folders of one installation."""

    folder: Path

    def target(self, kind: str, *, month: date, told_by: date) -> Path:
        """Return the file of a kind for a month, as one extract told it."""
        return self.folder / kind / f"month={month:%Y-%m}" / f"from={told_by:%Y-%m}.parquet"

    def month_files(self, kind: str, month: date) -> list[Path]:
        """Return the files of one month: its own extract's, and later ones that brought late rows."""
        return sorted((self.folder / kind / f"month={month:%Y-%m}").glob("from=*.parquet"))

    def files_told_by(self, told_by: date) -> list[Path]:
        """Return every file that one extract left."""
        return sorted(self.folder.glob(f"*/month=*/from={told_by:%Y-%m}.parquet"))

    def manifest(self, month: date) -> dict[str, Any] | None:
        """Return what was loaded for a month, None when nothing was."""
        path = self._manifest_path(month)
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def manifest_write(self, month: date, content: dict[str, Any]) -> None:
        """Say that a load came to its end; written last and at once."""
        path = self._manifest_path(month)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        temporary.replace(path)

    def manifest_remove(self, month: date) -> None:
        """Take back that a month is loaded, before its files change."""
        self._manifest_path(month).unlink(missing_ok=True)

    def place(self, temporary: Path, target: Path) -> None:
        """Move a finished file to its place, at once."""
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(temporary, target)

    def _manifest_path(self, month: date) -> Path:
        return self.folder / "loads" / f"{month:%Y-%m}.json"


def store_open() -> Store:
    """Return the installation's own store."""
    from weidai.platform.postgres import home_directory

    return Store(home_directory() / "extracts")
