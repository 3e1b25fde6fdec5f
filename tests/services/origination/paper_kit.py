"""A recogniser that sees what a test tells it, and pictures for it."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from weidai.vision import asking, asking_pdf, selectors
from weidai.vision.rules.fields import Check, Field, Kind, PageFrame, PaperRead, Quality, Reading, StatementRow

PDF = (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
       b"trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n")
_QUAD = ((60.0, 60.0), (400.0, 60.0), (400.0, 90.0), (60.0, 90.0))


def picture(shade: int = 90) -> bytes:
    """A plain picture; another shade is another picture."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 120, 140)).save(out, "JPEG")
    return out.getvalue()


def slip(**changed: str) -> Reading:
    """A payslip of 9,000 gross and 7,500 net; the employer was not surely read."""
    said = {"name": "王伟", "employer": "北京云麓软件有限公司", "pay_month": "2026-02", "gross_fen": "900000",
            "deducted_fen": "150000", "net_fen": "750000"} | changed
    return Reading(Kind.PAYSLIP, tuple(
        Field(code, value, 0.0 if not value else 0.7 if code == "employer" else 0.99, _QUAD) for code, value in said.items()),
        (Check("pay_adds_up", True),))


def statement(*rows: tuple[str, str, int, int], name: str = "王伟") -> Reading:
    """A statement with one row a booking: day, words, amount and balance in fen; a row that does not follow is told."""
    found = [StatementRow(day, words, fen, balance, 0.98, _QUAD, None if at == 0 else rows[at - 1][3] + fen == balance)
             for at, (day, words, fen, balance) in enumerate(rows)]
    return Reading(Kind.BANK_STATEMENT, (Field("name", name, 0.99, _QUAD), Field("bank_name", "招商银行", 0.99, _QUAD)),
                   (Check("balance_runs", all(row.adds_up is not False for row in found)),), tuple(found))


def debit_card(number: str, confidence: float = 0.99) -> Reading:
    """A debit card's number."""
    bank = Field("bank_name", "招商银行", 0.99, _QUAD)
    return Reading(Kind.DEBIT_CARD, (Field("card_number", number, confidence, _QUAD), bank))


def reads(monkeypatch: Any, *answers: Reading | Exception) -> list[Kind]:
    """Let the recogniser answer so, one after the other, the last for ever; returns what it was asked."""
    asked: list[Kind] = []

    def read(_content: bytes, *, kind: Kind, on: Any) -> PaperRead:
        seen = answers[min(len(asked), len(answers) - 1)]
        asked.append(kind)
        if isinstance(seen, Exception):
            raise seen
        return PaperRead(seen, Quality(640, 480, 80.0, 0.0, ()), 640, 480, "test engine")

    monkeypatch.setattr(asking, "paper_read", read)
    monkeypatch.setattr(selectors, "is_installed", lambda: True)
    monkeypatch.setattr(selectors, "is_available", lambda: True)
    monkeypatch.setattr(selectors, "reads_pdfs", lambda: False)
    return asked


def reads_pdfs(monkeypatch: Any, *answers: Reading | Exception, pages: int = 2) -> list[Kind]:
    """Let PDFs of so many pages be read, answering so, one after the other, the last for ever; call it after `reads`."""
    asked: list[Kind] = []

    def read(_content: bytes, *, kind: Kind, on: Any) -> PaperRead:
        seen = answers[min(len(asked), len(answers) - 1)]
        asked.append(kind)
        if isinstance(seen, Exception):
            raise seen
        frames = tuple(PageFrame(640, 480, has_text=True) for _ in range(pages))
        return PaperRead(seen, Quality(640, 480 * pages, 0.0, 0.0, ()), 640, 480 * pages, "test engine", 0, frames)

    monkeypatch.setattr(asking_pdf, "pdf_read", read)
    monkeypatch.setattr(selectors, "reads_pdfs", lambda: True)
    monkeypatch.setattr(selectors, "page_sizes", lambda _content: ((640, 480),) * pages)
    monkeypatch.setattr(selectors, "page_picture", lambda _content, _number: picture())
    return asked
