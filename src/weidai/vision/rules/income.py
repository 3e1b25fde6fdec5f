"""Payslip and tax record: whose, from when, how much; the amounts must fit each other (R4.1). Pure.

An amount nothing else on the paper confirms is shown at no more than UNCONFIRMED, so that somebody looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from weidai.vision.rules.bookings import UNCONFIRMED
from weidai.vision.rules.cells import Cell, Sheet, sheet, value_of
from weidai.vision.rules.dates import amounts_in
from weidai.vision.rules.fields import Check, Field, Kind, Reading, made
from weidai.vision.rules.lines import Line
from weidai.vision.rules.words import simplified

_GROSS = ("应发合计", "应发工资合计", "应发工资", "应发金额", "应发总额", "应付工资", "税前工资", "应发")
_TAKEN = ("扣款合计", "扣除合计", "应扣合计", "代扣合计", "扣款总额", "扣款小计", "扣款")
_NET = ("实发工资", "实发合计", "实发金额", "实发总额", "税后工资", "实付工资", "实领工资", "实发")
_MONTH = ("工资月份", "所属月份", "发放月份", "工资所属期", "月份")
_EMPLOYER = ("单位名称", "工作单位", "公司名称", "企业名称", "单位", "公司")
_PARTS = (
    "基本工资",
    "岗位工资",
    "绩效工资",
    "绩效奖金",
    "奖金",
    "加班费",
    "餐补",
    "交通补贴",
    "津贴",
    "补贴",
    "养老保险",
    "医疗保险",
    "失业保险",
    "住房公积金",
    "社会保险",
    "公积金",
    "个人所得税",
    "个税",
    "养老",
    "医疗",
    "失业",
    "部门",
    "工号",
    "职位",
    "岗位",
    "应发项目",
    "扣款项目",
    "金额(元)",
    "备注",
    "出勤天数",
    "序号",
)
_PAY = (*_GROSS, *_TAKEN, *_NET, *_MONTH, *_EMPLOYER, *_PARTS, "姓名", "员工姓名")
_WHOSE = ("纳税人姓名", "纳税人名称", "姓名")
_PERIOD = ("记录期间", "纳税期间", "税款所属期间", "所属期间", "查询期间", "起止日期")
_INCOME, _TAX = (
    ("收入额", "收入", "应税收入", "收入合计"),
    ("已缴税额", "实缴(退)金额", "实缴金额", "已申报税额", "应纳税额", "税额", "实缴税额"),
)
_TOTAL_INCOME, _TOTAL_TAX = (
    ("收入合计", "收入总额"),
    ("已申报税额合计", "已缴税额合计", "税额合计", "实缴(退)金额合计", "金额合计"),
)
_RECORD = (
    *_WHOSE,
    *_PERIOD,
    *_INCOME,
    *_TAX,
    *_TOTAL_INCOME,
    *_TOTAL_TAX,
    "税款所属期",
    "所得项目",
    "申报日期",
    "入(退)库日期",
    "入库税务机关",
    "扣缴义务人",
    "身份证件类型",
    "身份号码",
    "金额单位",
    "合计",
    "备注",
)
_FIRM = re.compile(r"([\u3400-\u9fff()]{2,40}?(?:公司|医院|学校|大学|集团|厂|中心|事务所|研究院|幼儿园|酒店|银行))")
_NAME_SHAPE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,6}|[\u3400-\u9fff]{1,12}(?:·[\u3400-\u9fff]{1,15})+")
_MONTH_SHAPE = re.compile(r"(20\d{2})\D?(0?[1-9]|1[0-2])(?!\d)")


def payslip(lines: Sequence[Line]) -> Reading:
    """Read whose pay of which month it is, gross, deductions and net; net must be gross less deductions."""
    paper = sheet(lines, _PAY)
    gross, taken, net = (_money(paper, *asked) for asked in (("gross_fen", _GROSS), ("deducted_fen", _TAKEN), ("net_fen", _NET)))
    whole = gross.value and taken.value and net.value
    adds_up = int(gross.value) - int(taken.value) == int(net.value) if whole else None
    amounts = (gross, taken, net) if adds_up else tuple(_unconfirmed(field) for field in (gross, taken, net))
    fields = (name_field(paper, ("姓名", "员工姓名")), _employer(paper), _month(paper), *amounts)
    return Reading(Kind.PAYSLIP, fields, (Check("pay_adds_up", adds_up),), is_marked=paper.is_marked)


def _unconfirmed(field: Field) -> Field:
    return replace(field, confidence=min(field.confidence, UNCONFIRMED))


def _has_amount(text: str) -> bool:
    return bool(amounts_in(text))


def _money(paper: Sheet, code: str, labels: Sequence[str]) -> Field:
    cell = value_of(paper, labels, _has_amount)
    return made(code, str(amounts_in(cell.text)[0]), cell.pieces) if cell else made(code, "", ())


def name_field(paper: Sheet, labels: Sequence[str]) -> Field:
    """Return a person's name beside or under its label."""
    cell = value_of(paper, labels, lambda text: _NAME_SHAPE.fullmatch(text.replace("•", "·")) is not None)
    if cell is None:
        return made("name", "", ())
    text = cell.text.replace("•", "·")
    return made("name", simplified(text), cell.pieces, most=1.0 if simplified(text) == text else UNCONFIRMED)


