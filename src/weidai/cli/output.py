"""How the command line speaks: tables and progress for people, one JSON object for machines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from weidai.kernel.errors import Refusal

console = Console()
errors = Console(stderr=True)
_WIDEST = 1000


def django_ready(role: str = "app") -> None:
    """Load Django once, as the application's or the owner's database role."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
    os.environ.setdefault("WEIDAI_LOG_LEVEL", "WARNING")
    os.environ["WEIDAI_DB_ROLE"] = os.environ.get("WEIDAI_DB_ROLE", role)
    import django

    django.setup()


@contextmanager
def phase(title: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done: a moving status on a terminal, plain lines elsewhere; yields how to tell the next step."""
    if console.is_terminal:
        with console.status(title) as status:
            yield status.update
    else:
        console.print(f"{title} …", soft_wrap=True)
        yield lambda step: console.print(step, soft_wrap=True)


def print_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON document; ids and dates become text."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str, indent=2) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, whole: bool = False) -> None:
    """Print a table; columns whose title ends in ¥ are right-aligned.

    `whole` keeps every cell on one line, however narrow the terminal: a code cut in two cannot be copied.
    """
    console.print(title, soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD if whole else box.HEAVY_HEAD)
    for column in columns:
        table.add_column(column, justify="right" if column.endswith("¥") else "left", overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*[str(cell) for cell in row])
    if whole:
        wanted = console.measure(table, options=console.options.update(max_width=_WIDEST)).maximum
        Console(width=max(wanted, console.width)).print(table)
    else:
        console.print(table)


def print_refusal(refusal: Refusal) -> None:
    """Print a refusal in both languages with its code and what to do next."""
    errors.print(f"[red]{refusal.code}[/red] {refusal.message.zh} / {refusal.message.en}")
    if refusal.advice:
        errors.print(f"→ {refusal.advice.zh} / {refusal.advice.en}")
