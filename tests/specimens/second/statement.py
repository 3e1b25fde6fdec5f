"""Bank statements of the second style: the columns of several banks, oldest or newest first, pages with head and foot."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PIL import Image

from tests.specimens.fonts import Face
from tests.specimens.papers import Paper
from tests.specimens.second.company import BANKS
from tests.specimens.second.income import plain, yuan
from tests.specimens.second.ink import Pen

_NAMES = ("林晓峰", "宋佳", "韩梅", "高翔", "罗一鸣", "曾丽娟", "田甜", "贺建军")
_IN = ("工资", "代发工资", "转账存入", "结息", "退款", "现金存入")
_OUT = ("消费", "快捷支付", "转账支取", "网上支付", "ATM取款", "微信支付", "还款", "水电费", "短信服务费")
_OTHERS = ("财付通支付科技有限公司", "支付宝", "美团", "林国强", "某某商贸有限公司", "国网电力公司", "待报解预算收入")
Booking = tuple[date, str, int, int]


@dataclass(frozen=True, slots=True)
class Columns:
    """A bank's columns: (heading, what stands in it, width as a share, alignment)."""

    title: str
    heads: tuple[tuple[str, str, float, str], ...]
    dates: str
    newest_first: bool = False
    signed: bool = True


LAYOUTS = (
    Columns(
        "个人账户交易明细",
        (("日期", "day", 18, "l"), ("摘要", "summary", 26, "l"), ("金额", "amount", 22, "r"), ("余额", "balance", 24, "r")),
        "%Y-%m-%d",
    ),
    Columns(
        "借记账户历史明细清单",
        (
            ("序号", "place", 6, "m"),
            ("交易日期", "day", 16, "m"),
            ("摘要", "summary", 18, "m"),
            ("支出", "out", 18, "r"),
            ("收入", "in", 18, "r"),
            ("账户余额", "balance", 18, "r"),
        ),
        "%Y%m%d",
        signed=False,
    ),
    Columns(
        "交易流水",
        (
            ("记账日期", "day", 15, "l"),
            ("货币", "currency", 8, "l"),
            ("交易金额", "amount", 17, "r"),
            ("联机余额", "balance", 18, "r"),
            ("交易摘要", "summary", 16, "m"),
            ("对手信息", "other", 26, "l"),
        ),
        "%Y-%m-%d",
    ),
    Columns(
        "历史明细",
        (
            ("交易时间", "moment", 24, "l"),
            ("币种", "currency", 9, "m"),
            ("交易金额", "amount", 17, "r"),
            ("余额", "balance", 18, "r"),
            ("对方户名", "other", 22, "l"),
            ("摘要", "summary", 14, "l"),
        ),
        "%Y/%m/%d",
        newest_first=True,
    ),
    Columns(
        "存款分户账",
        (
            ("交易日", "day", 15, "m"),
            ("摘要", "summary", 16, "l"),
            ("借方发生额", "out", 18, "r"),
            ("贷方发生额", "in", 18, "r"),
            ("余额", "balance", 18, "r"),
            ("对方账号", "account", 24, "r"),
        ),
        "%Y.%m.%d",
        newest_first=True,
        signed=False,
    ),
    Columns(
        "账户明细",
        (
            ("交易日期", "day", 16, "l"),
            ("对方户名", "other", 26, "l"),
            ("摘要", "summary", 16, "l"),
            ("余额", "balance", 20, "r"),
            ("交易金额", "amount", 20, "r"),
        ),
        "%Y-%m-%d",
    ),
)


