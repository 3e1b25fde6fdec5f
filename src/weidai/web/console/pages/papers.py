"""Pictures of a customer's papers: where each field was read, how surely, and what the customer corrected (R1.4, R4.1).

Personal data in full: every look at the fields and every opening of the picture is on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.files import services as files
from weidai.identity import selectors as identity
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text
from weidai.vision import selectors, services
from weidai.vision.errors import ReadingNotFound
from weidai.vision.rules.fields import Field, PaperRead, StatementRow
from weidai.vision.rules.lines import Quad
from weidai.web.console.menu import MenuItem
from weidai.web.shared.file_response import file_response
from weidai.web.shared.permissions import staff_page

PERMISSION = "identity.verification.review"
MENU: tuple[MenuItem, ...] = ()  # reached from the customer and the case

KINDS = {
    "id_front": Text("身份证人像面", "ID card, portrait side"),
    "id_back": Text("身份证国徽面", "ID card, emblem side"),
    "debit_card": Text("借记卡", "Debit card"),
    "business_licence": Text("营业执照", "Business licence"),
    "payslip": Text("工资条", "Payslip"),
    "tax_certificate": Text("纳税记录", "Tax record"),
    "bank_statement": Text("银行流水", "Bank statement"),
}
FIELDS = {
    "name": Text("姓名", "Name"),
    "sex": Text("性别", "Sex"),
    "ethnicity": Text("民族", "Ethnic group"),
    "birth_on": Text("出生", "Born"),
    "address": Text("住址", "Address"),
    "id_number": Text("公民身份号码", "ID number"),
    "authority": Text("签发机关", "Issued by"),
    "valid_from": Text("有效期起", "Valid from"),
    "valid_to": Text("有效期至", "Valid to"),
    "card_number": Text("卡号", "Card number"),
    "bank_name": Text("银行", "Bank"),
    "uscc": Text("统一社会信用代码", "Credit code"),
    "company_name": Text("企业名称", "Company"),
    "company_type": Text("类型", "Kind"),
    "legal_representative": Text("法定代表人", "Legal representative"),
    "registered_capital_fen": Text("注册资本(元)", "Capital (CNY)"),
    "founded_on": Text("成立日期", "Founded"),
    "company_address": Text("住所", "Address"),
    "employer": Text("单位", "Employer"),
    "pay_month": Text("工资月份", "Month"),
    "gross_fen": Text("应发(元)", "Gross (CNY)"),
    "net_fen": Text("实发(元)", "Net (CNY)"),
    "deducted_fen": Text("扣款(元)", "Deducted (CNY)"),
    "period": Text("期间", "Period"),
    "income_fen": Text("收入额(元)", "Income (CNY)"),
    "tax_fen": Text("已缴税额(元)", "Tax paid (CNY)"),
}
CHECKS = {
    "check_digit": Text("校验位", "Check digit"),
    "area_known": Text("地区代码已知", "Area code known"),
    "birth_matches_number": Text("出生与号码一致", "Birth fits number"),
    "sex_matches_number": Text("性别与号码一致", "Sex fits number"),
    "real_date": Text("日期存在", "Real date"),
    "ethnicity_known": Text("民族在名录内", "Ethnic group known"),
    "name_shape": Text("姓名长度", "Length of name"),
    "address_begins": Text("住址以已知地区开头", "Address begins with a known area"),
    "authority_known": Text("签发机关已知", "Authority known"),
    "period_length": Text("有效期年数", "Length of validity"),
    "period_begun": Text("有效期已开始", "Validity begun"),
    "side": Text("正反面", "Right side"),
    "luhn": Text("卡号校验位", "Luhn"),
    "card_shape": Text("卡号位数", "Length of number"),
    "uscc": Text("代码校验位", "Check character"),
    "pay_adds_up": Text("应发减扣款等于实发", "Gross less deductions is net"),
    "tax_adds_up": Text("合计等于各行之和", "Totals are sums"),
    "balance_runs": Text("余额连续", "Balances follow"),
}


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field beside its box; `box` are the corners for the drawing."""

    name: Text
    value: str
    percent: int
    is_sure: bool
    is_corrected: bool
    checks: tuple[tuple[Text, bool | None], ...]
    box: str
    number: int


@staff_page(PERMISSION)
def paper_list(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """What was read of a customer's papers, without its content."""
    rows = [(row, KINDS[row.kind], sum(field.is_doubtful for field in row.fields)) for row in selectors.readings(customer_id)]
    return render(request, "console/pages/paper_list.html", {"customer": identity.customer_get(customer_id), "rows": rows,
                                                             "evidence": identity.id_card_evidence(customer_id)})


@staff_page(PERMISSION)
def paper_detail(request: HttpRequest, customer_id: UUID, reading_id: UUID) -> HttpResponse:
    """The picture with its boxes, and the fields; looking is on record (R8.6)."""
    row = services.paper_view(customer_id, reading_id)
    shown = [_shown(field, number, row.corrected) for number, field in enumerate(row.fields, start=1)]
    checks = [(CHECKS[check.code], check.passed) for check in row.paper.reading.checks]
    context: dict[str, Any] = {
        "customer": identity.customer_get(customer_id), "row": row, "kind": KINDS[row.kind], "fields": shown, "checks": checks,
        "frame": _frame(row.paper), "bookings": [_booking(booking) for booking in row.rows]}
    return render(request, "console/pages/paper_detail.html", context)


@staff_page(PERMISSION)
def paper_picture(_request: HttpRequest, customer_id: UUID, reading_id: UUID) -> HttpResponse:
    """The picture itself, as data; opening it is on record."""
    row = selectors.reading_get(customer_id, reading_id)
    if row.file_id is None:
        raise ReadingNotFound
    return file_response(files.file_open(customer_id, row.file_id, reason="console.paper_review"))


def _shown(field: Field, number: int, corrected: tuple[str, ...]) -> ShownField:
    value = yuan_text(int(field.value)) if field.code.endswith("_fen") and field.value else field.value
    checks = tuple((CHECKS[check.code], check.passed) for check in field.checks)
    return ShownField(FIELDS[field.code], value, round(field.confidence * 100), not field.is_doubtful, field.code in corrected,
                      checks, _corners(field.quad), number)


def _booking(row: StatementRow) -> dict[str, Any]:
    return {"row": row, "percent": round(row.confidence * 100), "box": _corners(row.quad)}


def _corners(quad: Quad | None) -> str:
    return " ".join(f"{x:.0f},{y:.0f}" for x, y in quad) if quad else ""


def _frame(paper: PaperRead) -> dict[str, Any]:
    """How the picture is laid under its boxes: as large as they were measured in, and turned as it was for reading."""
    width, height = paper.width, paper.height
    turns = {0: "", 90: f"translate(0 {height}) rotate(-90)", 180: f"rotate(180 {width / 2} {height / 2})",
             270: f"translate({width} 0) rotate(90)"}
    lying = paper.turned in (90, 270)
    return {"width": width, "height": height, "turn": turns[paper.turned], "picture_width": height if lying else width,
            "picture_height": width if lying else height}


urlpatterns = [
    path("customers/<uuid:customer_id>/papers", paper_list, name="paper_list"),
    path("customers/<uuid:customer_id>/papers/<uuid:reading_id>", paper_detail, name="paper_detail"),
    path("customers/<uuid:customer_id>/papers/<uuid:reading_id>/picture", paper_picture, name="paper_picture"),
]
