"""Specimen PDFs of people who do not exist: statements over several pages, payslips, tax records (R4.1).

Each comes with a text layer as a bank's program writes it, as a scan without one, or as a scan with an invisible one as
scanning programs add it; `Told` makes the text layer say something else than what is drawn. Colours and places of PDF.
"""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFilter

from tests.specimens.fonts import Face, font
from tests.specimens.people import GIVEN, SURNAMES
from weidai.vision.rules.fields import Kind

Form = Literal["text", "scan", "searchable"]
FORMS: tuple[Form, ...] = ("text", "scan", "searchable")
DOTS = 150  # an inch, of scans
_MM = 25.4 / 72
_IN = ("工资", "代发工资", "转账汇入", "结息", "退款", "现金存入")
_OUT = ("快捷支付", "消费", "水电费", "信用卡还款", "转账汇出", "网上支付", "ATM取款", "短信服务费")
_OTHERS = ("示例商贸有限公司", "样例超市", "虚构电力公司", "某某物业", "财付通样例", "江湾餐饮店")
_BANKS = ("示范银行", "样例商业银行", "江湾农商银行")


@dataclass(frozen=True, slots=True)
class Told:
    """How the text layer may lie: `instead` maps what is drawn to what it says, `hidden` is there and never seen."""

    instead: dict[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PdfPaper:
    """A drawn PDF and what a perfect reader would say of it: amounts in fen as digits, dates ISO."""

    kind: Kind
    content: bytes
    pages: int
    fields: dict[str, str]
    rows: tuple[tuple[str, str, int, int], ...] = ()


@dataclass(slots=True)
class _Page:
    """Texts, lines and a seal in millimetres from the top left; size in points."""

    texts: list[tuple[float, float, str, float, str]] = field(default_factory=list)  # x, baseline, text, size, anchor
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)
    seal: tuple[float, float] | None = None
    wide: bool = False

    def put(self, x: float, y: float, text: str, size: float = 9, anchor: str = "l") -> None:
        self.texts.append((x, y, text, size, anchor))

    @property
    def size(self) -> tuple[float, float]:
        return (297.0, 210.0) if self.wide else (210.0, 297.0)


def statement(seed: int, face: Face, *, form: Form = "text", pages: int = 3, told: Told | None = None) -> PdfPaper:
    """Return a statement of so many pages whose balance runs over all of them; the head of the table is on every page."""
    dice = random.Random(f"pdf statement {seed}")
    newest_first, apart, wide = dice.random() < 0.4, dice.random() < 0.35, dice.random() < 0.4
    size = dice.choice((8, 9, 9, 10))
    most = 22 if wide else 34
    count = most * (pages - 1) + dice.randrange(6, most)
    booked, name, bank = _booked(dice, count), _name(dice), dice.choice(_BANKS)
    shown = booked[::-1] if newest_first else booked
    heads = _heads(dice, apart)
    drawn = []
    for number in range(pages):
        page = _Page(wide=wide)
        width, height = page.size
        page.put(width / 2, 18, f"{bank}账户交易明细", 15, "m")
        page.put(14, 28, f"户名:{name}", size)
        page.put(14, 34, f"账号:6217****{1000 + seed % 9000}", size)
        page.put(width - 14, 28, f"起止日期:{booked[0][0]:%Y-%m-%d}至{booked[-1][0]:%Y-%m-%d}", size, "r")
        page.put(width - 14, 34, f"第{number + 1}页/共{pages}页", size, "r")
        _rows(page, heads, shown[number * most:(number + 1) * most], size, 44, dice)
        page.put(14, height - 12, "样本 SPECIMEN 非真实流水", 8)
        if dice.random() < 0.5:
            page.seal = (width - 50, height - 60)
        drawn.append(page)
    rows = tuple((day.isoformat(), summary, fen, balance) for day, summary, fen, balance in shown)
    return PdfPaper(Kind.BANK_STATEMENT, _made(drawn, face, form, seed, told), pages, {"name": name, "bank_name": bank}, rows)