def bank_statement(seed: int, face: Face) -> Paper:
    """Return one page of a statement."""
    dice = random.Random(f"statement {seed}")
    layout = LAYOUTS[seed // 3 % len(LAYOUTS)]
    booked = _booked(dice)
    shown = booked[::-1] if layout.newest_first else booked
    name, bank = dice.choice(_NAMES), dice.choice(BANKS)
    is_wide = len(layout.heads) > 5
    pen = Pen(Image.new("RGB", (1754, 1240) if is_wide else (1240, 1500), dice.choice(((255, 255, 255), (249, 250, 247)))), face)
    money = dice.choice((yuan, plain))
    _head(pen, dice, layout, name, bank, (booked[0][0], booked[-1][0]))
    left, right, y = 70, pen.picture.width - 70, 330
    total = sum(head[2] for head in layout.heads)
    edges, x = [], float(left)
    for head in layout.heads:
        edges.append((x, x + head[2] / total * (right - left)))
        x = edges[-1][1]
    _row(pen, [head[0] for head in layout.heads], edges, layout, y, 25)
    if dice.random() < 0.6:
        pen.draw.line((left, y + 28, right, y + 28), fill=(80, 80, 80), width=2)
    step = 56 if is_wide else 62
    for place, booking in enumerate(shown, start=1):
        y += step
        _row(pen, [_cell(what, booking, place, layout, dice, money) for _, what, *_ in layout.heads], edges, layout, y, 24)
    _foot(pen, dice, y + 90, booked, money)
    rows = tuple((day.isoformat(), summary, fen, balance) for day, summary, fen, balance in shown)
    return Paper(pen.picture, {"name": name, "bank_name": bank}, rows)


def _booked(dice: random.Random) -> list[Booking]:
    day, balance, found = date(2025, dice.randrange(1, 12), dice.randrange(1, 28)), dice.randrange(10_000, 3_000_000), []
    for _ in range(dice.randrange(8, 13)):
        day += timedelta(days=dice.choice((0, 0, 1, 2, 5)))
        if dice.random() < 0.3 or balance < 50_000:
            summary, fen = dice.choice(_IN), dice.choice((dice.randrange(100, 1_500_000), dice.randrange(1, 150) * 10_000))
        else:
            summary, fen = (
                dice.choice(_OUT),
                -dice.choice((dice.randrange(100, min(balance, 400_000)), dice.randrange(1, 5) * 10_000)),
            )
        balance += fen
        found.append((day, summary, fen, balance))
    return found


def _cell(what: str, booking: Booking, place: int, layout: Columns, dice: random.Random, money: object) -> str:
    day, summary, fen, balance = booking
    assert callable(money)
    sign = "-" if fen < 0 else dice.choice(("", "", "+")) if layout.newest_first else ""
    return {
        "day": lambda: day.strftime(layout.dates),
        "summary": lambda: summary,
        "place": lambda: str(place),
        "moment": lambda: (
            f"{day.strftime(layout.dates)} {dice.randrange(7, 23):02d}:{dice.randrange(60):02d}:{dice.randrange(60):02d}"
        ),
        "amount": lambda: sign + money(abs(fen)),
        "balance": lambda: money(balance),
        "out": lambda: money(-fen) if fen < 0 else "",
        "in": lambda: money(fen) if fen > 0 else "",
        "currency": lambda: "CNY" if layout.newest_first else "人民币",
        "other": lambda: dice.choice(_OTHERS),
        "account": lambda: f"{dice.randrange(10**15, 10**16)}",
    }[what]()


def _row(pen: Pen, cells: Sequence[str], edges: Sequence[tuple[float, float]], layout: Columns, y: float, size: int) -> None:
    for cell, (left, right), head in zip(cells, edges, layout.heads, strict=True):
        if head[3] == "r":
            pen.text((right - 12, y), cell, size, anchor="rm")
        elif head[3] == "m":
            pen.text(((left + right) / 2, y), cell, size, anchor="mm")
        else:
            pen.text((left + 6, y), cell, size)


def _head(pen: Pen, dice: random.Random, layout: Columns, name: str, bank: str, period: tuple[date, date]) -> None:
    middle = pen.picture.width / 2
    pen.text((middle, 80), f"{bank}{layout.title}", 40, anchor="mm")
    pen.text((70, 160), f"{dice.choice(('户名', '客户姓名', '账户名称'))}:{name}", 26)
    pen.text((pen.picture.width - 70, 160), f"页码:1/{dice.randrange(1, 9)}", 26, anchor="rm")
    pen.text((70, 210), f"账号:6217****{dice.randrange(1000, 9999)}", 26)
    pen.text((pen.picture.width - 70, 210), f"起止日期:{period[0]:%Y-%m-%d}至{period[1]:%Y-%m-%d}", 26, anchor="rm")
    pen.text((70, 258), "币种:人民币  单位:元", 24)


def _foot(pen: Pen, dice: random.Random, y: float, booked: Sequence[Booking], money: object) -> None:
    assert callable(money)
    earned, spent = sum(row[2] for row in booked if row[2] > 0), -sum(row[2] for row in booked if row[2] < 0)
    if dice.random() < 0.6:
        pen.text((70, y), f"本页支出合计:{money(spent)}  本页收入合计:{money(earned)}", 24)
    pen.text((70, y + 50), f"打印时间:{booked[-1][0] + timedelta(days=3):%Y-%m-%d} 10:2{dice.randrange(10)}:05", 24)
    pen.text((pen.picture.width - 70, y + 50), "第1页", 24, anchor="rm")
    pen.mark(dice, (dice.choice((0.3, 0.7)) * pen.picture.width, y + 110), size=54, slant=dice.choice((0, 8)))
