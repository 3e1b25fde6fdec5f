"""Papers the demo's people send: drawn here, marked 样本 SPECIMEN across, like no real document (R1.4, R4.1).

Needs the group `vision` (Pillow). Amounts are fen. The same content gives the same picture.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

_INK, _LABEL, _MARK = (24, 24, 28), (64, 104, 160), (214, 40, 40)
_CARD, _SHEET = (1012, 638), (1100, 1100)
_ADDRESS_WIDTH = 22  # halves of a character
_QUALITY = 82
_DESK = (124, 116, 104)


@dataclass(frozen=True, slots=True)
class Holder:
    """What stands on an ID card; `valid_to` None is 长期."""

    name: str
    sex: str  # 男, 女
    birth_on: date
    address: str
    id_number: str
    authority: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Pay:
    """One month's pay; net is what is left of gross."""

    employer: str
    name: str
    month: date
    gross_fen: int
    social_fen: int
    fund_fen: int
    tax_fen: int

    @property
    def taken_fen(self) -> int:
        """All deductions."""
        return self.social_fen + self.fund_fen + self.tax_fen

    @property
    def net_fen(self) -> int:
        """What arrives on the account."""
        return self.gross_fen - self.taken_fen


@dataclass(frozen=True, slots=True)
class Booked:
    """One row of a statement, as it is printed: whether the balance follows is for the reader to find out."""

    on: date
    summary: str
    amount_fen: int
    balance_fen: int


def card_front(holder: Holder) -> bytes:
    """Draw the side with the portrait, which is nobody's."""
    picture, draw = _sheet(_CARD, (232, 239, 246))
    for text, at in (("姓名", (58, 78)), ("性别", (58, 158)), ("民族", (300, 158)), ("出生", (58, 236)), ("住址", (58, 318)),
                     ("年", (258, 236)), ("月", (370, 236)), ("日", (482, 236)), ("公民身份号码", (58, 550))):
        draw.text(at, text, _LABEL, _font(30))
    born = holder.birth_on
    for text, at in ((holder.sex, (160, 152)), ("汉", (392, 152)), (str(born.year), (160, 230)), (str(born.month), (312, 230)),
                     (str(born.day), (424, 230))):
        draw.text(at, text, _INK, _font(38))
    draw.text((160, 68), holder.name, _INK, _font(44))
    for row, line in enumerate(_lines(holder.address)):
        draw.text((160, 312 + row * 50), line, _INK, _font(38))
    _spaced(draw, (330, 540), holder.id_number, 46, step=32)
    draw.rectangle((664, 96, 940, 450), fill=(224, 228, 232))
    draw.ellipse((732, 146, 872, 320), fill=(186, 170, 156))
    draw.pieslice((688, 336, 916, 564), 180, 360, fill=(84, 96, 112))
    draw.rectangle((664, 450, 940, 530), fill=(232, 239, 246))
    draw.text((706, 470), "样本 SPECIMEN", _MARK, _font(32))
    return _photographed(picture, at=(560, 150))


def card_back(holder: Holder) -> bytes:
    """Draw the side with authority and validity."""
    picture, draw = _sheet(_CARD, (238, 234, 240))
    draw.ellipse((60, 60, 220, 220), fill=(196, 62, 54))
    draw.ellipse((84, 84, 196, 196), outline=(240, 206, 120), width=6)
    _spaced(draw, (330, 66), "中华人民共和国", 56, step=84)
    _spaced(draw, (330, 150), "居民身份证", 72, step=116)
    ends = holder.valid_to.strftime("%Y.%m.%d") if holder.valid_to else "长期"
    for text, at, size, ink in (("签发机关", (230, 462), 30, _LABEL), (holder.authority, (410, 456), 36, _INK),
                                ("有效期限", (230, 540), 30, _LABEL),
                                (f"{holder.valid_from:%Y.%m.%d}-{ends}", (410, 534), 36, _INK),
                                ("样本 SPECIMEN", (64, 270), 32, _MARK)):
        draw.text(at, text, ink, _font(size))
    return _photographed(picture, at=(380, 280))


