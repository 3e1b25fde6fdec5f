"""Roles and permissions: one table, read by the pages, the tests and the reference (R8.6). Pure.

Nobody holds everything. The administrator manages accounts but decides nothing about customers; the auditor sees
everything and changes nothing; whoever proposes does not approve alone (maker-checker is kept by each service).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from weidai.kernel.text import Text


class Role(StrEnum):
    """What a person does for the lender. One person may hold several."""

    REVIEWER = "reviewer"
    SENIOR_REVIEWER = "senior_reviewer"
    RISK_ANALYST = "risk_analyst"
    SERVICE_AGENT = "service_agent"
    COLLECTOR = "collector"
    FRAUD_ANALYST = "fraud_analyst"
    COMPLIANCE_OFFICER = "compliance_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    OPERATIONS = "operations"


ROLE_NAMES: dict[Role, Text] = {
    Role.REVIEWER: Text("审批员", "Credit reviewer"),
    Role.SENIOR_REVIEWER: Text("高级审批员", "Senior reviewer"),
    Role.RISK_ANALYST: Text("风控策略", "Risk analyst"),
    Role.SERVICE_AGENT: Text("客服", "Customer service"),
    Role.COLLECTOR: Text("催收员", "Collector"),
    Role.FRAUD_ANALYST: Text("反欺诈分析", "Fraud analyst"),
    Role.COMPLIANCE_OFFICER: Text("合规", "Compliance officer"),
    Role.AUDITOR: Text("审计", "Auditor"),
    Role.ADMINISTRATOR: Text("系统管理员", "Administrator"),
    Role.OPERATIONS: Text("运营", "Operations"),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that may be done, in words, and the roles that may do it."""

    meaning: Text
    roles: frozenset[Role]


R = Role
_EVERYONE = frozenset(Role)
_SEES_CUSTOMERS = frozenset({R.REVIEWER, R.SENIOR_REVIEWER, R.RISK_ANALYST, R.SERVICE_AGENT, R.COLLECTOR,
                             R.FRAUD_ANALYST, R.COMPLIANCE_OFFICER, R.AUDITOR, R.OPERATIONS})
_REVIEW = frozenset({R.REVIEWER, R.SENIOR_REVIEWER})
_SEES_REVIEW = _REVIEW | {R.RISK_ANALYST, R.COMPLIANCE_OFFICER, R.AUDITOR}
_SEES_NUMBERS = frozenset({R.SENIOR_REVIEWER, R.RISK_ANALYST, R.COMPLIANCE_OFFICER, R.AUDITOR, R.OPERATIONS})


def _permission(zh: str, en: str, roles: Iterable[Role]) -> Permission:
    return Permission(meaning=Text(zh, en), roles=frozenset(roles))


