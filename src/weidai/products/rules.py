"""Who may have which product, why not, and the products side by side (R3.2, R3.3, R3.5). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from weidai.assessment.policy import GRADES, Grade
from weidai.kernel.text import Text
from weidai.products.policy import DAYS_OF_RATE_YEAR, Entry, Method, ProductCode, ProductPolicy, ProductsPolicy


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What eligibility depends on. None means not known yet, which is said as such and never guessed."""

    is_identity_verified: bool  # the gate of R1.3 is open (age and ID card included)
    grade: Grade | None  # effective grade; None before the first assessment
    has_invitation: bool = False  # unexpired, for `invited_cash_loan`
    monthly_flow_fen: tuple[int, ...] = ()  # payment flow of the last complete months, oldest first, no gaps
    is_student: bool | None = None  # None counts as not a student; a reviewer asks where doubt is raised
    has_second_repayment_source: bool = False
    has_verified_business: bool = False  # business licence checked with the registry, owner matches
    yearly_turnover_fen: int | None = None  # verified
    held_products: frozenset[ProductCode] = frozenset()  # with an open line
    has_open_application: frozenset[ProductCode] = frozenset()
    room_fen: int | None = (
        None  # what is left of the total over the consumer lines (R5.2); None before a limit is known
    )


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why not, and what would change it (R3.2)."""

    code: str
    text: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Yes, or every reason why not."""

    product_code: ProductCode
    reasons: tuple[Reason, ...]
    daily_rate_e8: int | None  # the customer's own; None without a grade that has one

    @property
    def is_eligible(self) -> bool:
        """No reason stands against it."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One application path in the comparison, with the customer's own eligibility (R3.3)."""

    product_code: ProductCode
    name: Text
    audience: Text
    advantage: Text
    entry: Entry
    entry_text: Text
    documents: tuple[Text, ...]
    stages: tuple[str, ...]  # codes of R4.2
    typical_time: Text
    minimum_line_fen: int
    maximum_line_fen: int
    lowest_daily_rate_e8: int
    highest_daily_rate_e8: int
    methods: tuple[Method, ...]
    terms_months: tuple[int, ...]
    repayment: Text
    fees: Text
    consequences: Text
    eligibility: Eligibility | None  # None for a visitor

    @property
    def apr_range_e8(self) -> tuple[int, int]:
        """Lowest and highest APR in 1e-8 a year, simple: 365 × daily (R6.2)."""
        return apr_e8(self.lowest_daily_rate_e8), apr_e8(self.highest_daily_rate_e8)


_NO_FEES = Text("不收取任何费用", "No fees of any kind")


def apr_e8(daily_rate_e8: int) -> int:
    """Return the simple annual percentage rate of a daily rate, both in 1e-8 (R6.2)."""
    return daily_rate_e8 * DAYS_OF_RATE_YEAR


def eligibility(product: ProductPolicy, facts: ProductFacts, policy: ProductsPolicy) -> Eligibility:
    """Return yes, or each reason why not with what would change it (R3.2)."""
    reasons = [
        *_person_reasons(facts, policy),
        *_grade_reasons(product, facts),
        *_entry_reasons(product, facts),
        *_holding_reasons(product, facts),
    ]
    rate = product.daily_rate_e8(facts.grade) if facts.grade is not None else None
    return Eligibility(product.code, tuple(reasons), rate)


def comparison(facts: ProductFacts | None, policy: ProductsPolicy) -> tuple[ComparisonRow, ...]:
    """Return every product side by side, in the pack's order; without facts for a visitor (R3.3)."""
    return tuple(_row(product, facts, policy) for product in policy.products)


def _row(product: ProductPolicy, facts: ProductFacts | None, policy: ProductsPolicy) -> ComparisonRow:
    rates = product.daily_rates_e8.values()
    stages = (
        ("screening", "final_review") if product.skips_verification else ("screening", "verification", "final_review")
    )
    return ComparisonRow(
        product_code=product.code,
        name=product.name,
        audience=product.audience,
        advantage=product.advantage,
        entry=product.entry,
        entry_text=product.entry_text,
        documents=product.documents,
        stages=stages,
        typical_time=product.typical_time,
        minimum_line_fen=product.minimum_line_fen,
        maximum_line_fen=product.maximum_line_fen,
        lowest_daily_rate_e8=min(rates),
        highest_daily_rate_e8=max(rates),
        methods=product.methods,
        terms_months=product.terms_months,
        repayment=product.repayment,
        fees=_NO_FEES,
        consequences=product.consequences,
        eligibility=None if facts is None else eligibility(product, facts, policy),
    )


