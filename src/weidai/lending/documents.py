"""What the borrower reads before signing: the cost sheet and the agreement, in both languages, with their hashes.

Pure text from figures (R6.2, FACTS §2.1). The stored text is what was shown; nothing is rendered again later.
"""
# ruff: noqa: E501 (the paragraphs of a contract are not broken)

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from weidai.kernel.money import yuan_text
from weidai.kernel.rates import apr_simple_ppm, daily_rate_text, ratio_text, simple_annual_text
from weidai.kernel.text import Text
from weidai.lending.rules import FEES_FEN, LoanTerms, RepaymentMethod, Schedule, annual_cost, percent_text, total_cost

SHEET_VERSION = "cost-sheet-1"
AGREEMENT_VERSION = "loan-agreement-1"

METHOD_TEXTS: dict[RepaymentMethod, Text] = {
    RepaymentMethod.EQUAL_PRINCIPAL: Text("等额本金，按实际天数计息", "equal principal, interest by actual days"),
    RepaymentMethod.LEVEL_PAYMENT: Text("等额本息", "level payment"),
    RepaymentMethod.INTEREST_ONLY_BULLET: Text("按月付息，到期还本", "interest monthly, principal at maturity"),
    RepaymentMethod.BULLET: Text("到期一次还本付息", "principal and interest at maturity"),
    RepaymentMethod.REVOLVING: Text("随借随还，按日计息", "revolving, daily interest"),
}


@dataclass(frozen=True, slots=True)
class Parties:
    """Who lends, and under which names the product and its purpose are known."""

    lender: Text
    licence_number: str
    service_phone: str
    product: Text
    purpose: Text


@dataclass(frozen=True, slots=True)
class Document:
    """A text in both languages, the numbers in it, and the hash over all of it."""

    content: Text
    figures: dict[str, Any]
    sha256: str


def _sealed(content: Text, figures: dict[str, Any]) -> Document:
    canonical = json.dumps({"zh": content.zh, "en": content.en, "figures": figures}, ensure_ascii=False,
                           sort_keys=True, separators=(",", ":"))
    return Document(content, figures, hashlib.sha256(canonical.encode()).hexdigest())


def terms_figures(terms: LoanTerms) -> dict[str, Any]:
    """Return the numbers of a cost sheet that hang on the terms alone, not on the day the money arrives."""
    return {"principal_fen": terms.principal_fen, "fee_fen": FEES_FEN, "daily_rate_e8": terms.daily_rate_e8,
            "penalty_daily_rate_e8": terms.penalty_daily_rate_e8, "annual_cap_ppm": terms.annual_cap_ppm,
            "term_months": terms.term_months, "method": terms.method.value}


def cost_figures(schedule: Schedule) -> dict[str, Any]:
    """Return the numbers that are always shown together: daily rate, simple APR, dated IRR, total yuan (R6.2)."""
    terms, cost, annual = schedule.terms, total_cost(schedule), annual_cost(schedule)
    return {
        **terms_figures(terms), "interest_fen": cost.interest_fen, "total_fen": cost.total_fen,
        "daily_rate_text": daily_rate_text(terms.daily_rate_e8),
        "apr_simple_ppm": annual.apr_simple_ppm, "apr_simple_text": simple_annual_text(terms.daily_rate_e8),
        "irr_simple_text": percent_text(annual.irr_simple), "irr_effective_text": percent_text(annual.irr_effective),
        "penalty_daily_rate_text": daily_rate_text(terms.penalty_daily_rate_e8),
        "penalty_annual_text": simple_annual_text(terms.penalty_daily_rate_e8),
        "penalty_annual_ppm": apr_simple_ppm(terms.penalty_daily_rate_e8),
        "annual_cap_text": ratio_text(terms.annual_cap_ppm), "starts_on": terms.starts_on.isoformat(),
        **({"grace_days": terms.grace_days} if terms.grace_days else {}),
        "rows": [{"number": row.number, "due_on": row.due_on.isoformat(), "principal_fen": row.principal_fen,
                  "interest_fen": row.interest_fen} for row in schedule.installments],
    }


