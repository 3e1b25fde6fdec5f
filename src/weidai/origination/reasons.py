"""Why an application was declined, in plain words with what would change it (R4.5)."""

from __future__ import annotations

from typing import Any

from weidai.kernel.text import Text

REVIEWER_REASONS: dict[str, Text] = {
    "income_not_proved": Text("收入证明不足以支持申请。", "The income proof does not support the application."),
    "documents_inconsistent": Text("提交的资料前后不一致。", "The documents do not agree with each other."),
    "repayment_source_missing": Text("未能确认还款来源。", "No source of repayment could be confirmed."),
    "purpose_not_allowed": Text("借款用途不符合规定。", "The purpose is not allowed."),
    "identity_doubtful": Text("身份信息仍有疑问。", "There is still doubt about the identity."),
}
RETURN_REASONS: dict[str, Text] = {
    "income_proof": Text("收入证明（工资流水、工资单或纳税证明）",
                         "income proof (salary statement, payslip or tax certificate)"),
    "statement": Text("近期工资卡银行流水", "a recent statement of your salary account"),
    "business_licence": Text("营业执照", "business licence"),
    "supporting_papers": Text("增信材料（社保、房产）", "supporting papers (social insurance, property)"),
    "clearer_papers": Text("重新拍摄不清晰的材料", "a clearer picture of what could not be read"),
    "employer_details": Text("工作单位信息", "details of your employer"),
    "second_source_proof": Text("第二还款来源说明", "proof of a second repayment source"),
    "explanation": Text("情况说明", "an explanation"),
}
FINAL_REASONS: dict[str, Text] = {
    "origination.grade_too_low": Text("综合评估等级为 {grade}，未达到该产品的准入等级。",
                                      "Your assessed grade is {grade}, below what the product needs."),
    "origination.limit_below_minimum": Text("按规则计算的额度低于最低额度。",
                                                  "The limit the rules allow is below the minimum."),
    "origination.no_room": Text("您的总授信额度已用于其他产品。",
                                        "Your total limit is already taken by other products."),
    "origination.debt_to_income": Text("负债相对收入过高。", "Your debt is too high for your income."),
    "origination.overdue": Text("您有逾期未还的借款。", "A loan of yours is overdue."),
    "origination.credit_report_consent_withdrawn": Text("征信授权已撤回，无法完成审批。",
                                                        "The credit-report authorization was withdrawn."),
}


def reason(code: str, text: Text) -> dict[str, Any]:
    """Return a reason in its stored form."""
    return {"code": code, "zh": text.zh, "en": text.en}


def final_reason(code: str, **values: object) -> dict[str, Any]:
    """Return one of final review's reasons with its values filled in."""
    return reason(code, FINAL_REASONS[code].format(**values))


def reason_text(stored: dict[str, Any]) -> Text:
    """Return the words of a stored reason."""
    return Text(zh=stored["zh"], en=stored["en"])


def joined(stored: list[dict[str, Any]]) -> Text:
    """Return several reasons as one sentence."""
    return Text(zh="".join(one["zh"] for one in stored), en=" ".join(one["en"] for one in stored))