def payslip(pay: Pay, *, is_blurred: bool = False) -> bytes:
    """Draw a payslip whose sums fit; blurred beyond reading when asked."""
    picture, draw = _sheet((1100, 800), (243, 243, 240))
    draw.text((440, 40), "工资条", _INK, _font(52))
    rows = (("单位", pay.employer), ("姓名", pay.name), ("工资月份", f"{pay.month.year}年{pay.month.month:02d}月"),
            ("基本工资", _yuan(pay.gross_fen * 4 // 5)), ("奖金", _yuan(pay.gross_fen - pay.gross_fen * 4 // 5)),
            ("应发合计", _yuan(pay.gross_fen)), ("社会保险", _yuan(pay.social_fen)), ("住房公积金", _yuan(pay.fund_fen)),
            ("个人所得税", _yuan(pay.tax_fen)), ("扣款合计", _yuan(pay.taken_fen)), ("实发工资", _yuan(pay.net_fen)))
    for number, (label, value) in enumerate(rows):
        top = 132 + 54 * number
        draw.line((80, top - 8, 1020, top - 8), (190, 190, 190), 1)
        draw.text((110, top), label, (90, 96, 110), _font(30))
        draw.text((480, top), value, _INK, _font(30))
    draw.text((80, 744), "样本 SPECIMEN 非真实工资条", _MARK, _font(26))
    return _photographed(picture, at=(720, 330), blur=14 if is_blurred else 0)


def tax_record(name: str, months: Sequence[tuple[str, int, int]]) -> bytes:
    """Draw an income tax record of months (YYYY-MM, income, tax) with its totals."""
    picture, draw = _sheet((1100, 820), (243, 243, 240))
    first, last = months[0][0], months[-1][0]
    draw.text((290, 40), "个人所得税纳税记录", _INK, _font(50))
    draw.text((90, 130), f"纳税人姓名:{name}", _INK, _font(28))
    draw.text((90, 176), f"纳税期间:{first[:4]}年{first[5:]}月至{last[:4]}年{last[5:]}月", _INK, _font(28))
    total = ("合计", "", _yuan(sum(row[1] for row in months)), _yuan(sum(row[2] for row in months)))
    lines = [("税款所属期", "所得项目", "收入额", "已缴税额"),
             *((month, "工资薪金", _yuan(income), _yuan(tax)) for month, income, tax in months), total]
    for number, line in enumerate(lines):
        for left, text in zip((90, 340, 600, 850), line, strict=True):
            draw.text((left, 244 + 56 * number), text, _INK, _font(28))
    draw.text((90, 752), "样本 SPECIMEN 非真实凭证", _MARK, _font(26))
    return _photographed(picture, at=(560, 680))


def statement(bank: str, name: str, rows: Sequence[Booked], *, as_pdf: bool = False) -> bytes:
    """Draw a statement of at most 12 bookings, oldest first; photographed, or scanned into a PDF."""
    assert len(rows) <= 12, len(rows)
    picture, draw = _sheet(_SHEET, (243, 243, 240))
    draw.text((250, 36), f"{bank}账户交易明细", _INK, _font(40))
    draw.text((80, 112), f"户名:{name}", _INK, _font(27))
    for left, text in zip((80, 320, 600, 850), ("交易日期", "摘要", "交易金额", "账户余额"), strict=True):
        draw.text((left, 172), text, (90, 96, 110), _font(27))
    for number, row in enumerate(rows):
        signed = f"{'+' if row.amount_fen > 0 else '-'}{_yuan(abs(row.amount_fen))}"
        texts = (row.on.isoformat(), row.summary, signed, _yuan(row.balance_fen))
        for left, text in zip((80, 320, 600, 850), texts, strict=True):
            draw.text((left, 226 + 50 * number), text, _INK, _font(27))
    draw.text((80, 1046), "样本 SPECIMEN 非真实流水", _MARK, _font(26))
    return _scanned(picture) if as_pdf else _photographed(picture, at=(330, 860))


def property_certificate(name: str, address: str) -> bytes:
    """Draw a proof of property: a kind no machine reads."""
    picture, draw = _sheet((1100, 800), (242, 238, 230))
    draw.text((360, 50), "不动产权证书", _INK, _font(60))
    for number, (label, value) in enumerate((("权利人", name), ("坐落", address), ("权利类型", "国有建设用地使用权 / 房屋所有权"),
                                             ("用途", "住宅"), ("面积", "房屋建筑面积 89.60 平方米"))):
        draw.text((110, 190 + 84 * number), label, (90, 96, 110), _font(30))
        draw.text((300, 190 + 84 * number), value, _INK, _font(30))
    draw.text((110, 720), "样本 SPECIMEN 非真实证书", _MARK, _font(28))
    return _photographed(picture, at=(660, 560))


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    content = files("weidai.servicing").joinpath("fonts/NotoSansSC-Regular.ttf").read_bytes()
    return ImageFont.truetype(io.BytesIO(content), size)


def _sheet(size: tuple[int, int], colour: tuple[int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(picture)
    for top in range(0, size[1], 24):  # fine lines, as printed papers have
        draw.line((0, top, size[0], top + 40), tuple(part - 5 for part in colour), 1)
    return picture, draw


def _spaced(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, *, step: int) -> None:
    for place, character in enumerate(text):
        draw.text((at[0] + place * step, at[1]), character, _INK, _font(size))


def _lines(address: str) -> list[str]:
    """Break an address as cards do: after so much width, never within a house number."""
    lines, width = [""], 0
    for part in re.findall(r"[0-9]+.?|[^0-9]", address):
        needed = sum(1 if sign.isascii() else 2 for sign in part)
        if width + needed > _ADDRESS_WIDTH:
            lines, width = [*lines, ""], 0
        lines[-1], width = lines[-1] + part, width + needed
    return lines


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def _scanned(picture: Image.Image) -> bytes:
    """Return the page as a PDF of one picture, without a text layer."""
    body = io.BytesIO()
    picture.save(body, "PDF", resolution=120.0)
    return body.getvalue()


def _photographed(picture: Image.Image, *, at: tuple[int, int], blur: int = 0) -> bytes:
    """Mark the paper faintly across, lay it a little askew on a desk, and return the JPEG."""
    from PIL import Image, ImageDraw, ImageFilter

    layer = Image.new("RGBA", (430, 90), (0, 0, 0, 0))
    ImageDraw.Draw(layer).text((0, 10), "样本SPECIMEN", (*_MARK, 46), _font(54))
    turned = layer.rotate(18, expand=True)
    picture.paste(turned, at, turned)
    desk = Image.new("RGB", (picture.width + 120, picture.height + 120), _DESK)
    desk.paste(picture, (60, 60))
    laid = desk.rotate(1.2, resample=Image.Resampling.BICUBIC, fillcolor=_DESK)
    if blur:
        laid = laid.filter(ImageFilter.GaussianBlur(blur))
    body = io.BytesIO()
    laid.save(body, "JPEG", quality=_QUALITY)
    return body.getvalue()
