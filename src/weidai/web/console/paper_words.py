"""Papers, their fields and their checks in words, and how a picture is laid under its boxes (R1.4, R4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weidai.kernel.text import Text
from weidai.vision.rules.fields import Check, PageFrame, PaperRead
from weidai.vision.rules.lines import Quad
from weidai.web.console.words import Status

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
    "registered_capital_fen": Text("注册资本（元）", "Capital (CNY)"),
    "founded_on": Text("成立日期", "Founded"),
    "company_address": Text("住所", "Address"),
    "employer": Text("单位", "Employer"),
    "pay_month": Text("工资月份", "Month"),
    "gross_fen": Text("应发（元）", "Gross (CNY)"),
    "net_fen": Text("实发（元）", "Net (CNY)"),
    "deducted_fen": Text("扣款（元）", "Deducted (CNY)"),
    "period": Text("期间", "Period"),
    "income_fen": Text("收入额（元）", "Income (CNY)"),
    "tax_fen": Text("已缴税额（元）", "Tax paid (CNY)"),
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
    "rows_clear": Text("多数行清晰且连续", "Most rows clear and following"),
    "text_as_drawn": Text("PDF 的文字与画面一致", "The PDF's text is what its pages show"),
    "name_is_verified": Text("与实名姓名一致", "Equals the verified name"),
    "number_is_verified": Text("与实名号码一致", "Equals the verified number"),
    "dates_fit": Text("日期够近且不在今天之后", "Recent, and not dated after today"),
    "marked": Text("原件（无「样本」「复印件」字样）", "An original, not marked as specimen or copy"),
    "validity_differs": Text("有效期与登记一致", "Validity equals the registry's"),
}
FAULTS = {
    "small": Text("照片太小", "too small"), "blurred": Text("模糊", "blurred"), "glare": Text("反光", "glare"),
}
RESULTS: dict[bool | None, Status] = {
    True: ("ok", Text("相符", "fits")), False: ("danger", Text("不符", "does not fit")),
    None: ("muted", Text("无法判断", "cannot be told")),
}
SURE, _FAIRLY = 90, 60


def checks_shown(checks: Sequence[Check]) -> list[tuple[Text, Status]]:
    """Each check with its result in words and tone, what does not fit first."""
    order = {False: 0, None: 1, True: 2}
    return [(CHECKS.get(one.code, Text(one.code, one.code)), RESULTS[one.passed])
            for one in sorted(checks, key=lambda one: order[one.passed])]


def confidence(percent: int, *, was_read: bool, is_sure: bool) -> Status:
    """How sure the reading is, in words with its number."""
    if not was_read:
        return "danger", Text("未识别", "not read")
    words = (Text("有把握 {n}%", "sure, {n}%") if is_sure and percent >= SURE
             else Text("不太确定 {n}%", "not quite sure, {n}%") if percent >= _FAIRLY
             else Text("没把握 {n}%", "unsure, {n}%"))
    return "ok" if is_sure and percent >= SURE else "warning" if percent >= _FAIRLY else "danger", words.format(n=percent)


def corners(quad: Quad | None) -> str:
    """The corners of a box for the drawing."""
    return " ".join(f"{x:.0f},{y:.0f}" for x, y in quad) if quad else ""


def frame(paper: PaperRead, *, address: str = "") -> dict[str, Any]:
    """How the picture is laid under its boxes: as large as they were measured in, and turned as it was for reading.

    `address` is where a PDF's pages are drawn, one under the other.
    """
    return {**_laid(paper.width, paper.height, paper.turned), "pages": pages_laid(paper.pages, address)}


def pages_laid(pages: Sequence[PageFrame], address: str) -> list[dict[str, Any]]:
    """How the pages of a PDF stand one under the other, each with where its picture comes from."""
    found, top = [], 0
    for number, page in enumerate(pages, start=1):
        joint = "&" if "?" in address else "?"
        found.append({**_laid(page.width, page.height, page.turned), "top": top, "address": f"{address}{joint}page={number}"})
        top += page.height
    return found


def _laid(width: int, height: int, turned: int) -> dict[str, Any]:
    turns = {0: "", 90: f"translate(0 {height}) rotate(-90)", 180: f"rotate(180 {width / 2} {height / 2})",
             270: f"translate({width} 0) rotate(90)"}
    lying = turned in (90, 270)
    return {"width": width, "height": height, "turn": turns[turned], "picture_width": height if lying else width,
            "picture_height": width if lying else height}


def frame_plain(width: int, height: int) -> dict[str, Any]:
    """The same for a picture that no machine read."""
    return {"width": width or 1000, "height": height or 1400, "turn": "", "picture_width": width or 1000,
            "picture_height": height or 1400}
