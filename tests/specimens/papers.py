"""Specimen papers beside the ID card: debit card, business licence, payslip, tax certificate, bank statement (R4.1).

Each function returns the picture and what a perfect reader would say of it: amounts in fen as digits, dates ISO.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from PIL import Image, ImageDraw

from tests.specimens.fonts import Face, font
from tests.specimens.people import GIVEN, STREETS, SURNAMES
from weidai.kernel.checks import luhn_check_digit, uscc_is_valid
from weidai.vision.rules import areas

INK, PALE, MARK = (26, 26, 30), (90, 96, 110), (214, 40, 40)
BANKS = ("示范银行", "样例商业银行", "江湾农商银行", "虚构城市银行")
BOOKINGS = ("工资", "快捷支付", "转账汇入", "水电费", "消费", "信用卡还款", "转账汇出", "结息", "退款", "现金存入")


@dataclass(frozen=True, slots=True)
class Paper:
    """A drawn paper and its content."""

    picture: Image.Image
    fields: dict[str, str]
    rows: tuple[tuple[str, str, int, int], ...] = ()  # day, summary, amount and balance in fen


def debit_card(seed: int, face: Face) -> Paper:
    """Return a card with its number printed flat in groups of four, or of six and the rest."""
    dice = random.Random(f"debit card {seed}")
    digits = f"62{dice.randrange(10**15):015d}"[: 18 if dice.random() < 0.7 else 15]
    number = digits + luhn_check_digit(digits)
    tone = dice.choice(((36, 78, 140), (150, 38, 44), (30, 104, 84), (70, 70, 76)))
    picture = Image.new("RGB", (1012, 638), tone)
    draw = ImageDraw.Draw(picture)
    for x in range(0, 1012, 40):
        draw.line((x, 0, x + 200, 638), tuple(part + 10 for part in tone), 2)
    bank = dice.choice(BANKS)
    draw.text((60, 50), bank, (250, 250, 250), font(face, 52))
    draw.rounded_rectangle((80, 200, 200, 290), 12, fill=(214, 186, 110))
    spaced = " ".join(number[at:at + 4] for at in range(0, len(number), 4))
    if dice.random() < 0.4:
        spaced = f"{number[:6]} {number[6:]}"
    draw.text((70, 350), spaced, (246, 244, 236), font(face, 56))
    draw.text((70, 470), "有效期 VALID THRU 09/31", (230, 230, 230), font(face, 26))
    draw.text((70, 540), "样本 SPECIMEN", (255, 190, 190), font(face, 34))
    draw.text((760, 540), "借记卡", (250, 250, 250), font(face, 40))
    return Paper(picture, {"card_number": number, "bank_name": bank})


def business_licence(seed: int, face: Face) -> Paper:
    """Return a licence with its code, name, kind, legal representative, capital, founding day and address."""
    dice = random.Random(f"licence {seed}")
    area = dice.choice(areas.counties())
    word = "".join(dice.choice(GIVEN) for _ in range(2))
    capital = dice.choice((10, 50, 100, 200, 500, 1000, 3000))
    founded = date(2005, 1, 1) + timedelta(days=dice.randrange(7000))
    fields = {
        "uscc": _uscc(dice, area.code),
        "company_name": f"{area.city or area.province}{word}{dice.choice(('商贸', '餐饮', '科技', '农业'))}有限公司",
        "company_type": dice.choice(("有限责任公司(自然人独资)", "有限责任公司", "个体工商户")),
        "legal_representative": _name(dice), "registered_capital_fen": str(capital * 1_000_000),
        "founded_on": founded.isoformat(),
        "company_address": area.full_name + dice.choice(STREETS) + f"{dice.randrange(1, 300)}号",
    }
    picture = Image.new("RGB", (1200, 850), (252, 250, 242))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((24, 24, 1176, 826), outline=(196, 160, 90), width=8)
    draw.text((440, 60), "营 业 执 照", INK, font(face, 64))
    draw.text((80, 170), "统一社会信用代码", PALE, font(face, 26))
    draw.text((80, 206), fields["uscc"], INK, font(face, 32))
    shown = (
        ("名　　称", fields["company_name"]), ("类　　型", fields["company_type"]),
        ("法定代表人", fields["legal_representative"]),
        ("注册资本", _capital(capital)), ("成立日期", f"{founded.year}年{founded.month:02d}月{founded.day:02d}日"),
        ("住　　所", fields["company_address"]),
    )
    for row, (label, value) in enumerate(shown):
        draw.text((110, 290 + 74 * row), label, PALE, font(face, 30))
        draw.text((300, 290 + 74 * row), value, INK, font(face, 30))
    draw.text((760, 760), "登记机关 样本 SPECIMEN", MARK, font(face, 30))
    return Paper(picture, fields)


def payslip(seed: int, face: Face) -> Paper:
    """Return a payslip of one month whose parts add up."""
    dice = random.Random(f"payslip {seed}")
    base, bonus = dice.randrange(300_000, 1_500_000, 100), dice.randrange(0, 400_000, 50)
    social, fund, tax = dice.randrange(30_000, 90_000), dice.randrange(20_000, 80_000), dice.randrange(0, 60_000)
    month = date(2026, dice.randrange(1, 11), 1)
    fields = {
        "name": _name(dice), "employer": f"{''.join(dice.choice(GIVEN) for _ in range(2))}实业有限公司",
        "pay_month": f"{month:%Y-%m}", "gross_fen": str(base + bonus), "net_fen": str(base + bonus - social - fund - tax),
        "deducted_fen": str(social + fund + tax),
    }
    picture = Image.new("RGB", (1100, 780), (253, 253, 253))
    draw = ImageDraw.Draw(picture)
    draw.text((400, 40), "工资条", INK, font(face, 52))
    rows = (
        ("单位", fields["employer"]), ("姓名", fields["name"]), ("工资月份", f"{month.year}年{month.month:02d}月"),
        ("基本工资", _yuan(base)), ("奖金", _yuan(bonus)), ("应发合计", _yuan(base + bonus)), ("社会保险", _yuan(social)),
        ("住房公积金", _yuan(fund)), ("个人所得税", _yuan(tax)), ("扣款合计", _yuan(social + fund + tax)),
        ("实发工资", _yuan(int(fields["net_fen"]))),
    )
    for row, (label, value) in enumerate(rows):
        top = 128 + 54 * row
        draw.line((80, top - 8, 1020, top - 8), (190, 190, 190), 1)
        draw.text((110, top), label, PALE, font(face, 30))
        draw.text((480, top), value, INK, font(face, 30))
    draw.text((80, 734), "样本 SPECIMEN 非真实工资条", MARK, font(face, 26))
    return Paper(picture, fields)


def tax_certificate(seed: int, face: Face) -> Paper:
    """Return a tax record of some months of wages, with its totals."""
    dice = random.Random(f"tax {seed}")
    months = [(f"2026-{month:02d}", dice.randrange(500_000, 2_500_000, 10), dice.randrange(0, 90_000)) for month in range(1, 7)]
    fields = {
        "name": _name(dice), "period": "2026-01/2026-06", "income_fen": str(sum(income for _, income, _ in months)),
        "tax_fen": str(sum(tax for _, _, tax in months)),
    }
    picture = Image.new("RGB", (1100, 780), (253, 253, 253))
    draw = ImageDraw.Draw(picture)
    draw.text((270, 40), "个人所得税纳税记录", INK, font(face, 50))
    draw.text((90, 130), f"纳税人姓名:{fields['name']}", INK, font(face, 28))
    draw.text((90, 176), "纳税期间:2026年01月至2026年06月", INK, font(face, 28))
    for left, text in ((90, "税款所属期"), (340, "所得项目"), (600, "收入额"), (850, "已缴税额")):
        draw.text((left, 240), text, PALE, font(face, 28))
    for row, (month, income, tax) in enumerate(months):
        for left, text in ((90, month), (340, "工资薪金"), (600, _yuan(income)), (850, _yuan(tax))):
            draw.text((left, 296 + 52 * row), text, INK, font(face, 28))
    for left, text in ((90, "合计"), (600, _yuan(int(fields["income_fen"]))), (850, _yuan(int(fields["tax_fen"])))):
        draw.text((left, 628), text, INK, font(face, 28))
    draw.text((90, 716), "样本 SPECIMEN 非真实凭证", MARK, font(face, 26))
    return Paper(picture, fields)


def bank_statement(seed: int, face: Face) -> Paper:
    """Return a statement of ten bookings with a running balance."""
    dice = random.Random(f"statement {seed}")
    balance, day, rows = dice.randrange(50_000, 3_000_000), date(2026, 3, 1) + timedelta(days=dice.randrange(100)), []
    for _ in range(10):
        summary = dice.choice(BOOKINGS)
        comes_in = summary in ("工资", "转账汇入", "结息", "退款", "现金存入")
        amount = dice.randrange(100, 900_000) if comes_in else -dice.randrange(100, max(balance, 200))
        day, balance = day + timedelta(days=dice.randrange(0, 5)), balance + amount
        rows.append((day.isoformat(), summary, amount, balance))
    fields = {"name": _name(dice), "bank_name": dice.choice(BANKS)}
    picture = Image.new("RGB", (1160, 820), (253, 253, 253))
    draw = ImageDraw.Draw(picture)
    draw.text((330, 30), f"{fields['bank_name']}账户交易明细", INK, font(face, 40))
    draw.text((80, 104), f"户名:{fields['name']}", INK, font(face, 26))
    for left, text in ((80, "交易日期"), (320, "摘要"), (620, "交易金额"), (880, "账户余额")):
        draw.text((left, 160), text, PALE, font(face, 27))
    for row, (booked_on, summary, amount, left_over) in enumerate(rows):
        signed = f"{'+' if amount > 0 else '-'}{_yuan(abs(amount))}"
        for left, text in ((80, booked_on), (320, summary), (620, signed), (880, _yuan(left_over))):
            draw.text((left, 212 + 52 * row), text, INK, font(face, 27))
    draw.text((80, 764), "样本 SPECIMEN 非真实流水", MARK, font(face, 26))
    return Paper(picture, fields, tuple(rows))


def _name(dice: random.Random) -> str:
    return dice.choice(SURNAMES) + "".join(dice.choice(GIVEN) for _ in range(dice.choice((1, 2, 2))))


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def _capital(wan: int) -> str:
    words = {10: "拾", 50: "伍拾", 100: "壹佰", 200: "贰佰", 500: "伍佰", 1000: "壹仟", 3000: "叁仟"}
    return f"{words[wan]}万元整"


def _uscc(dice: random.Random, area: str) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "91" + area + "".join(dice.choice(alphabet) for _ in range(9))
    return next(body + last for last in alphabet if uscc_is_valid(body + last))
