"""Pages of rows and CSV files. Offset pages for people, cursor pages for machines and long files; all have limits."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest, StreamingHttpResponse

from weidai.kernel.text import Text
from weidai.web.shared.language import say

Row = TypeVar("Row")
PAGE_SIZES = (25, 50, 100)
MAX_OFFSET = 100_000
MAX_CSV_ROWS = 200_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Slice:
    """Which rows are asked for: pass `offset` and `limit` to a selector."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """Rows to leave out."""
        return (self.number - 1) * self.size

    @property
    def limit(self) -> int:
        """Rows to read: one more than shown, so that we know whether there is a next page."""
        return self.size + 1


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows to show and where we are. `total` is None when counting would cost too much."""

    rows: Sequence[Row]
    number: int
    size: int
    has_next: bool
    total: int | None = None

    @property
    def has_previous(self) -> bool:
        """Whether there is an earlier page."""
        return self.number > 1

    @property
    def previous_number(self) -> int:
        """The number of the page before."""
        return self.number - 1

    @property
    def next_number(self) -> int:
        """The number of the page after."""
        return self.number + 1

    @property
    def first_row(self) -> int:
        """The position of the first row shown, from one; zero on an empty page."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """The position of the last row shown."""
        return (self.number - 1) * self.size + len(self.rows)


def slice_asked(request: HttpRequest) -> Slice:
    """Read `?page=` and `?size=`; nonsense becomes the first page, never an error."""
    number, size = _whole(request.GET.get("page"), 1), _whole(request.GET.get("size"), PAGE_SIZES[0])
    size = size if size in PAGE_SIZES else PAGE_SIZES[0]
    return Slice(number=min(max(number, 1), MAX_OFFSET // size), size=size)


def page_of(asked: Slice, rows: Sequence[Row], total: int | None = None) -> Page[Row]:
    """The page made of what a selector returned for `asked.limit` rows from `asked.offset`."""
    return Page(rows=rows[:asked.size], number=asked.number, size=asked.size,
                has_next=len(rows) > asked.size, total=total)


def csv_response(
    filename: str, headings: Sequence[Text | str], rows: Iterable[Row], cells: Callable[[Row], Sequence[object]],
) -> StreamingHttpResponse:
    """Stream rows as CSV (UTF-8 with mark, so that spreadsheets read Chinese), at most MAX_CSV_ROWS.

    Text that a spreadsheet would run as a formula is defused by a leading apostrophe.
    """
    titles = [say(heading) for heading in headings]  # now, while the reader's language is active

    def lines() -> Iterator[bytes]:
        writer = csv.writer(_Echo())
        yield b"\xef\xbb\xbf" + writer.writerow(titles).encode()
        for count, row in enumerate(rows):
            if count >= MAX_CSV_ROWS:
                return
            yield writer.writerow([_cell(value) for value in cells(row)]).encode()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    response["Cache-Control"] = "no-store"
    return response


class _Echo:
    """Lets csv.writer hand each line back instead of storing it."""

    def write(self, line: str) -> str:
        return line


def _cell(value: object) -> object:
    if isinstance(value, Text):
        value = say(value)
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 9 else otherwise
