"""Refusals of the assessment room (R2)."""

from weidai.kernel.errors import NotFound, Refused
from weidai.kernel.text import Text


class AssessmentNotFound(NotFound):
    """There is no such assessment of this customer."""

    code = "assessment.not_found"
    text = Text("还没有评估结果。", "There is no assessment yet.")
    next_step = Text("可在评估页面发起一次评估。", "You can ask for one on the assessment page.")


class CreditReportNotAuthorized(Refused):
    """The credit report may not be queried without its own consent (R4.2)."""

    code = "assessment.credit_report_not_authorized"
    text = Text("查询征信报告需要您的单独授权。", "Querying your credit report needs your own authorization.")
    next_step = Text("请阅读并签署征信授权后继续。", "Read and give the credit-report authorization to go on.")


class EngineMissing(Refused):
    """The engine asked for is not installed on this machine (R2.5)."""

    code = "assessment.engine_missing"
    text = Text("未安装计算引擎 {engine}。", "The engine {engine} is not installed.")
    next_step = Text("请先安装:{install};或改用默认引擎。", "Install it first: {install}; or use the default engine.")