def payslip(seed: int, face: Face, *, form: Form = "text", told: Told | None = None) -> PdfPaper:
    """Return a payslip of one page, as a table of words and amounts or as one row under headings."""
    dice = random.Random(f"pdf payslip {seed}")
    base, bonus = dice.randrange(300_000, 1_500_000, 100), dice.randrange(0, 400_000, 50)
    social, fund, tax = dice.randrange(30_000, 90_000), dice.randrange(20_000, 80_000), dice.randrange(0, 60_000)
    gross, taken = base + bonus, social + fund + tax
    month = date(2026, dice.randrange(1, 11), 1)
    fields = {
        "name": _name(dice), "employer": f"{''.join(dice.choice(GIVEN) for _ in range(2))}实业有限公司",
        "pay_month": f"{month:%Y-%m}", "gross_fen": str(gross), "deducted_fen": str(taken), "net_fen": str(gross - taken),
    }
    parts = [("基本工资", base), ("奖金", bonus), ("应发合计", gross), ("社会保险", social), ("住房公积金", fund),
             ("个人所得税", tax), ("扣款合计", taken), ("实发工资", gross - taken)]
    page = _Page(wide=dice.random() < 0.5)
    page.put(page.size[0] / 2, 22, "工资条", 16, "m")
    page.put(14, 34, f"单位:{fields['employer']}", 9)
    page.put(14, 42, f"姓名:{fields['name']}", 9)
    page.put(page.size[0] - 14, 42, f"工资月份:{month.year}年{month.month:02d}月", 9, "r")
    if page.wide:
        step = (page.size[0] - 28) / len(parts)
        for at, (label, fen) in enumerate(parts):
            page.put(14 + step * (at + 1) - 3, 54, label, 9, "r")
            page.put(14 + step * (at + 1) - 3, 62, yuan(fen), 9, "r")
        page.rules += [(14, y, page.size[0] - 14, y) for y in (48.5, 57, 65)]
    else:
        for at, (label, fen) in enumerate(parts):
            page.put(20, 56 + 8 * at, label, 9)
            page.put(100, 56 + 8 * at, yuan(fen), 9, "r")
            page.rules.append((18, 58.5 + 8 * at, 110, 58.5 + 8 * at))
    page.put(14, page.size[1] - 14, "样本 SPECIMEN 非真实工资条", 8)
    return PdfPaper(Kind.PAYSLIP, _made([page], face, form, seed, told), 1, fields)


def tax_certificate(seed: int, face: Face, *, form: Form = "text", told: Told | None = None) -> PdfPaper:
    """Return a tax record of some months of wages with its totals, and a seal over its foot."""
    dice = random.Random(f"pdf tax {seed}")
    first = dice.randrange(1, 5)
    months = [(f"2026-{month:02d}", dice.randrange(500_000, 2_500_000, 10), dice.randrange(0, 90_000))
              for month in range(first, first + 6)]
    income, tax = sum(one[1] for one in months), sum(one[2] for one in months)
    fields = {"name": _name(dice), "period": f"{months[0][0]}/{months[-1][0]}", "income_fen": str(income), "tax_fen": str(tax)}
    page = _Page()
    page.put(105, 24, "个人所得税纳税记录", 16, "m")
    page.put(16, 38, f"纳税人姓名:{fields['name']}", 10)
    page.put(16, 46, f"记录期间:2026年{first:02d}月至2026年{first + 5:02d}月", 10)
    page.put(194, 46, "金额单位:元", 9, "r")
    columns = ((16, "l", "税款所属期"), (60, "l", "所得项目"), (130, "r", "收入额"), (190, "r", "已缴税额"))
    shown = [[head for *_, head in columns], *([month, "工资薪金", yuan(earned), yuan(paid)] for month, earned, paid in months),
             ["合计", "", yuan(income), yuan(tax)]]
    for at, row in enumerate(shown):
        for (x, anchor, _), text in zip(columns, row, strict=True):
            page.put(x, 60 + 8 * at, text, 9, anchor)
        page.rules.append((14, 62.5 + 8 * at, 194, 62.5 + 8 * at))
    page.seal = (140, 60 + 8 * len(shown)) if dice.random() < 0.5 else None
    page.put(16, 280, "样本 SPECIMEN 非真实凭证", 8)
    return PdfPaper(Kind.TAX_CERTIFICATE, _made([page], face, form, seed, told), 1, fields)


