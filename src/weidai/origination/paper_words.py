"""Papers, their fields and their states in words (R4.1)."""

from __future__ import annotations

from weidai.kernel.text import Text

KIND_TEXTS: dict[str, Text] = {
    "id_card_front": Text("身份证人像面", "ID card, portrait side"),
    "id_card_back": Text("身份证国徽面", "ID card, emblem side"),
    "salary_statement": Text("工资卡银行流水", "Salary account statement"),
    "payslip": Text("工资单", "Payslip"),
    "tax_certificate": Text("个人所得税纳税记录", "Income tax record"),
    "social_insurance": Text("社保缴费记录", "Social insurance record"),
    "property_certificate": Text("房产证明", "Proof of property"),
    "business_licence": Text("营业执照", "Business licence"),
    "turnover_record": Text("经营流水", "Turnover record"),
    "bank_statement": Text("银行流水", "Bank statement"),
    "second_repayment_source": Text("第二还款来源证明", "Proof of a second repayment source"),
}
FIELD_TEXTS: dict[str, Text] = {
    "name": Text("姓名", "Name"),
    "employer": Text("单位名称", "Employer"),
    "pay_month": Text("工资月份", "Month of pay"),
    "gross_fen": Text("应发工资", "Gross pay"),
    "deducted_fen": Text("扣款合计", "Deductions"),
    "net_fen": Text("实发工资", "Net pay"),
    "period": Text("纳税期间", "Period"),
    "income_fen": Text("收入合计", "Total income"),
    "tax_fen": Text("税额合计", "Total tax"),
    "bank_name": Text("银行", "Bank"),
    "uscc": Text("统一社会信用代码", "Unified social credit code"),
    "company_name": Text("企业名称", "Company"),
    "company_type": Text("类型", "Kind"),
    "legal_representative": Text("法定代表人", "Legal representative"),
    "registered_capital_fen": Text("注册资本", "Registered capital"),
    "founded_on": Text("成立日期", "Founded on"),
    "company_address": Text("住所", "Address"),
    "sex": Text("性别", "Sex"),
    "ethnicity": Text("民族", "Ethnic group"),
    "birth_on": Text("出生", "Born"),
    "address": Text("住址", "Address"),
    "id_number": Text("公民身份号码", "ID number"),
    "authority": Text("签发机关", "Issued by"),
    "valid_from": Text("有效期起", "Valid from"),
    "valid_to": Text("有效期至", "Valid to"),
}
CHECK_TEXTS: dict[str, Text] = {
    "pay_adds_up": Text("应发减扣款等于实发", "Gross less deductions is net"),
    "tax_adds_up": Text("合计等于各行之和", "The totals are the sums of their rows"),
    "balance_runs": Text("每行余额由上一行推得", "Each balance follows from the one before"),
    "rows_clear": Text("多数行看得清、接得上", "Most rows are clear and follow"),
    "uscc": Text("代码校验位", "Check character of the code"),
    "text_as_drawn": Text("PDF 的文字与画面一致", "The PDF's text is what its pages show"),
}
PAPER_STATE_TEXTS: dict[str, Text] = {
    "sent": Text("待核对", "to be checked by you"),
    "confirmed": Text("已核对", "checked by you"),
    "removed": Text("已撤下", "taken back"),
}
READING_TEXTS: dict[str, Text] = {
    "waiting": Text("正在识别", "being read"),
    "read": Text("已识别", "read"),
    "by_person": Text("由人工查看", "a person reads it"),
}
UNREAD_TEXTS: dict[str, Text] = {
    "pdf": Text("本服务器不能自动识别 PDF，由审核人员查看。", "This server cannot read PDFs by machine; a reviewer looks at it."),
    "vision.pdf_broken": Text("这份 PDF 不能自动识别，由审核人员查看。",
                               "This PDF cannot be read by machine; a reviewer looks at it."),
    "no_reader": Text("这类材料不自动识别，由审核人员查看。",
                      "Papers of this kind are not read by machine; a reviewer looks at it."),
    "vision.paper_not_seen": Text("没有看清内容。可重拍一张，也可保留由审核人员查看。",
                                  "Too little could be made out. Take it again, or leave it to the reviewer."),
    "vision.picture_blurred": Text("照片模糊，没有看清内容。可重拍一张，也可保留由审核人员查看。",
                                   "The picture is blurred. Take it again, or leave it to the reviewer."),
    "vision.picture_in_glare": Text("照片反光，没有看清内容。可换个角度重拍，也可保留由审核人员查看。",
                                    "There is glare on it. Take it again from another angle, or leave it to the reviewer."),
    "vision.paper_marked": Text("照片上有「复印件」「样本」等字样，由审核人员判断。",
                                "It is marked as a copy or specimen; a reviewer decides."),
    "vision.picture_unreadable": Text("这张照片不能自动识别，由审核人员查看。",
                                       "This picture cannot be read by machine; a reviewer looks at it."),
    "vision.too_many_readings": Text("今天自动识别的次数已用完，由审核人员查看。",
                                     "The day's readings have been used up; a reviewer looks at it."),
}
UNREAD_OTHERWISE = Text("暂时不能自动识别，已保存，由审核人员查看。",
                        "It could not be read by machine now. It is kept and a reviewer looks at it.")
VERDICT_TEXTS: dict[str, Text] = {
    "accepted": Text("属实", "accepted"),
    "doubted": Text("存疑", "doubted"),
    "corrected": Text("更正", "corrected"),
}


def unread_text(reason: str) -> Text:
    """Return why a page was not read by machine."""
    return UNREAD_TEXTS.get(reason, UNREAD_OTHERWISE)
