"""Payslips and tax records of the second style, each in several layouts."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image

from tests.specimens.fonts import Face
from tests.specimens.papers import Paper
from tests.specimens.second.ink import Pen

_PEOPLE = ("林晓峰", "宋佳", "慕容复", "韩梅", "高翔", "罗一鸣", "曾丽娟", "田甜", "贺建军", "毛不易", "覃海燕", "买买提·吐尔逊")
_EMPLOYERS = (
    "苏州锐明电子有限公司",
    "成都味觉餐饮管理有限公司",
    "佛山市顺德区宏发五金厂",
    "河北众诚物流股份有限公司",
    "北京云途科技有限公司",
    "青岛海蓝食品有限公司",
    "长沙市第三人民医院",
    "昆明春城百货有限责任公司",
)


@dataclass(frozen=True, slots=True)
class Pay:
    """What is paid and taken in one month, in fen."""

    name: str
    employer: str
    year: int
    month: int
    earned: tuple[tuple[str, int], ...]
    taken: tuple[tuple[str, int], ...]

    @property
    def gross(self) -> int:
        """All that is earned."""
        return sum(fen for _, fen in self.earned)

    @property
    def deducted(self) -> int:
        """All that is taken off."""
        return sum(fen for _, fen in self.taken)


def payslip(seed: int, face: Face) -> Paper:
    """Return a payslip: a table, a list of words and amounts, two columns, or a table over two bands."""
    dice = random.Random(f"pay {seed}")
    pay = _pay(dice)
    layout = (_as_table, _as_list, _as_columns, _as_bands)[seed // 3 % 4]
    month = dice.choice((f"{pay.year}年{pay.month}月", f"{pay.year}年{pay.month:02d}月", f"{pay.year}-{pay.month:02d}"))
    pen = layout(dice, face, pay, month, dice.choice((yuan, plain)))
    fields = {
        "name": pay.name,
        "employer": pay.employer,
        "pay_month": f"{pay.year}-{pay.month:02d}",
        "gross_fen": str(pay.gross),
        "deducted_fen": str(pay.deducted),
        "net_fen": str(pay.gross - pay.deducted),
    }
    return Paper(pen.picture, fields)


def yuan(fen: int) -> str:
    """Return yuan with thousands marked."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def plain(fen: int) -> str:
    """Return yuan without marks."""
    return f"{fen // 100}.{fen % 100:02d}"