DRAWN = {Kind.BANK_STATEMENT: statement, Kind.PAYSLIP: payslip, Kind.TAX_CERTIFICATE: tax_certificate}


def _heads(dice: random.Random, apart: bool) -> list[tuple[str, str, float, str]]:
    """Return the columns: heading, what stands in it, share of the width, anchor."""
    moved = [("支出", "out", 15, "r"), ("收入", "in", 15, "r")] if apart else [("交易金额", "amount", 18, "r")]
    heads = [("交易日期", "day", 15, "l"), ("摘要", "summary", 17, "l"), *moved, ("账户余额", "balance", 18, "r")]
    if dice.random() < 0.5:
        heads.append(("对方户名", "other", 26, "l"))
    if dice.random() < 0.4:
        heads.insert(0, ("序号", "place", 8, "l"))
    return heads


def _rows(page: _Page, heads: Sequence[tuple[str, str, float, str]], booked: Sequence[tuple[date, str, int, int]], size: float,
          top: float, dice: random.Random) -> None:
    total, width = sum(head[2] for head in heads), page.size[0] - 28
    edges, x = [], 14.0
    for head in heads:
        edges.append((x, x + head[2] / total * width))
        x = edges[-1][1]
    sheet = [[head[0] for head in heads]]
    for place, (day, summary, fen, balance) in enumerate(booked, start=1):
        cells = {"day": day.isoformat(), "summary": summary, "amount": f"{'+' if fen > 0 else '-'}{yuan(abs(fen))}",
                 "out": yuan(-fen) if fen < 0 else "", "in": yuan(fen) if fen > 0 else "", "balance": yuan(balance),
                 "other": dice.choice(_OTHERS), "place": str(place)}
        sheet.append([cells[head[1]] for head in heads])
    for at, row in enumerate(sheet):
        for text, (left, right), head in zip(row, edges, heads, strict=True):
            if text:
                page.put(right - 3 if head[3] == "r" else left + 1, top + 6.4 * at, text, size, head[3])
        if dice.random() < 0.9:
            page.rules.append((14, top + 6.4 * at + 2, 14 + width, top + 6.4 * at + 2))


def _booked(dice: random.Random, count: int) -> list[tuple[date, str, int, int]]:
    balance, day, found = dice.randrange(300_000, 3_000_000), date(2026, 3, 1) + timedelta(days=dice.randrange(40)), []
    for _ in range(count):
        day += timedelta(days=dice.choice((0, 0, 1, 1, 2)))
        if dice.random() < 0.35 or balance < 60_000:
            summary, fen = dice.choice(_IN), dice.randrange(100, 1_200_000)
        else:
            summary, fen = dice.choice(_OUT), -dice.randrange(100, min(balance, 400_000))
        balance += fen
        found.append((day, summary, fen, balance))
    return found


def _name(dice: random.Random) -> str:
    return dice.choice(SURNAMES) + "".join(dice.choice(GIVEN) for _ in range(dice.choice((1, 2, 2))))


