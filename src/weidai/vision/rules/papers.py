"""Papers that show work, income and company: from lines of text to fields and rows, with what checks itself (R4.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from weidai.kernel.checks import card_number_is_plausible, luhn_is_valid, uscc_is_valid
from weidai.vision.rules.dates import amounts_in, date_in
from weidai.vision.rules.fields import Check, Field, Kind, Reading, StatementRow, made
from weidai.vision.rules.lines import Line, Placed, Row, hull, placed, rows
from weidai.vision.rules.words import CHINESE, is_mark, simplified

_USCC_FIX = str.maketrans("IOZSV", "1025Y")  # letters the code never has
_BANK = re.compile(r"[\u3400-\u9fff]{2,12}银行")
_NUMERALS = {"零": 0, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9, "〇": 0, "一": 1, "二": 2,
             "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "两": 2, "貳": 2, "參": 3, "陸": 6}
_UNITS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000}


def debit_card(lines: Sequence[Line]) -> Reading:
    """Read the card number (Luhn-checked) and the bank's name."""
    sheet, marked = _sheet(lines)
    best: tuple[bool, int, str, list[Placed]] | None = None
    for row in sheet:
        chosen = [piece for piece in row.pieces if re.fullmatch(r"[0-9OolIB]{2,19}", piece.text)]
        number = "".join(piece.text for piece in chosen).translate(str.maketrans("OolIB", "00118"))
        rank = (luhn_is_valid(number) and card_number_is_plausible(number), len(number))
        if len(number) >= 12 and (best is None or rank > best[:2]):
            best = (*rank, number[:19], chosen)
    if best is None:
        number_field = made("card_number", "", ())
    else:
        number_field = made("card_number", best[2], best[3], (
            Check("card_shape", card_number_is_plausible(best[2])), Check("luhn", luhn_is_valid(best[2]))))
    return Reading(Kind.DEBIT_CARD, (number_field, _bank(sheet)), is_marked=marked)


def business_licence(lines: Sequence[Line]) -> Reading:
    """Read code (GB 32100 checked), name, kind, legal representative, capital, founding day and address."""
    sheet, marked = _sheet(lines)
    founded, founded_at = _after(sheet, "成立日期", "注册日期")
    capital, capital_at = _after(sheet, "注册资本", "资金数额")
    fen = _capital_fen(capital)
    founded_on = date_in(founded)
    fields = (
        _uscc(sheet),
        _text(sheet, "company_name", "名称", "字号名称"),
        _text(sheet, "company_type", "类型", "组成形式"),
        _text(sheet, "legal_representative", "法定代表人", "经营者", "负责人"),
        made("registered_capital_fen", str(fen) if fen else "", capital_at),
        made("founded_on", founded_on.isoformat() if founded_on else "", founded_at),
        _text(sheet, "company_address", "住所", "经营场所"),
    )
    return Reading(Kind.BUSINESS_LICENCE, fields, is_marked=marked)


def payslip(lines: Sequence[Line]) -> Reading:
    """Read whose pay of which month it is, gross, deductions and net; net must be gross less deductions."""
    sheet, marked = _sheet(lines)
    gross = _money(sheet, "gross_fen", "应发合计", "应发工资", "应发", "税前工资")
    taken = _money(sheet, "deducted_fen", "扣款合计", "扣除合计", "扣款")
    net = _money(sheet, "net_fen", "实发工资", "实发合计", "实发", "税后工资")
    adds_up = int(gross.value) - int(taken.value) == int(net.value) if gross.value and taken.value and net.value else None
    month, month_at = _after(sheet, "工资月份", "所属月份", "发放月份", "月份")
    found = re.search(r"(20\d{2})\D?(0?[1-9]|1[0-2])(?!\d)", month)
    fields = (
        _text(sheet, "name", "姓名"), _text(sheet, "employer", "单位名称", "工作单位", "单位", "公司"),
        made("pay_month", f"{found[1]}-{int(found[2]):02d}" if found else "", month_at), gross, taken, net,
    )
    return Reading(Kind.PAYSLIP, fields, (Check("pay_adds_up", adds_up),), is_marked=marked)


def tax_certificate(lines: Sequence[Line]) -> Reading:
    """Read a tax record: whose, which months, total income and tax; the totals must be the sums of their rows."""
    sheet, marked = _sheet(lines)
    period, period_at = _after(sheet, "纳税期间", "税款所属期间", "所属期间")
    months = re.findall(r"(20\d{2})\D?(0[1-9]|1[0-2])", period)
    value = f"{months[0][0]}-{months[0][1]}/{months[-1][0]}-{months[-1][1]}" if len(months) >= 2 else ""
    parts = [(row, amounts) for row in sheet if (amounts := _row_amounts(row)) and len(amounts) >= 2]
    totals = [(row, amounts) for row, amounts in parts if re.match(r"合|.{0,2}计", row.text)]
    single = [amounts for row, amounts in parts if re.match(r"20\d{2}", row.text)]
    fields: tuple[Field, ...] = (_text(sheet, "name", "纳税人姓名", "姓名"), made("period", value, period_at))
    adds_up: bool | None = None
    if totals:
        row, (income, *_, tax) = totals[-1]
        fields += (made("income_fen", str(income), row.pieces[-2:-1]), made("tax_fen", str(tax), row.pieces[-1:]))
        sums = (sum(amounts[0] for amounts in single), sum(amounts[-1] for amounts in single))
        adds_up = sums == (income, tax) if single else None
    else:
        fields += (made("income_fen", "", ()), made("tax_fen", "", ()))
    return Reading(Kind.TAX_CERTIFICATE, fields, (Check("tax_adds_up", adds_up),), is_marked=marked)