def _pay(dice: random.Random) -> Pay:
    base = dice.randrange(280_000, 1_500_000, 5_000)
    earned = (
        ("基本工资", base),
        ("岗位工资", dice.randrange(50_000, 300_000, 1_000)),
        ("绩效奖金", dice.randrange(0, 500_000, 37)),
        ("加班费", dice.randrange(0, 90_000, 53)),
        ("餐补", dice.choice((30_000, 22_000, 44_000))),
    )
    social = base * 8 // 100
    taken = (
        ("养老保险", social),
        ("医疗保险", base * 2 // 100),
        ("失业保险", base // 200),
        ("住房公积金", base * dice.choice((5, 7, 12)) // 100),
        ("个人所得税", dice.randrange(0, 60_000, 7)),
    )
    return Pay(
        dice.choice(_PEOPLE), dice.choice(_EMPLOYERS), dice.choice((2024, 2025, 2026)), dice.randrange(1, 13), earned, taken
    )


def _sheet(size: tuple[int, int], dice: random.Random, face: Face) -> Pen:
    return Pen(Image.new("RGB", size, dice.choice(((255, 255, 255), (250, 249, 244), (244, 248, 250)))), face)


def _as_table(dice: random.Random, face: Face, pay: Pay, month: str, money: object) -> Pen:
    """One row of headings, one row of values."""
    assert callable(money)
    pen = _sheet((1860, 520), dice, face)
    pen.text((930, 70), f"{pay.employer}{month}工资条", 40, anchor="mm")
    cells = [
        ("姓名", pay.name),
        *((word, money(fen)) for word, fen in pay.earned[:4]),
        ("应发工资", money(pay.gross)),
        *((word.replace("保险", "").replace("住房", "").replace("个人所得", "个"), money(fen)) for word, fen in pay.taken),
        ("扣款合计", money(pay.deducted)),
        ("实发工资", money(pay.gross - pay.deducted)),
    ]
    _grid(pen, cells, (30, 150), 1800, 24)
    pen.text((60, 340), dice.choice(("如有疑问请联系人力资源部。", "工资保密,请勿外传。")), 24, (90, 90, 90))
    pen.mark(dice, dice.choice(((1560, 420), (300, 420))), size=48, slant=dice.choice((0, 10)))
    return pen


def _as_bands(dice: random.Random, face: Face, pay: Pay, month: str, money: object) -> Pen:
    """Two bands of headings over values: what is earned, what is taken."""
    assert callable(money)
    pen = _sheet((1400, 760), dice, face)
    pen.text((700, 70), "工 资 单", 44, anchor="mm")
    pen.text((60, 140), f"单位:{pay.employer}", 26)
    pen.text((1340, 140), f"所属月份:{month}", 26, anchor="rm")
    _grid(
        pen,
        [("姓名", pay.name), *((word, money(fen)) for word, fen in pay.earned), ("应发合计", money(pay.gross))],
        (50, 210),
        1300,
        28,
    )
    _grid(
        pen,
        [
            *((word, money(fen)) for word, fen in pay.taken),
            ("扣款合计", money(pay.deducted)),
            ("实发合计", money(pay.gross - pay.deducted)),
        ],
        (50, 400),
        1300,
        28,
    )
    pen.mark(dice, dice.choice(((1150, 660), (300, 660))), size=48)
    return pen


def _as_list(dice: random.Random, face: Face, pay: Pay, month: str, money: object) -> Pen:
    """Words at the left, amounts at the right edge, as a phone shows it."""
    assert callable(money)
    pen = _sheet((900, 1500), dice, face)
    pen.text((450, 80), "薪资明细", 46, anchor="mm")
    pen.text((450, 150), pay.employer, 30, (90, 90, 90), anchor="mm")
    y, sign = 240, dice.choice(("", "¥", "元"))
    for word, value in (("姓名", pay.name), ("发放月份", month)):
        pen.text((70, y), word, 32, (110, 110, 110))
        pen.text((830, y), value, 32, anchor="rm")
        y += 74
    amounts = (
        *pay.earned,
        ("应发工资", pay.gross),
        *pay.taken,
        ("扣除合计", pay.deducted),
        ("实发工资", pay.gross - pay.deducted),
    )
    for word, fen in amounts:
        pen.text((70, y), word, 32, (60, 60, 60))
        amount = money(fen)
        pen.text((830, y), amount + sign if sign == "元" else sign + amount, 32, anchor="rm")
        y += 74
        pen.draw.line((60, y - 36, 840, y - 36), fill=(226, 226, 226))
    pen.mark(dice, (450, min(y + 40, 1450)), size=44)
    return pen


def _as_columns(dice: random.Random, face: Face, pay: Pay, month: str, money: object) -> Pen:
    """What is earned at the left, what is taken at the right, totals under them, the rest below."""
    assert callable(money)
    pen = _sheet((1300, 900), dice, face)
    pen.text((650, 70), "员工工资发放单", 42, anchor="mm")
    pen.text((70, 150), f"公司:{pay.employer}", 28)
    pen.text((900, 150), f"工资月份:{month}", 28)
    pen.text((70, 200), f"姓名:{pay.name}", 28)
    pen.text((900, 200), f"工号:{dice.randrange(1000, 99999)}", 28)
    for x, head, rows, total, fen in (
        (70, "应发项目", pay.earned, "应发合计", pay.gross),
        (680, "扣款项目", pay.taken, "扣款合计", pay.deducted),
    ):
        pen.draw.rectangle((x - 10, 240, x + 550, 660), outline=(60, 60, 60), width=2)
        pen.text((x + 10, 270), head, 28)
        pen.text((x + 520, 270), "金额(元)", 28, anchor="rm")
        for place, (word, amount) in enumerate((*rows, (total, fen))):
            pen.text((x + 10, 335 + place * 60), word, 28)
            pen.text((x + 520, 335 + place * 60), money(amount), 28, anchor="rm")
    pen.text((80, 730), f"实发工资:{money(pay.gross - pay.deducted)}", 34)
    pen.text((80, 810), "制表:财务部", 24, (90, 90, 90))
    pen.mark(dice, (950, 790), size=50, slant=dice.choice((0, -12)))
    return pen


def _grid(pen: Pen, cells: list[tuple[str, str]], at: tuple[int, int], width: int, size: int) -> None:
    """Write headings over values in a grid as wide as its words."""
    x, y = at
    needs = [max(pen.width(word, size), pen.width(value, size)) + size for word, value in cells]
    scale = width / sum(needs)
    size = min(size, int(size * scale)) if scale < 1 else size
    for (word, value), need in zip(cells, needs, strict=True):
        wide = need * scale
        for place, text in enumerate((word, value)):
            pen.draw.rectangle((x, y + place * 70, x + wide, y + place * 70 + 70), outline=(70, 70, 70), width=2)
            pen.text((x + wide / 2, y + place * 70 + 35), text, size, anchor="mm")
        x += wide


def tax_certificate(seed: int, face: Face) -> Paper:
    """Return a tax record: months in a table, the app's list of incomes, or a certificate without incomes."""
    dice = random.Random(f"tax {seed}")
    name, employer, year, first = dice.choice(_PEOPLE), dice.choice(_EMPLOYERS), dice.choice((2024, 2025)), dice.randrange(1, 7)
    months = [(year, month) for month in range(first, first + dice.randrange(4, 7))]
    incomes = [dice.randrange(400_000, 2_500_000, 11) for _ in months]
    taxes = [income * dice.choice((0, 1, 3)) // 100 for income in incomes]
    fields = {
        "name": name,
        "period": f"{year}-{first:02d}/{year}-{months[-1][1]:02d}",
        "income_fen": str(sum(incomes)),
        "tax_fen": str(sum(taxes)),
    }
    layout = seed // 3 % 3
    if layout == 0:
        pen = _tax_table(dice, face, name, months, incomes, taxes, with_income=True)
    elif layout == 1:
        pen = _tax_app(dice, face, name, employer, months, incomes, taxes)
    else:
        pen, fields["income_fen"] = _tax_table(dice, face, name, months, incomes, taxes, with_income=False), ""
    return Paper(pen.picture, fields)


def _tax_table(
    dice: random.Random,
    face: Face,
    name: str,
    months: list[tuple[int, int]],
    incomes: list[int],
    taxes: list[int],
    *,
    with_income: bool,
) -> Pen:
    pen = _sheet((1654, 1169), dice, face)
    pen.text((827, 90), "中华人民共和国" if dice.random() < 0.5 else "国家税务总局", 34, anchor="mm")
    pen.text((827, 150), "个人所得税纳税记录", 46, anchor="mm")
    pen.text((90, 230), f"纳税人名称:{name}", 26)
    pen.text((90, 275), "身份证件类型:居民身份证", 26)
    (year, first), (_, last) = months[0], months[-1]
    pen.text((1560, 230), f"记录期间:{year}年{first:02d}月-{year}年{last:02d}月", 26, anchor="rm")
    pen.text((1560, 275), "金额单位:元", 26, anchor="rm")
    heads = ["申报日期", "实缴(退)金额", "入(退)库日期", "所得项目", "税款所属期", "入库税务机关"]
    if with_income:
        heads = ["税款所属期", "所得项目", "收入额", "实缴(退)金额", "申报日期", "入库税务机关"]
    columns = [90 + place * 255 for place in range(6)]
    y = 340
    for x, head in zip(columns, heads, strict=True):
        pen.text((x + 120, y), head, 25, anchor="mm")
    for (at, month), income, tax in zip(months, incomes, taxes, strict=True):
        y += 58
        filed = f"{at}-{month + 1:02d}-{dice.randrange(3, 16):02d}"
        office = "税务局第一分局"
        cells = [filed, yuan(tax), filed, "工资薪金所得", f"{at}-{month:02d}", office]
        if with_income:
            cells = [f"{at}-{month:02d}", "工资薪金所得", yuan(income), yuan(tax), filed, office]
        for x, cell in zip(columns, cells, strict=True):
            pen.text((x + 120, y), cell, 24, anchor="mm")
    y += 70
    if with_income:
        pen.text((columns[0] + 120, y), "合计", 25, anchor="mm")
        pen.text((columns[2] + 120, y), yuan(sum(incomes)), 24, anchor="mm")
        pen.text((columns[3] + 120, y), yuan(sum(taxes)), 24, anchor="mm")
    else:
        pen.text((90, y), f"金额合计: {yuan(sum(taxes))}", 26)
    pen.text((90, y + 90), "说明:本记录仅供参考,以税务机关征管系统为准。", 22, (90, 90, 90))
    pen.mark(dice, dice.choice(((1300, 980), (500, 1040))), size=58, slant=dice.choice((0, 16)))
    return pen


def _tax_app(
    dice: random.Random, face: Face, name: str, employer: str, months: list[tuple[int, int]], incomes: list[int], taxes: list[int]
) -> Pen:
    pen = _sheet((1000, 620 + 250 * len(months)), dice, face)
    pen.text((500, 80), "收入纳税明细", 44, anchor="mm")
    pen.text((70, 170), f"姓名:{name}", 32)
    (year, first), (_, last) = months[0], months[-1]
    pen.text((70, 230), f"所属期间:{year}.{first:02d}-{year}.{last:02d}", 30)
    pen.text((70, 310), "收入合计:", 32)
    pen.text((930, 310), f"{yuan(sum(incomes))}元", 34, anchor="rm")
    pen.text((70, 370), "已申报税额合计:", 32)
    pen.text((930, 370), f"{yuan(sum(taxes))}元", 34, anchor="rm")
    y = 460
    for (at, month), income, tax in zip(months, incomes, taxes, strict=True):
        pen.draw.rounded_rectangle((40, y - 30, 960, y + 200), 16, outline=(200, 206, 214), width=3)
        pen.text((70, y + 5), "工资薪金", 32)
        pen.text((930, y + 5), f"{at}-{month:02d}", 28, (90, 90, 90), anchor="rm")
        pen.text((70, y + 60), f"扣缴义务人:{employer}", 27, (70, 70, 70))
        pen.text((70, y + 110), f"收入:{yuan(income)}元", 27, (70, 70, 70))
        pen.text((70, y + 160), f"已申报税额:{yuan(tax)}元", 27, (70, 70, 70))
        y += 250
    pen.mark(dice, (760, y + 40), size=48)
    return pen
