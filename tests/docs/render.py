"""Writes the generated pages of `docs/reference/` from the code: `make docs`. The tests compare, so no page can lag behind.

`python -m tests.docs.render` writes; `python -m tests.docs.render --check` only says which pages differ.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "docs" / "reference"
_GENERATED = "<!-- Generated from the code by `make docs`. Change the code, not this page. -->\n"


def pages() -> dict[str, Callable[[], str]]:
    """Return every generated page: file name → what writes it. Django must be set up."""
    from tests.docs import render_events, render_pages

    return {
        "errors.md": render_pages.errors,
        "events.md": render_events.events,
        "permissions.md": render_pages.permissions,
        "commands.md": render_pages.commands,
        "chart-of-accounts.md": render_pages.chart_of_accounts,
        "notices.md": render_pages.notices,
    }


def rendered(name: str) -> str:
    """Return what a page should contain."""
    title, _, body = pages()[name]().partition("\n")
    return f"{title}\n\n{_GENERATED}{body.rstrip()}\n"


def table(headings: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check every page; return the exit code."""
    differing = []
    for name in pages():
        path, wanted = REFERENCE / name, rendered(name)
        if path.exists() and path.read_text(encoding="utf-8") == wanted:
            continue
        differing.append(name)
        if "--check" not in arguments:
            path.write_text(wanted, encoding="utf-8")
    for name in differing:
        sys.stdout.write(f"docs/reference/{name} {'differs' if '--check' in arguments else 'written'}\n")
    return 1 if differing and "--check" in arguments else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
    os.environ.setdefault("WEIDAI_LOG_LEVEL", "WARNING")
    import django

    django.setup()
    sys.exit(main(sys.argv[1:]))
