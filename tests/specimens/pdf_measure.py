"""Read PDFs with the models in this process, as the reading process does over its sockets: for tests and `make bench-ocr`."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.specimens.measure import ON
from tests.specimens.pdfs import PdfPaper
from weidai.vision.pdf_looks import Looks
from weidai.vision.pdf_reading import pdf_read
from weidai.vision.rules.fields import SURE, Kind, PaperRead
from weidai.vision.rules.sheets import AS_DRAWN


@dataclass(frozen=True, slots=True)
class PdfResult:
    """One PDF: exact fields and rows, those wrong with nothing that says so, the check of its text layer, seconds a page."""

    fields: dict[str, bool]
    rows: int
    rows_exact: int
    silent: int
    as_drawn: bool | None
    seconds: float  # of processor time, a page
    wrong: tuple[str, ...]


def read(reader: Any, content: bytes, kind: Kind) -> PaperRead:
    """Read a PDF; what goes over sockets goes through JSON here as well."""
    from weidai.vision.page_reader import PageReader
    from weidai.vision.pdf_answers import answered

    pages = PageReader(reader)

    async def recognise(question: Mapping[str, Any], picture: bytes) -> dict[str, Any]:
        return dict(json.loads(json.dumps(pages.answered(json.loads(json.dumps(question)), picture))))

    async def open_page(question: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        head, picture = answered(question, content)
        return json.loads(json.dumps(head)), picture

    async def play() -> PaperRead:
        sizes, _ = await open_page({"do": "sizes"})
        return await pdf_read(Looks(recognise, open_page), pages=len(sizes["sizes"]), kind=kind, on=ON)

    with ThreadPoolExecutor(1) as aside:  # browser tests have a loop of their own in this thread
        return aside.submit(lambda: asyncio.run(play())).result()


def compared(reader: Any, drawn: PdfPaper) -> PdfResult:
    """Read a specimen and compare it with what was drawn."""
    begun = time.process_time()
    reading = read(reader, drawn.content, drawn.kind).reading
    seconds = (time.process_time() - begun) / drawn.pages
    found = [(row.booked_on, row.summary, row.amount_fen, row.balance_fen) for row in reading.rows]
    as_drawn = reading.passed(AS_DRAWN)
    wrong = [f"{code}: {value!r} read {reading.value(code)!r}" for code, value in drawn.fields.items()
             if reading.value(code) != value]
    silent = sum(bool(field.value) and not field.is_doubtful and field.value != drawn.fields[field.code]
                 and not (field.code.endswith("_fen") and any(check.passed is False for check in reading.checks))
                 for field in reading.fields)
    for row, said in zip(reading.rows, found, strict=True):
        if said not in drawn.rows:
            wrong.append(f"row {said} {row.adds_up} {row.confidence}")
            silent += row.adds_up is not False and row.confidence >= SURE and None not in said
    wrong += [f"row missing {row}" for row in drawn.rows if row not in found]
    silent = 0 if as_drawn is False else silent
    fields = {code: reading.value(code) == value for code, value in drawn.fields.items()}
    exact = sum(row in found for row in drawn.rows)
    return PdfResult(fields, len(drawn.rows), exact, silent, as_drawn, seconds, tuple(wrong))
