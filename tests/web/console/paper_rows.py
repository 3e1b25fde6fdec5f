"""Pages of papers as the borrower's side leaves them: kept, read or not, for tests of the reviewer's side."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date, timedelta

from PIL import Image

from weidai.files import services as files
from weidai.origination.models import Application, ApplicationPaper
from weidai.platform import clock
from weidai.vision.models import PaperReading
from weidai.vision.rules.fields import Check, Field, Kind, PaperRead, Quality, Reading, StatementRow
from weidai.vision.rules.wire import to_plain

KINDS = {"payslip": Kind.PAYSLIP, "salary_statement": Kind.BANK_STATEMENT, "tax_certificate": Kind.TAX_CERTIFICATE}


def picture(shade: int = 90) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 120, 140)).save(out, "JPEG")
    return out.getvalue()


def box(row: int) -> tuple[tuple[float, float], ...]:
    top = 20.0 + 40 * row
    return ((40.0, top), (400.0, top), (400.0, top + 30), (40.0, top + 30))


def slip(*, month: str = "2026-02", net_fen: int = 650_000, name: str = "王伟", adds_up: bool | None = True,
         sure: float = 0.98) -> PaperRead:
    values = {"name": name, "employer": "示范公司", "pay_month": month, "gross_fen": str(net_fen + 150_000),
              "deducted_fen": "150000", "net_fen": str(net_fen)}
    fields = tuple(Field(code, value, sure if code == "net_fen" else 0.99, box(at), ())  # type: ignore[arg-type]
                   for at, (code, value) in enumerate(values.items()))
    return _read(Reading(Kind.PAYSLIP, fields, (Check("pay_adds_up", adds_up),)))


def statement(*, months: int = 3, broken: int | None = 2, salary_fen: int = 600_000) -> PaperRead:
    """A salary and a spending a month; the row with number `broken` does not follow."""
    rows, balance, day = [], 1_000_000, date(2025, 12, 10)
    for month in range(months):
        for summary, amount in (("代发工资", salary_fen), ("消费", -50_000)):
            balance += amount
            number = len(rows) + 1
            follows = None if number == 1 else number != broken
            on = day.replace(year=2025 + (11 + month) // 12, month=(11 + month) % 12 + 1) + timedelta(days=5 * (amount < 0))
            rows.append(StatementRow(on.isoformat(), summary, amount, balance, 0.97, box(number), follows))  # type: ignore[arg-type]
    fields = (Field("name", "王伟", 0.99, box(0)), Field("bank_name", "招商银行", 0.99, None))  # type: ignore[arg-type]
    return _read(Reading(Kind.BANK_STATEMENT, fields, (Check("balance_runs", broken is None),), tuple(rows)))


def _read(reading: Reading) -> PaperRead:
    return PaperRead(reading, Quality(640, 480, 80.0, 0.0, ("blurred",)), 640, 480, "test engine")


def page_row(
    application: Application, kind: str, read: PaperRead | None = None, *, shade: int = 90, content: bytes = b"",
    unread: str = "vision.reading_unavailable", stated: dict[str, str] | None = None,
) -> ApplicationPaper:
    """One page the customer sent: with its file, and its reading when there is one."""
    customer_id, now = application.customer_id, clock.now()
    file = files.file_store(customer_id, kind="document", content=content or picture(shade))
    reading = None
    if read is not None:
        reading = PaperReading.objects.create(
            customer_id=customer_id, kind=KINDS[kind], picture_digest=hashlib.sha256(f"{shade}{kind}".encode()).hexdigest(),
            file_id=file.id, content=json.dumps(to_plain(read), ensure_ascii=False), engine="test engine", read_at=now,
            confirmed_at=now if stated is not None else None)
    return ApplicationPaper.objects.create(
        customer_id=customer_id, application=application, kind=kind, file_id=file.id, media_type=file.media_type,
        state="sent" if stated is None else "confirmed", confirmed_at=None if stated is None else now, sent_at=now,
        reading="read" if reading else "by_person", reading_id=reading.id if reading else None,
        unread_reason="" if reading else unread, stated=json.dumps(stated) if stated else None)