PERMISSIONS: dict[str, Permission] = {
    # work
    "staff.workbench.view": _permission("查看工作台", "See the workbench", _EVERYONE),
    "staff.user.view": _permission("查看员工与角色", "See staff and roles", {R.ADMINISTRATOR, R.AUDITOR}),
    "staff.user.edit": _permission("管理员工与角色", "Manage staff and roles", {R.ADMINISTRATOR}),
    # customers
    "identity.customer.view": _permission("查看客户", "See customers", _SEES_CUSTOMERS),
    "identity.customer.unmask": _permission(
        "查看客户完整信息（需填写理由并留痕）", "See full personal data (with a reason, on record)",
        {R.SENIOR_REVIEWER, R.FRAUD_ANALYST, R.COMPLIANCE_OFFICER, R.SERVICE_AGENT}),
    "identity.biometrics.erase": _permission(
        "应客户要求销毁生物特征", "Destroy biometrics at the customer's request", {R.COMPLIANCE_OFFICER}),
    "files.file.view": _permission("查看客户文件清单", "See the list of a customer's files", _SEES_REVIEW | {
        R.SERVICE_AGENT, R.FRAUD_ANALYST}),
    "files.file.open": _permission("打开客户文件（须填理由）", "Open a customer's file, with a reason", _REVIEW | {
        R.FRAUD_ANALYST, R.COMPLIANCE_OFFICER}),
    "security.session.end": _permission("退出客户的登录", "Sign a customer out", {R.SERVICE_AGENT, R.FRAUD_ANALYST}),
    "identity.verification.review": _permission(
        "人工核验身份", "Verify identity by hand", {R.REVIEWER, R.SENIOR_REVIEWER, R.FRAUD_ANALYST}),
    "identity.consent.view": _permission("查看授权记录", "See consents",
                                         {R.SERVICE_AGENT, R.COMPLIANCE_OFFICER, R.AUDITOR}),
    # review
    "origination.application.view": _permission("查看申请", "See applications", _SEES_REVIEW | {R.SERVICE_AGENT}),
    "origination.paper.view": _permission(
        "查看申请材料原件与识别内容（留痕）", "See an application's papers and what was read, on record", _REVIEW),
    "origination.application.review": _permission("初审与复审", "Screen and verify applications", _REVIEW),
    "origination.application.decide": _permission("终审", "Final review", {R.SENIOR_REVIEWER}),
    "origination.appeal.decide": _permission("处理申诉", "Decide appeals", {R.SENIOR_REVIEWER}),
    "assessment.profile.view": _permission("查看信用画像", "See credit profiles", _SEES_REVIEW),
    "assessment.run.view": _permission("查看评估批次", "See assessment runs", _SEES_NUMBERS),
    # limits
    "limits.credit_line.view": _permission("查看额度", "See credit lines", _SEES_CUSTOMERS),
    "limits.credit_line.freeze": _permission(
        "冻结额度", "Freeze credit lines",
        {R.SENIOR_REVIEWER, R.RISK_ANALYST, R.FRAUD_ANALYST, R.COMPLIANCE_OFFICER, R.OPERATIONS}),
    "limits.credit_line.unfreeze": _permission(
        "解冻额度", "Unfreeze credit lines", {R.SENIOR_REVIEWER, R.COMPLIANCE_OFFICER}),
    "limits.limit_change.propose": _permission("提出额度调整", "Propose limit changes", _REVIEW | {R.RISK_ANALYST}),
    "limits.limit_change.approve": _permission("复核额度调整", "Approve limit changes", {R.SENIOR_REVIEWER}),
    # loans
    "lending.loan.view": _permission("查看借据", "See loans", _SEES_CUSTOMERS),
    "lending.disbursement.view": _permission("查看放款", "See disbursements",
                                             {R.OPERATIONS, R.SENIOR_REVIEWER, R.COMPLIANCE_OFFICER, R.AUDITOR}),
    "lending.disbursement.resolve": _permission("处理异常放款", "Resolve stuck disbursements", {R.OPERATIONS}),
    "cashier.merchant.view": _permission("查看商户与订单", "See merchants and orders",
                                         {R.OPERATIONS, R.SERVICE_AGENT, R.COMPLIANCE_OFFICER, R.AUDITOR}),
    "cashier.merchant.edit": _permission("管理商户", "Manage merchants", {R.OPERATIONS}),
    "funding.partner.view": _permission("查看资金方", "See funding partners", _SEES_NUMBERS),
    "funding.partner.edit": _permission("管理资金方", "Manage funding partners", {R.OPERATIONS}),
    # servicing
    "servicing.repayment.view": _permission("查看还款", "See repayments", _SEES_CUSTOMERS),
    "servicing.repayment.resolve": _permission("处理未匹配还款", "Resolve unmatched repayments", {R.OPERATIONS}),
    "servicing.repayment.reverse": _permission("冲正还款、重试退款", "Reverse repayments, retry refunds", {R.OPERATIONS}),
    "servicing.adjustment.propose": _permission("提出调账", "Propose adjustments", {R.OPERATIONS, R.SERVICE_AGENT}),
    "servicing.adjustment.approve": _permission("复核调账", "Approve adjustments", {R.SENIOR_REVIEWER}),
    "servicing.adjustment.reject": _permission("驳回、撤回调账", "Reject or take back adjustments",
                                               {R.OPERATIONS, R.SENIOR_REVIEWER}),
    "servicing.collection.view": _permission("查看催收", "See collections",
                                             {R.COLLECTOR, R.RISK_ANALYST, R.COMPLIANCE_OFFICER, R.AUDITOR}),
    "servicing.collection.contact": _permission("联系逾期客户", "Contact overdue customers", {R.COLLECTOR}),
    "servicing.hardship.decide": _permission("处理困难求助", "Decide hardship requests",
                                             {R.SENIOR_REVIEWER, R.COMPLIANCE_OFFICER}),
    "servicing.write_off.propose": _permission("提出核销", "Propose write-offs", {R.OPERATIONS}),
    "servicing.write_off.approve": _permission("复核核销", "Approve write-offs",
                                               {R.SENIOR_REVIEWER, R.COMPLIANCE_OFFICER}),
    # risk
    "risk.alert.view": _permission("查看风险预警", "See fraud alerts",
                                   {R.FRAUD_ANALYST, R.RISK_ANALYST, R.COMPLIANCE_OFFICER, R.AUDITOR}),
    "risk.alert.decide": _permission("处理风险预警", "Decide fraud alerts", {R.FRAUD_ANALYST}),
    "risk.list.view": _permission("查看名单", "See lists",
                                  {R.FRAUD_ANALYST, R.RISK_ANALYST, R.COMPLIANCE_OFFICER, R.AUDITOR}),
    "risk.list.edit": _permission("维护名单", "Edit lists", {R.FRAUD_ANALYST}),
    # customer service
    "service_desk.ticket.view": _permission("查看工单", "See tickets",
                                            {R.SERVICE_AGENT, R.COMPLIANCE_OFFICER, R.AUDITOR}),
    "service_desk.ticket.reply": _permission("回复工单", "Answer tickets", {R.SERVICE_AGENT}),
    "service_desk.dispute.view": _permission("查看争议", "See disputes",
                                             {R.SERVICE_AGENT, R.COMPLIANCE_OFFICER, R.AUDITOR}),
    "service_desk.dispute.decide": _permission("处理争议", "Decide disputes", {R.SERVICE_AGENT, R.COMPLIANCE_OFFICER}),
    "service_desk.complaint.view": _permission("查看投诉", "See complaints",
                                               {R.SERVICE_AGENT, R.COMPLIANCE_OFFICER, R.AUDITOR}),
    "service_desk.complaint.decide": _permission("处理投诉", "Decide complaints", {R.COMPLIANCE_OFFICER}),
    "messaging.message.view": _permission("查看消息", "See messages",
                                          {R.SERVICE_AGENT, R.COMPLIANCE_OFFICER, R.AUDITOR}),
    # products and policy
    "products.product.view": _permission("查看产品", "See products", _SEES_CUSTOMERS),
    "products.invitation.edit": _permission("管理邀请名单", "Manage invitations", {R.RISK_ANALYST}),
    "policy.pack.view": _permission("查看策略", "See policy packs", _SEES_NUMBERS | {R.REVIEWER, R.FRAUD_ANALYST}),
    "policy.pack.draft": _permission("起草策略", "Draft policy packs", {R.RISK_ANALYST}),
    "policy.pack.approve": _permission("复核并发布策略", "Approve and publish policy packs",
                                       {R.SENIOR_REVIEWER, R.COMPLIANCE_OFFICER}),
    "assessment.model.view": _permission("查看统计模型", "See statistical models", _SEES_NUMBERS),
    "assessment.model.register": _permission("登记统计模型", "Register statistical models", {R.RISK_ANALYST}),
    "assessment.model.promote": _permission("复核并启用统计模型", "Put statistical models to work, as a second person",
                                            {R.SENIOR_REVIEWER, R.COMPLIANCE_OFFICER}),
    "portfolio.report.view": _permission("查看组合监测", "See the portfolio", _SEES_NUMBERS),
    # books and evidence
    "ledger.journal.view": _permission("查看账务", "See the ledger", {R.OPERATIONS, R.AUDITOR, R.COMPLIANCE_OFFICER}),
    "servicing.reconciliation.view": _permission("查看银行对账", "See the reconciliation with the bank",
                                                 {R.OPERATIONS, R.AUDITOR, R.COMPLIANCE_OFFICER}),
    "ledger.day.close": _permission("日终关账", "Close the day", {R.OPERATIONS}),
    "audit.event.view": _permission("检索审计记录", "Search the audit log", {R.AUDITOR, R.COMPLIANCE_OFFICER}),
    "audit.seal.verify": _permission("校验存证", "Verify evidence", {R.AUDITOR, R.COMPLIANCE_OFFICER}),
    "audit.access.view": _permission("查看访问日志", "See the access log", {R.AUDITOR, R.COMPLIANCE_OFFICER}),
    # regulator
    "compliance.report.view": _permission("查看监管报送", "See regulatory reports",
                                          {R.COMPLIANCE_OFFICER, R.AUDITOR, R.OPERATIONS}),
    "compliance.report.prepare": _permission("编制监管报送", "Prepare regulatory reports", {R.OPERATIONS}),
    "compliance.report.approve": _permission("复核监管报送", "Approve regulatory reports", {R.COMPLIANCE_OFFICER}),
    "compliance.aml_case.view": _permission("查看反洗钱案件", "See anti-money-laundering cases",
                                            {R.COMPLIANCE_OFFICER}),
    "compliance.aml_case.decide": _permission("处理反洗钱案件", "Decide anti-money-laundering cases",
                                              {R.COMPLIANCE_OFFICER}),
    # system
    "platform.keys.view": _permission("查看密钥使用情况", "See which keys are in use", {
        R.ADMINISTRATOR, R.AUDITOR, R.COMPLIANCE_OFFICER}),
    "jobs.run.view": _permission("查看任务", "See jobs", {R.OPERATIONS, R.ADMINISTRATOR, R.AUDITOR}),
    "jobs.run.start": _permission("启动任务", "Start jobs", {R.OPERATIONS}),
    "platform.clock.forward": _permission("推进业务时钟（仅演示）", "Move the business clock (demo only)",
                                          {R.OPERATIONS}),
    "platform.integration.view": _permission("查看外部接口", "See integrations",
                                             {R.OPERATIONS, R.ADMINISTRATOR, R.AUDITOR}),
}


def permission_require_known(permission: str) -> None:
    """Raise LookupError for a code that is not in the table: a typing mistake must not open or close a page."""
    if permission not in PERMISSIONS:
        raise LookupError(f"permission {permission!r} is not in weidai.staff.rules.PERMISSIONS")


def may(roles: Iterable[Role], permission: str) -> bool:
    """Whether one of the roles holds the permission."""
    permission_require_known(permission)
    return not PERMISSIONS[permission].roles.isdisjoint(roles)


def permissions_of(roles: Iterable[Role]) -> frozenset[str]:
    """Everything these roles may do."""
    held = frozenset(roles)
    return frozenset(code for code, permission in PERMISSIONS.items() if permission.roles & held)