def yuan(fen: int) -> str:
    """Return yuan with thousands marked."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def _made(pages: Sequence[_Page], face: Face, form: Form, seed: int, told: Told | None) -> bytes:
    """Return the PDF: drawn with text, or as pictures of its pages with or without invisible text."""
    pdf = FPDF(unit="mm")
    pdf.set_auto_page_break(False)
    pdf.add_font("face", fname=str(face.path), collection_font_number=face.index)
    for number, page in enumerate(pages):
        pdf.add_page(orientation="L" if page.wide else "P", format="A4")
        if form != "text":
            pdf.image(Image.open(io.BytesIO(_scanned(page, face, seed + number))), 0, 0, *page.size)
        if form == "text":
            _ink(pdf, page, face, told or Told())
        elif form == "searchable":
            pdf.text_mode = "INVISIBLE"
            for x, y, text, size, anchor in page.texts:
                _text(pdf, x + 0.4, y, _half_wrong(text, seed), size, anchor)
            pdf.text_mode = "FILL"
    return bytes(pdf.output())


def _ink(pdf: FPDF, page: _Page, face: Face, told: Told) -> None:
    pdf.set_draw_color(150, 150, 150)
    for line in page.rules:
        pdf.line(*line)
    for x, y, text, size, anchor in page.texts:
        said = told.instead.get(text)
        if said is None:
            _text(pdf, x, y, text, size, anchor)
            continue
        pdf.set_font("face", size=size)  # the text says one thing; a picture laid over it shows the other
        _text(pdf, x, y, said, size, anchor)
        width = max(pdf.get_string_width(said), pdf.get_string_width(text)) + 1
        left = x - width + 0.5 if anchor == "r" else x - width / 2 if anchor == "m" else x - 0.5
        high = size * _MM * 1.3
        patch = Image.new("RGB", (round(width * 12), round(high * 12)), "white")
        letters = font(face, round(size * _MM * 12))
        ImageDraw.Draw(patch).text((6, patch.height * 0.78), text, (0, 0, 0), font=letters, anchor="ls")
        pdf.image(patch, left, y - high * 0.78, width, high)
    for place, text in enumerate(told.hidden):
        pdf.text_mode = "INVISIBLE"
        _text(pdf, 14, 100 + 6 * place, text, 9, "l")
        pdf.text_mode = "FILL"
    if page.seal:
        pdf.image(_seal(face), *page.seal, 34, 34)


def _text(pdf: FPDF, x: float, y: float, text: str, size: float, anchor: str) -> None:
    pdf.set_font("face", size=size)
    width = pdf.get_string_width(text)
    pdf.text(x - width if anchor == "r" else x - width / 2 if anchor == "m" else x, y, text)


def _seal(face: Face) -> Image.Image:
    """Return a round red seal one sees through."""
    seal = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    draw = ImageDraw.Draw(seal)
    draw.ellipse((8, 8, 392, 392), outline=(214, 40, 40, 170), width=10)
    draw.text((200, 150), "样本专用章", (214, 40, 40, 170), font=font(face, 44), anchor="mm")
    draw.text((200, 260), "SPECIMEN", (214, 40, 40, 170), font=font(face, 34), anchor="mm")
    return seal


def _scanned(page: _Page, face: Face, seed: int) -> bytes:
    """Return a page as a scanner gives it: a little aside, grey, with dust, as a JPEG."""
    dice, unit = np.random.default_rng(seed), DOTS / 25.4
    picture = Image.new("RGB", (round(page.size[0] * unit), round(page.size[1] * unit)), (252, 252, 250))
    draw = ImageDraw.Draw(picture)
    for line in page.rules:
        draw.line([part * unit for part in line], (150, 150, 150), 1)
    for x, y, text, size, anchor in page.texts:
        draw.text((x * unit, y * unit), text, (30, 30, 34), font=font(face, round(size * DOTS / 72)), anchor=f"{anchor}s")
    if page.seal:
        side = round(34 * unit)
        seal = _seal(face).resize((side, side))
        picture.paste(seal, (round(page.seal[0] * unit), round(page.seal[1] * unit)), seal)
    picture = picture.rotate(float(dice.uniform(-1.2, 1.2)), fillcolor=(252, 252, 250), resample=Image.Resampling.BICUBIC)
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(float(dice.uniform(0.2, 0.6)))), np.float32)
    noisy = np.clip(pixels + dice.normal(0, 5, pixels.shape), 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(noisy).save(out, "JPEG", quality=int(dice.integers(60, 85)))
    return out.getvalue()


def _half_wrong(text: str, seed: int) -> str:
    """Return a text as a scanning program's own recogniser puts it under the picture: every few digits another."""
    dice = random.Random(f"{seed} {text}")
    return "".join(dice.choice("0123456789") if sign.isdigit() and dice.random() < 0.2 else sign for sign in text)