def _employer(paper: Sheet) -> Field:
    """Return who pays: after its label, else the first firm a heading names."""
    cell = value_of(paper, _EMPLOYER, lambda text: len(text) >= 4 and not _has_amount(text))
    if cell is not None:
        return made("employer", simplified(cell.text), cell.pieces)
    for row in paper.plain[:6]:
        if found := _FIRM.match(simplified(row.text)):
            return made("employer", found.group(1), row.pieces)
    return made("employer", "", ())


def _month(paper: Sheet) -> Field:
    """Return the month: after its label, else the first one a row that speaks of pay names."""
    cell = value_of(paper, _MONTH, lambda text: _MONTH_SHAPE.search(text) is not None)
    found = _MONTH_SHAPE.search(cell.text) if cell else None
    pieces = cell.pieces if cell else ()
    if found is None:
        for row in paper.plain[:6]:
            found = _MONTH_SHAPE.search(row.text) if re.search(r"工资|薪|月", row.text) else None
            if found:
                pieces = row.pieces
                break
    return made("pay_month", f"{found[1]}-{int(found[2]):02d}" if found else "", pieces)


def tax_certificate(lines: Sequence[Line]) -> Reading:
    """Read a tax record: whose, which months, total income and tax; the totals must be the sums of their parts.

    Certificates that name no income leave it empty.
    """
    paper = sheet(lines, _RECORD)
    cell = value_of(paper, _PERIOD, lambda text: len(_months(text)) >= 2)
    months = _months(cell.text) if cell else []
    period = f"{months[0][0]}-{months[0][1]}/{months[-1][0]}-{months[-1][1]}" if months else ""
    income, tax = _total(paper, "income_fen", _TOTAL_INCOME, _INCOME), _total(paper, "tax_fen", _TOTAL_TAX, _TAX)
    told = [adds_up for _, adds_up in (income, tax) if adds_up is not None]
    fields = (
        name_field(paper, _WHOSE),
        made("period", period, cell.pieces if cell else ()),
        *(field if adds_up else _unconfirmed(field) for field, adds_up in (income, tax)),
    )
    return Reading(Kind.TAX_CERTIFICATE, fields, (Check("tax_adds_up", all(told) if told else None),), is_marked=paper.is_marked)


def _months(text: str) -> list[tuple[str, str]]:
    return re.findall(r"(20\d{2})\D?(0[1-9]|1[0-2])", text)


def _total(paper: Sheet, code: str, totals: Sequence[str], heads: Sequence[str]) -> tuple[Field, bool | None]:
    """Return a total, and whether it is the sum of what stands in its column or behind its words; None without parts."""
    head = next(
        (cell for cell in paper.cells() if cell.is_label and cell.text in heads and not _beside_amount(paper, cell)), None
    )
    column = _column(paper, head) if head else []
    behind = [cell for label in heads for cell in _all_beside(paper, label)]
    ends = [cell for row in paper.rows for cell in row if cell.is_label and cell.text == "合计"]
    if column and ends:
        level = ends[-1]
        total = next((cell for cell in column if abs(cell.middle - level.middle) < 0.8 * level.height), None)
        parts = [cell for cell in column if cell is not total and cell.middle < level.middle - 0.5 * level.height]
    else:
        total = value_of(paper, totals, _has_amount)
        parts = [cell for cell in column or behind if cell is not total]
    if total is None:
        return made(code, "", ()), None
    fen = amounts_in(total.text)[-1]
    adds_up = sum(amounts_in(cell.text)[0] for cell in parts) == fen if parts else None
    return made(code, str(fen), total.pieces), adds_up


def _beside_amount(paper: Sheet, label: Cell) -> bool:
    return any(
        cell is label and place + 1 < len(row) and _has_amount(row[place + 1].text)
        for row in paper.rows
        for place, cell in enumerate(row)
    )


def _all_beside(paper: Sheet, label: str) -> list[Cell]:
    return [
        row[place + 1]
        for row in paper.rows
        for place, cell in enumerate(row[:-1])
        if cell.is_label and cell.text == label and _has_amount(row[place + 1].text)
    ]


def _column(paper: Sheet, head: Cell) -> list[Cell]:
    """Return the amounts under a heading, followed downwards as the sheet leans."""
    found, left, right = [], head.left, head.right
    below: Callable[[Cell], bool] = lambda cell: cell.middle > head.middle + 0.5 * head.height and _has_amount(cell.text)  # noqa: E731
    for row in paper.rows:
        here = [cell for cell in row if not cell.is_label and below(cell) and min(cell.right, right) > max(cell.left, left)]
        if here:
            best = min(here, key=lambda cell: abs(cell.centre - (left + right) / 2))
            found.append(best)
            left, right = (
                min(best.left, best.centre - (head.right - head.left) / 2),
                max(best.right, best.centre + (head.right - head.left) / 2),
            )
    return found
