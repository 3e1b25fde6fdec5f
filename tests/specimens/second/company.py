"""Debit cards and business licences of the second style."""

from __future__ import annotations

import random
from datetime import timedelta

from tests.specimens.fonts import Face
from tests.specimens.papers import Paper
from tests.specimens.second import fonts
from tests.specimens.second.ink import Pen, rosettes, tinted
from tests.specimens.second.people import ON, PLACES

BANKS = (
    "中国工商银行",
    "中国农业银行",
    "中国建设银行",
    "交通银行",
    "招商银行",
    "中国邮政储蓄银行",
    "上海浦东发展银行",
    "兴业银行",
    "中国民生银行",
    "徽商银行",
    "江苏银行",
    "广州农村商业银行",
    "平安银行",
    "华夏银行",
)
_BEGINNINGS = ("622202", "622848", "621700", "622260", "621483", "621098", "622521", "622908", "623058", "6217", "6230", "95588")
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_WORDS = ("鼎盛", "恒源", "博雅", "众联", "宏图", "瑞祥", "天成", "华信", "锦绣", "启航", "金穗", "蓝海")
_TRADES = ("商贸", "餐饮管理", "信息技术", "建筑工程", "物流", "农业科技", "服饰", "电子商务", "机械设备", "文化传媒")
_PEOPLE = ("陈国栋", "赵敏", "欧阳雪", "孙建平", "李文静", "王磊", "刘淑芬", "周子轩", "吴迪", "郑海燕")
_NUMERALS = "零壹贰叁肆伍陆柒捌玖"


def debit_card(seed: int, face: Face) -> Paper:
    """Return a debit card: digits in one of the usual groups, light on dark or dark on light."""
    dice = random.Random(f"debit {seed}")
    digits = dice.choice(_BEGINNINGS)
    while len(digits) < dice.choice((15, 18, 18)):
        digits += str(dice.randrange(10))
    number = digits + _luhn(digits)
    is_dark = dice.random() < 0.6
    first = dice.choice(
        ((150, 20, 30), (20, 60, 130), (30, 90, 70), (60, 60, 66))
        if is_dark
        else ((230, 200, 150), (220, 226, 232), (240, 220, 226))
    )
    second = tuple(max(part - 40, 0) for part in first)
    pen = Pen(tinted((1012, 638), dice, first, second), face)  # type: ignore[arg-type]
    rosettes(pen.picture, dice, tuple(min(part + 18, 255) for part in first), 5)  # type: ignore[arg-type]
    ink = (238, 238, 236) if is_dark else (40, 40, 46)
    bank = dice.choice(BANKS)
    pen.text((70, 80), bank, 50, ink)
    pen.text((72, 132), dice.choice(("DEBIT CARD", "BANK OF EXAMPLE", "借记卡")), 24, ink)
    pen.text((944, 80), dice.choice(("借记卡", "储蓄卡", "理财卡", "ATM")), 32, ink, anchor="rm")
    pen.draw.rounded_rectangle((90, 220, 210, 310), 14, fill=(206, 180, 110), outline=(120, 100, 60), width=3)
    pen.text((944, 560), dice.choice(("银联", "UnionPay 银联")), 40, ink, anchor="rm")
    _number(pen, number, dice, ink, is_dark)
    pen.text((72, 500), dice.choice(("有效期 12/33", "VALID THRU 08/31", "客户服务热线 95588", "MONTH/YEAR 05/35")), 28, ink)
    if dice.random() < 0.6:
        pen.text((72, 570), dice.choice(("CHEN GUODONG", "LI WENJING", "ZHAO MIN")), 34, ink)
    pen.mark(dice, dice.choice(((700, 250), (560, 600), (600, 160))), size=34, slant=dice.choice((0, -14)))
    return Paper(pen.picture, {"card_number": number, "bank_name": bank})


def _number(pen: Pen, number: str, dice: random.Random, ink: tuple[int, int, int], is_dark: bool) -> None:
    groups = dice.choice((4, 4, 6, 0))
    if groups == 6:
        shown = number[:6] + " " + number[6:]
    elif groups == 4:
        shown = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    else:
        shown = number
    digits = next((found for found in dice.sample(fonts.DIGITS, 3) if found.is_there), pen.face)
    size = 64
    while fonts.of_size(digits, size).getlength(shown) > 860:
        size -= 2
    if dice.random() < 0.5:  # raised: a shadow on one side
        pen.text((75, 393), shown, size, (0, 0, 0) if is_dark else (255, 255, 255), face=digits)
    pen.text((72, 390), shown, size, ink, face=digits)


def _luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        twice = int(digit) * (1 if place % 2 else 2)
        total += twice - 9 if twice > 9 else twice
    return str(-total % 10)