def bank_statement(lines: Sequence[Line]) -> Reading:
    """Read a statement's bookings; each balance must follow from the one before it (its own check digit)."""
    sheet, marked = _sheet(lines)
    booked = [found for row in sheet if (found := _booking(row)) is not None]
    followed = _followed(booked)
    told = [row.adds_up for row in followed if row.adds_up is not None]
    fields = (_text(sheet, "name", "户名", "客户姓名", "姓名"), _bank(sheet))
    checks = (Check("balance_runs", all(told) if told else None),)
    return Reading(Kind.BANK_STATEMENT, fields, checks, tuple(followed), is_marked=marked)


def _sheet(lines: Sequence[Line]) -> tuple[tuple[Row, ...], bool]:
    marked = any(is_mark(line.tidy) for line in lines)
    return rows(piece for piece in placed(lines) if piece.text and not is_mark(piece.text)), marked


def _after(sheet: Sequence[Row], *labels: str) -> tuple[str, list[Placed]]:
    """Return what stands in a label's row to its right, and where; the first label found decides."""
    for label in labels:
        for row in sheet:
            text = simplified(row.text)
            place = text.find(label)
            if place < 0 or place > 8:
                continue
            value = row.text[place + len(label):].lstrip(":·.,-")
            if value:
                chosen = [piece for piece in row.pieces if _ends_after(row, piece, place + len(label))]
                return value, chosen
    return "", []


def _ends_after(row: Row, piece: Placed, place: int) -> bool:
    """Say whether a piece reaches beyond a place in the row's text."""
    end = 0
    for other in row.pieces:
        end += len(other.text)
        if other is piece:
            break
    return end > place


def _text(sheet: Sequence[Row], code: str, *labels: str) -> Field:
    value, chosen = _after(sheet, *labels)
    return made(code, value, chosen)


def _money(sheet: Sequence[Row], code: str, *labels: str) -> Field:
    for label in labels:
        value, chosen = _after(sheet, label)
        if amounts := amounts_in(value):
            return made(code, str(amounts[-1]), chosen)
    return made(code, "", ())


def _bank(sheet: Sequence[Row]) -> Field:
    for row in sheet:
        if found := _BANK.search(simplified(row.text)):
            return made("bank_name", found.group(), [piece for piece in row.pieces if CHINESE.search(piece.text)])
    return made("bank_name", "", ())


def _uscc(sheet: Sequence[Row]) -> Field:
    best: tuple[str, Row] | None = None
    for row in sheet:
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


def _row_amounts(row: Row) -> list[int]:
    return [amount for piece in row.pieces for amount in amounts_in(piece.text)]


def _booking(row: Row) -> StatementRow | None:
    """Return a booking from a row that begins with a date; what could not be read is None."""
    booked_on = date_in(row.text[:12])
    if booked_on is None:
        return None
    valued = [piece for piece in row.pieces if amounts_in(piece.text)]
    amounts = [amount for piece in valued for amount in amounts_in(piece.text)]
    words = [piece for piece in row.pieces if CHINESE.search(piece.text) and piece not in valued]
    summary = "".join(re.sub(r"^[\d.\-/年月日]+", "", piece.text) for piece in words)
    if not amounts:
        return None
    return StatementRow(
        booked_on.isoformat(), simplified(summary), amounts[-2] if len(amounts) >= 2 else None, amounts[-1],
        round(min(piece.line.score for piece in row.pieces), 3), hull(row.pieces), None,
        tuple(piece.index for piece in row.pieces),
    )


def _followed(booked: Sequence[StatementRow]) -> list[StatementRow]:
    """Return the bookings compared with the balance before them; a lost sign is put back when only it is missing."""
    forward, backward = _compared(booked, newest_first=False), _compared(booked, newest_first=True)
    return max(forward, backward, key=lambda found: sum(row.adds_up is True for row in found))


def _compared(booked: Sequence[StatementRow], *, newest_first: bool) -> list[StatementRow]:
    found = []
    for place, row in enumerate(booked):
        before = place + 1 if newest_first else place - 1
        earlier = booked[before].balance_fen if 0 <= before < len(booked) else None
        if earlier is None or row.balance_fen is None or row.amount_fen is None:
            found.append(row)
            continue
        moved = row.balance_fen - earlier
        same = abs(moved) == abs(row.amount_fen)
        found.append(replace(row, adds_up=same, amount_fen=moved if same else row.amount_fen,
                             confidence=row.confidence if same else min(row.confidence, 0.5)))
    return found
