"""Debit card and business licence: from lines of text to fields, with what checks itself (R4.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from weidai.kernel.checks import card_number_is_plausible, luhn_is_valid, uscc_is_valid
from weidai.vision.rules.cells import Cell, Sheet, sheet, value_of, wrapped
from weidai.vision.rules.dates import date_in
from weidai.vision.rules.fields import Check, Field, Kind, Reading, made
from weidai.vision.rules.lines import Line, Placed, Row
from weidai.vision.rules.words import CHINESE, simplified

_LEAST_VALUE = 2  # characters beside half a label
_USCC_FIX = str.maketrans("IOZSV", "1025Y")  # letters the code never has
_BANK = re.compile(r"[\u3400-\u9fff]{2,12}银行")
_NUMERALS = {
    "零": 0,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
    "陆": 6,
    "柒": 7,
    "捌": 8,
    "玖": 9,
    "〇": 0,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "两": 2,
    "貳": 2,
    "參": 3,
    "陸": 6,
}
_UNITS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000}
_NAME, _FORM = ("名称", "企业名称", "字号名称"), ("类型", "主体类型", "公司类型")
_HEAD = ("法定代表人", "法定代表人姓名", "经营者", "经营者姓名", "负责人", "投资人", "执行事务合伙人")
_CAPITAL, _FOUNDED = ("注册资本", "资金数额", "出资额"), ("成立日期", "注册日期")
_WHERE = ("住所", "经营场所", "营业场所", "主要经营场所")
_LICENCE = (
    *_NAME,
    *_FORM,
    *_HEAD,
    *_CAPITAL,
    *_FOUNDED,
    *_WHERE,
    "组成形式",
    "经营范围",
    "营业期限",
    "经营期限",
    "合伙期限",
    "登记机关",
    "统一社会信用代码",
    "实收资本",
    "注册号",
)


def debit_card(lines: Sequence[Line]) -> Reading:
    """Read the card number (Luhn-checked) and the bank's name."""
    paper = sheet(lines, ("借记卡",))
    best: tuple[bool, int, str, list[Placed]] | None = None
    for row in paper.plain:
        chosen = [piece for piece in row.pieces if re.fullmatch(r"[0-9OolIB]{2,19}", piece.text)]
        number = "".join(piece.text for piece in chosen).translate(str.maketrans("OolIB", "00118"))
        rank = (luhn_is_valid(number) and card_number_is_plausible(number), len(number))
        if len(number) >= 12 and (best is None or rank > best[:2]):
            best = (*rank, number[:19], chosen)
    if best is None:
        number_field = made("card_number", "", ())
    else:
        number_field = made(
            "card_number",
            best[2],
            best[3],
            (Check("card_shape", card_number_is_plausible(best[2])), Check("luhn", luhn_is_valid(best[2]))),
        )
    return Reading(Kind.DEBIT_CARD, (number_field, bank_field(paper.plain)), is_marked=paper.is_marked)


def business_licence(lines: Sequence[Line]) -> Reading:
    """Read code (GB 32100 checked), name, kind, legal representative, capital, founding day and address.

    One column or two; values may go on in the next lines.
    """
    paper = sheet(lines, _LICENCE)
    founded = value_of(paper, _FOUNDED, lambda text: date_in(text) is not None)
    founded_on = date_in(founded.text) if founded else None
    capital = value_of(paper, _CAPITAL, lambda text: _capital_fen(text) is not None)
    fields = (
        _uscc(paper.plain),
        _text(paper, "company_name", _NAME),
        _text(paper, "company_type", _FORM),
        _text(paper, "legal_representative", _HEAD),
        made("registered_capital_fen", str(_capital_fen(capital.text)) if capital else "", capital.pieces if capital else ()),
        made("founded_on", founded_on.isoformat() if founded_on else "", founded.pieces if founded else ()),
        _text(paper, "company_address", _WHERE),
    )
    return Reading(Kind.BUSINESS_LICENCE, fields, is_marked=paper.is_marked)


def _text(paper: Sheet, code: str, labels: Sequence[str]) -> Field:
    """Return a value in words with the lines it goes on in."""
    value = value_of(paper, labels, lambda text: CHINESE.search(text) is not None)
    lone = _beside_half(paper, labels) if value is None else None
    if value is None and lone is None:
        return made(code, "", ())
    cells = wrapped(paper, value) if value else (lone,) if lone else ()
    text = re.sub(r"[^\u3400-\u9fff\U00020000-\U0003ffff0-9A-Za-z()\-#·]", "", "".join(cell.text for cell in cells))
    plain = simplified(text)
    return made(code, plain, [piece for cell in cells for piece in cell.pieces], most=1.0 if plain == text and value else 0.85)


def _beside_half(paper: Sheet, labels: Sequence[str]) -> Cell | None:
    """Return what stands beside one character of a label of two that is spread wide, where the other was not seen."""
    halves = {sign for label in labels if len(label) == 2 for sign in label}
    for row in paper.rows:
        for first, second in pairwise(row):
            if not first.is_label and first.text in halves and not second.is_label and len(second.text) >= _LEAST_VALUE:
                return second
    return None


def bank_field(plain: Sequence[Row]) -> Field:
    """Return the first bank a paper names."""
    for row in plain:
        if found := _BANK.search(simplified(row.text)):
            return made("bank_name", found.group(), [piece for piece in row.pieces if CHINESE.search(piece.text)])
    return made("bank_name", "", ())


def _uscc(plain: Sequence[Row]) -> Field:
    best: tuple[str, Row] | None = None
    for row in plain:
        for found in re.finditer(r"[0-9A-Z]{15,20}", row.text.upper()):
            code = found.group().translate(_USCC_FIX)[:18]
            if uscc_is_valid(code):
                return made("uscc", code, row.pieces, (Check("uscc", True),))
            if best is None or len(code) > len(best[0]):
                best = (code, row)
    return made("uscc", best[0], best[1].pieces, (Check("uscc", False),)) if best else made("uscc", "", ())


def _capital_fen(text: str) -> int | None:
    """Return an amount of capital in fen: 伍佰万元整, 500万元, 500.00万人民币."""
    if found := re.search(r"(\d+(?:[.,]\d+)*)(万|亿)?", text):
        whole, _, part = found.group(1).replace(",", "").partition(".")
        unit = _LARGE.get(found.group(2) or "", 1)
        return int(whole) * 100 * unit + (int(part[:2].ljust(2, "0")) * unit if part else 0)
    total = section = digit = 0
    for character in text:
        if character in _NUMERALS:
            digit = _NUMERALS[character]
        elif character in _UNITS:
            section += (digit or 1) * _UNITS[character]
            digit = 0
        elif character in _LARGE:
            total += (section + digit) * _LARGE[character]
            section = digit = 0
    return (total + section + digit) * 100 or None