def business_licence(seed: int, face: Face) -> Paper:
    """Return a licence: upright in one column (2014), lying in two columns (2019), or of a sole trader."""
    dice = random.Random(f"licence {seed}")
    area, begins, _ = dice.choice(PLACES)
    kind = dice.choice(("company", "company", "trader"))
    word, trade, who = dice.choice(_WORDS), dice.choice(_TRADES), dice.choice(_PEOPLE)
    street = dice.choice(("工业大道", "商务中心", "创业路"))
    address = f"{begins}{street}{dice.randrange(1, 900)}号{dice.randrange(1, 30)}层{dice.randrange(100, 3000)}室"
    founded = ON - timedelta(days=dice.randrange(60, 7_000))
    town = begins.removesuffix("县").removesuffix("区").split("市")[-1][-3:]
    if kind == "company":
        name, form = (
            f"{town}{word}{trade}有限公司",
            dice.choice(("有限责任公司", "有限责任公司(自然人投资或控股)", "有限责任公司(自然人独资)")),
        )
        wan = dice.choice((10, 50, 100, 300, 500, 1000, 2680))
        capital = dice.choice(
            (f"{wan}万元人民币", f"{wan}.000000万人民币", f"人民币{_capitals(wan)}万元整", f"{_capitals(wan)}万元整")
        )
        fen = str(wan * 1_000_000)
    else:
        name, form, capital, fen = f"{town}{word}{trade}店", "个体工商户", "", ""
    code = _uscc(dice, area, "91" if kind == "company" else "92")
    head = "法定代表人" if kind == "company" else "经营者"
    where = "住所" if kind == "company" else "经营场所"
    written = f"{founded:%Y年%m月%d日}" if dice.random() < 0.7 else f"{founded.year}年{founded.month}月{founded.day}日"
    rows = [("名称", name), ("类型", form), (where, address), (head, who)]
    rows += [("注册资本", capital)] if capital else [("组成形式", "个人经营")]
    rows += [
        ("成立日期" if kind == "company" or dice.random() < 0.5 else "注册日期", written),
        ("营业期限", f"{founded:%Y年%m月%d日}至长期"),
        (
            "经营范围",
            f"一般项目:{trade}服务;日用百货销售;技术咨询;货物进出口(依法须经批准的项目,经相关部门批准后方可开展经营活动)",
        ),
    ]
    layout = _upright if dice.random() < 0.5 else _lying
    pen = layout(dice, face, code, rows)
    fields = {
        "uscc": code,
        "company_name": name,
        "company_type": form,
        "legal_representative": who,
        "registered_capital_fen": fen,
        "founded_on": founded.isoformat(),
        "company_address": address,
    }
    return Paper(pen.picture, fields)


def _upright(dice: random.Random, face: Face, code: str, rows: list[tuple[str, str]]) -> Pen:
    pen = Pen(tinted((1240, 1650), dice, (250, 248, 240), (244, 240, 232)), face)
    pen.draw.rectangle((40, 40, 1200, 1610), outline=(190, 150, 80), width=8)
    pen.text((620, 270), "营业执照", 104, (30, 30, 30), anchor="mm")
    pen.text((620, 380), f"统一社会信用代码 {code}", 36, anchor="mm")
    y = 480
    for label, value in rows:
        _label(pen, (150, y), label, 200, 34)
        for line in pen.wrapped(value, 34, 700):
            pen.text((400, y), line, 34)
            y += 50
        y += 26
    pen.text((860, 1420), "登记机关", 34)
    pen.text((820, 1500), f"{dice.randrange(2015, 2026)}年{dice.randrange(1, 13)}月{dice.randrange(1, 29)}日", 34)
    pen.mark(dice, dice.choice(((350, 1450), (900, 160), (950, 1380))), size=60, slant=dice.choice((0, 20)))
    return pen


def _lying(dice: random.Random, face: Face, code: str, rows: list[tuple[str, str]]) -> Pen:
    pen = Pen(tinted((1754, 1240), dice, (252, 250, 244), (246, 242, 236)), face)
    pen.draw.rectangle((36, 36, 1718, 1204), outline=(190, 150, 80), width=10)
    pen.text((877, 250), "营 业 执 照", 96, (30, 30, 30), anchor="mm")
    pen.text((877, 320), dice.choice(("(副 本)", "")), 34, anchor="mm")
    pen.text((130, 300), "统一社会信用代码", 28)
    pen.text((130, 350), code, 32)
    pen.draw.rectangle((1430, 180, 1590, 340), fill=(60, 60, 60))
    right = [row for row in rows if row[0] in ("注册资本", "组成形式", "成立日期", "注册日期", "营业期限", "住所", "经营场所")]
    left = [row for row in rows if row not in right]
    for x, wide, column in ((130, 480, left), (930, 480, right)):
        y = 450
        for label, value in column:
            _label(pen, (x, y), label, 170, 30)
            for line in pen.wrapped(value, 28, wide):
                pen.text((x + 200, y), line, 28)
                y += 42
            y += 30
    pen.text((1180, 1010), "登 记 机 关", 34)
    pen.text((1300, 1090), f"{dice.randrange(2019, 2026)}年{dice.randrange(1, 13)}月{dice.randrange(1, 29)}日", 32)
    pen.text((877, 1170), "国家企业信用信息公示系统网址: http://www.gsxt.gov.cn", 22, anchor="mm")
    pen.mark(dice, dice.choice(((500, 1080), (1300, 900), (420, 180))), size=56, slant=dice.choice((0, -18)))
    return pen


def _label(pen: Pen, at: tuple[int, int], label: str, width: int, size: int) -> None:
    """Write a label spread over its column, as licences do."""
    room = (width - pen.width(label, size)) / max(len(label) - 1, 1)
    pen.text(at, label, size, (80, 60, 40), step=max(room, 0.1))


def _uscc(dice: random.Random, area: str, begins: str) -> str:
    body = begins + area + "MA" + "".join(dice.choice(_ALPHABET) for _ in range(7))
    total = sum(_ALPHABET.index(sign) * weight for sign, weight in zip(body, _WEIGHTS, strict=True))
    return body + _ALPHABET[-total % 31]


def _capitals(wan: int) -> str:
    """Return a number below ten thousand as cheques write it."""
    text, units = "", ("", "拾", "佰", "仟")
    digits = str(wan)
    for place, digit in enumerate(digits):
        unit = units[len(digits) - 1 - place]
        if digit != "0":
            text += _NUMERALS[int(digit)] + unit
        elif text and not text.endswith("零") and int(digits[place:]):
            text += "零"
    return text