def cost_sheet_build(schedule: Schedule, *, parties: Parties) -> Document:
    """Return 综合融资成本明示表: principal, every item with how, standard and collector, annual cost, default items."""
    figures = {**cost_figures(schedule), "version": SHEET_VERSION, "lender": parties.lender.zh}
    values = _values(figures, parties, schedule.terms.method)
    zh = [
        "个人贷款综合融资成本明示表", f"贷款人：{values['lender_zh']}  产品：{parties.product.zh}",
        "贷款本金：{principal} 元", "一、正常履约成本",
        "项目：利息 | 收取方式：{method_zh}，随每期还款收取 | 收取标准：日利率 {daily}，折合年化 {apr}（单利，365 × 日利率）"
        " | 收取主体：{lender_zh}",
        "项目：手续费、服务费、担保费、保险费及其他费用 | 收取标准：0 元 | 收取主体：无",
        "利息合计：{interest} 元；本息合计：{total} 元",
        "正常履约年化综合融资成本：{apr}（单利）；按实际还款日计算的内部收益率 IRR:{irr}（单利名义年率）、{irr_effective}（复利年率）",
        "二、违约情形下的或有成本",
        "项目：逾期罚息 | 收取方式：对逾期本金按日计收，取代合同利率，不计复利 | 收取标准：日利率 {penalty}，折合年化 {penalty_annual}"
        "(单利) | 收取主体：{lender_zh}{grace_item_zh}",
        "全部息费合计不超过按每日本金计算的年化 {cap}。",
        "三、除上述明示的项目外，不收取任何其他息费。", "四、还款计划（按 {starts_on} 到账计算；实际以资金到账日起算，无须重新签署）",
    ]
    en = [
        "Comprehensive cost of credit", f"Lender: {values['lender_en']}  Product: {parties.product.en}",
        "Principal: {principal} yuan", "1. Cost when repaid on schedule",
        "Item: interest | How: {method_en}, with each installment | Standard: {daily} a day, {apr} a year (simple,"
        " 365 × daily) | Collected by: {lender_en}",
        "Item: handling, service, guarantee, insurance and other fees | Standard: 0 yuan | Collected by: nobody",
        "Interest in all: {interest} yuan; principal and interest: {total} yuan",
        "Annual comprehensive cost when repaid on schedule: {apr} (simple); dated IRR: {irr} (simple nominal),"
        " {irr_effective} (effective)",
        "2. Contingent cost in case of default",
        "Item: penalty interest | How: daily on overdue principal, in place of the contract rate, never compounded |"
        " Standard: {penalty} a day, {penalty_annual} a year (simple) | Collected by: {lender_en}{grace_item_en}",
        "All charges together never exceed {cap} a year on the daily principal.",
        "3. Nothing is charged beyond the items stated above.",
        "4. Schedule (money arriving on {starts_on}; it counts from the day the money really arrives, without signing again)",
    ]
    rows_zh = [f"第 {row.number} 期  {row.due_on}  本金 {yuan_text(row.principal_fen)}  利息 {yuan_text(row.interest_fen)}"
               f"  合计 {yuan_text(row.due_fen)}" for row in schedule.installments]
    rows_en = [f"No. {row.number}  {row.due_on}  principal {yuan_text(row.principal_fen)}  interest"
               f" {yuan_text(row.interest_fen)}  total {yuan_text(row.due_fen)}" for row in schedule.installments]
    content = Text("\n".join([line.format(**values) for line in zh] + rows_zh),
                   "\n".join([line.format(**values) for line in en] + rows_en))
    return _sealed(content, figures)


def agreement_build(
    sheet_figures: dict[str, Any], *, parties: Parties, number: str, sheet_sha256: str, signed_on: date,
    method: RepaymentMethod,
) -> Document:
    """Return the loan agreement, which names the hash of the cost sheet it belongs to."""
    values = {**_values(sheet_figures, parties, method), "number": number, "sheet": sheet_sha256,
              "signed_on": signed_on.isoformat(), "phone": parties.service_phone,
              "licence": parties.licence_number, "product_zh": parties.product.zh, "product_en": parties.product.en,
              "purpose_zh": parties.purpose.zh, "purpose_en": parties.purpose.en,
              "term": sheet_figures["term_months"]}
    content = Text(_AGREEMENT_ZH.format(**values), _AGREEMENT_EN.format(**values))
    return _sealed(content, {"version": AGREEMENT_VERSION, "number": number, "cost_sheet_sha256": sheet_sha256})