def _person_reasons(facts: ProductFacts, policy: ProductsPolicy) -> list[Reason]:
    reasons: list[Reason] = []
    if not facts.is_identity_verified:
        reasons.append(
            Reason(
                "identity.real_name_required",
                Text("尚未完成实名认证。", "Real-name verification is not complete."),
                Text("完成身份证与人脸（或人工视频）核验。", "Verify ID card and face (or staff video)."),
            )
        )
    if facts.is_student:
        if policy.student_lending == "forbidden":
            reasons.append(
                Reason(
                    "products.student_refused",
                    Text("本机构不向在校学生提供贷款。", "This lender does not lend to students."),
                    Text("毕业后更新职业信息再申请。", "Update your occupation after graduating."),
                )
            )
        elif not facts.has_second_repayment_source:
            reasons.append(
                Reason(
                    "products.student_second_source",
                    Text("在校学生须有第二还款来源。", "Students need a second source of repayment."),
                    Text("提交第二还款来源证明，由人工审核。", "Provide proof of one; a person reviews it."),
                )
            )
    return reasons


def _grade_reasons(product: ProductPolicy, facts: ProductFacts) -> list[Reason]:
    if facts.grade is None:
        return [
            Reason(
                "products.not_assessed",
                Text("尚未进行资质评估。", "No credit assessment yet."),
                Text("发起一次评估，随时可做。", "Ask for an assessment; it can be done at once."),
            )
        ]
    if product.daily_rate_e8(facts.grade) is None:
        lowest = [grade for grade in GRADES if grade in product.daily_rates_e8][-1]
        return [
            Reason(
                "products.grade_too_low",
                Text(
                    "当前等级为 {grade}，暂未达到准入等级 {lowest}。", "Your grade is {grade}; {lowest} is needed."
                ).format(grade=facts.grade, lowest=lowest),
                Text("查看评估进度，按提示提升各项指标。", "See your assessment for what raises each indicator."),
            )
        ]
    return []


def _entry_reasons(product: ProductPolicy, facts: ProductFacts) -> list[Reason]:
    if product.entry == "invitation" and not facts.has_invitation:
        return [
            Reason(
                "products.invitation_required",
                Text("该产品采用邀请制，您目前没有有效邀请。", "By invitation only; you have no valid invitation."),
                Text(
                    "保持良好信用，系统会定期评估并发出邀请。",
                    "Keep a good record; invitations are sent after regular assessments.",
                ),
            )
        ]
    if product.payment_flow is not None:
        flow = product.payment_flow
        recent = facts.monthly_flow_fen[-flow.months :]
        if len(recent) < flow.months or min(recent) < flow.minimum_fen:
            missing = flow.months - _run_at_end(recent, flow.minimum_fen)
            return [
                Reason(
                    "products.payment_flow_too_low",
                    Text(
                        "需连续 {months} 个月支付流水每月不低于 {yuan} 元。",
                        "Needs {months} consecutive months with a payment flow of {yuan} yuan or more each.",
                    ).format(months=flow.months, yuan=f"{flow.minimum_fen // 100:,}"),
                    Text(
                        "再连续保持 {missing} 个月达标即可。", "{missing} more such month(s) in a row will do."
                    ).format(missing=missing),
                )
            ]
    if product.entry == "business_documents":
        return _business_reasons(product, facts)
    return []


def _business_reasons(product: ProductPolicy, facts: ProductFacts) -> list[Reason]:
    if not facts.has_verified_business:
        return [
            Reason(
                "products.business_licence_required",
                Text(
                    "仅面向企业与个体工商户，需核验营业执照。",
                    "For enterprises and sole traders; the business licence must be verified.",
                ),
                Text("上传营业执照，由系统与工商登记核对。", "Upload the licence; it is checked with the registry."),
            )
        ]
    limit = int((facts.yearly_turnover_fen or 0) * (product.turnover_share or 0))
    if limit < product.minimum_line_fen:
        return [
            Reason(
                "products.turnover_too_low",
                Text("经核实的年营业额不足。", "The verified yearly turnover is too low."),
                Text("补充近一年的经营流水或纳税证明。", "Add turnover or tax records of the last year."),
            )
        ]
    return []


def _holding_reasons(product: ProductPolicy, facts: ProductFacts) -> list[Reason]:
    reasons: list[Reason] = []
    if product.code in facts.held_products:
        reasons.append(
            Reason(
                "products.already_held",
                Text("您已开通该产品。", "You already have this product."),
                Text("直接使用，或申请提额。", "Use it, or ask for a higher limit."),
            )
        )
    if product.code in facts.has_open_application:
        reasons.append(
            Reason(
                "products.application_open",
                Text("您有一笔该产品的申请正在处理。", "An application for it is being handled."),
                Text("查看申请进度。", "See its progress."),
            )
        )
    if product.is_consumer and facts.room_fen is not None and facts.room_fen < product.minimum_line_fen:
        reasons.append(
            Reason(
                "products.no_room",
                Text("您的总授信已用完，没有剩余额度可分配。", "Your total limit is taken; nothing is left to allot."),
                Text(
                    "还款、结清其他产品或等待下次额度评估。",
                    "Repay or close another product, or wait for the next review.",
                ),
            )
        )
    return reasons


def _run_at_end(flows: tuple[int, ...], minimum_fen: int) -> int:
    run = 0
    for flow in reversed(flows):
        if flow < minimum_fen:
            break
        run += 1
    return run