def _values(figures: dict[str, Any], parties: Parties, method: RepaymentMethod) -> dict[str, str]:
    days = figures.get("grace_days", 0)
    grace = Text(_GRACE.zh.format(days=days), _GRACE.en.format(days=days)) if days else Text("", "")
    return {
        "lender_zh": parties.lender.zh, "lender_en": parties.lender.en, "principal": yuan_text(figures["principal_fen"]),
        "interest": yuan_text(figures["interest_fen"]), "total": yuan_text(figures["total_fen"]),
        "daily": figures["daily_rate_text"], "apr": figures["apr_simple_text"], "irr": figures["irr_simple_text"],
        "irr_effective": figures["irr_effective_text"], "penalty": figures["penalty_daily_rate_text"],
        "penalty_annual": figures["penalty_annual_text"], "cap": figures["annual_cap_text"],
        "grace_zh": grace.zh, "grace_en": f" {grace.en}" if days else "",
        "grace_item_zh": f" | 宽限：{grace.zh}" if days else "", "grace_item_en": f" | Grace: {grace.en}" if days else "",
        "starts_on": figures["starts_on"], "method_zh": METHOD_TEXTS[method].zh, "method_en": METHOD_TEXTS[method].en,
    }


_GRACE = Text("到期日后 {days} 天为宽限期：期内还清不算逾期，不计罚息；期满未还清的，罚息自到期日起算。",
              "{days} days of grace follow the due date: whoever pays within them is not late and bears no penalty; after "
              "them the penalty counts from the due date.")

_AGREEMENT_ZH = """个人借款合同  编号 {number}
贷款人：{lender_zh}（金融许可证 {licence}，客服电话 {phone}）
借款人：本合同电子签署人，身份以实名认证结果为准
第一条 借款。产品：{product_zh}。本金 {principal} 元，期限 {term} 个月，用途：{purpose_zh}。不得用于购房、股票、证券、期货及其他国家禁止的用途。
第二条 利率。日利率 {daily}，折合年化 {apr}（单利）。利息 = 剩余本金 × 日利率 × 实际天数，自资金到账日起计，不收取任何手续费。
第三条 还款。{method_zh}。还款计划自资金到账日起算，可随时提前还款，仅收取实际用款天数的利息，无提前还款费用。
第四条 冷静期。资金到账后 24 小时内可全额归还本金撤销本次借款，不收取利息。
第五条 逾期。对逾期本金按日利率 {penalty}（年化 {penalty_annual}，单利）计收罚息，取代合同利率，不计复利；全部息费合计不超过年化 {cap}。
第六条 还款日。到期日 24:00（北京时间）前收到款项即为按时。{grace_zh}
第七条 成本明示。本合同附件《个人贷款综合融资成本明示表》摘要值（SHA-256）：{sheet}。附件未列明的费用，贷款人不得收取。
第八条 电子签署。借款人通过短信验证码签署本合同，签署日期 {signed_on}。合同内容以其摘要值封存，任何改动均可被发现。
第九条 争议。可拨打 {phone} 协商，或申请调解、仲裁、提起诉讼。
"""

_AGREEMENT_EN = """Personal loan agreement  No. {number}
Lender: {lender_en} (licence {licence}, telephone {phone})
Borrower: the person signing electronically, as verified by real name
1. Loan. Product: {product_en}. Principal {principal} yuan, term {term} months, purpose: {purpose_en}. Not for buying property, shares, securities, futures or anything forbidden by law.
2. Rate. {daily} a day, {apr} a year (simple). Interest = remaining principal × daily rate × actual days, from the day the money arrives. No fees.
3. Repayment. {method_en}. The schedule counts from the day the money arrives. Early repayment at any time, interest for the days used only, no fee for it.
4. Cooling off. Within 24 hours after the money arrives the whole principal may be given back, without interest.
5. Lateness. On overdue principal {penalty} a day ({penalty_annual} a year, simple) in place of the contract rate, never compounded; all charges together never exceed {cap} a year.
6. Due day. Money received before 24:00 Beijing time of the due date is on time.{grace_en}
7. Cost. The annex, the cost sheet, has the SHA-256 {sheet}. What the annex does not list cannot be charged.
8. Signature. The borrower signs by SMS code on {signed_on}. The text is sealed by its hash; any change shows.
9. Disputes. Call {phone}, or go to mediation, arbitration or court.
"""
