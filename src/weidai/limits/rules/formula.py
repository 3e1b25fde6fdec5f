"""The customer's total over the consumer lines, term by term, and each product's part of it (R5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from weidai.assessment.policy import Grade
from weidai.kernel.text import Text
from weidai.limits.policy import LimitsPolicy, SegmentCode
from weidai.limits.rules.exposure import Income


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """What a total limit is decided from; stored with the decision."""

    grade: Grade
    income: Income
    identity_strength: int
    strength_for_full_limits: int
    payment_volume_12m_fen: int = 0  # last 12 complete months, refunds netted
    other_card_limits_fen: int = 0  # credit cards at other banks, together
    wealth_fen: int = 0  # wealth products at data date
    has_bureau_employment: bool = False
    is_verified_business_owner: bool = False
    is_student: bool = False
    bureau_debt_fen: int = 0  # own loans not included
    other_own_debt_fen: int = 0  # own debt outside the consumer lines: business loans, guarantees called


@dataclass(frozen=True, slots=True)
class LimitTerm:
    """One step of the calculation as shown; `amount_fen` is the term, `running_fen` the result after it."""

    code: str
    label: Text
    amount_fen: int
    running_fen: int
    detail: Text


@dataclass(frozen=True, slots=True)
class LimitDecision:
    """The total, the segment and why, and every term; 0 means no line."""

    total_fen: int
    segment: SegmentCode
    segment_reason: Text
    terms: tuple[LimitTerm, ...]

    @property
    def binding(self) -> LimitTerm | None:
        """The last cap that lowered the result, if one did: what would have to change for a higher limit."""
        for before, term in zip(reversed(self.terms[:-1]), reversed(self.terms[1:]), strict=True):
            if term.code.startswith("cap_") and term.running_fen < before.running_fen:
                return term
        return None


def segment_of(facts: LimitFacts, policy: LimitsPolicy) -> tuple[SegmentCode, Text]:
    """Return the segment and the fact that decided it (R5.1, R1.2, R3.5, R5.6)."""
    if facts.identity_strength < facts.strength_for_full_limits:
        return "starter", Text(
            "实名强度 {now} 分，未达到 {needed} 分。", "Identity strength is {now}; {needed} is needed."
        ).format(now=facts.identity_strength, needed=facts.strength_for_full_limits)
    if facts.is_student:
        return "starter", Text("在校学生适用起步额度。", "Students have the starter limit.")
    if facts.income.monthly_fen is None:
        return "starter", Text("没有可计的收入信息。", "No income is known.")
    premium = policy.premium
    if facts.income.basis == "verified" and 12 * facts.income.monthly_fen >= premium.yearly_income_fen:
        return "premium", Text("经核实的年收入达标。", "Verified yearly income is high enough.")
    if facts.wealth_fen >= premium.wealth_fen:
        return "premium", Text("理财持仓达标。", "Wealth products are high enough.")
    if facts.is_verified_business_owner and premium.is_business_owner_enough:
        return "premium", Text("经核实的企业主或个体工商户。", "Verified business owner.")
    if facts.income.basis == "verified":
        return "salaried", Text("收入已核实。", "Income is verified.")
    if facts.has_bureau_employment:
        return "salaried", Text("征信报告载有工作单位。", "The credit report shows employment.")
    return "starter", Text(
        "收入尚未核实，征信报告也无工作单位。", "Income is not verified and the credit report shows no employment."
    )


def limit_total(facts: LimitFacts, policy: LimitsPolicy) -> LimitDecision:
    """Return the total over the consumer lines with each term shown (R5.2). Amounts in fen, exact to the rounding."""
    segment, why = segment_of(facts, policy)
    if facts.grade == "E":
        term = LimitTerm("grade_e", Text("等级 E", "Grade E"), 0, 0, Text("E 级不授信。", "Grade E has no line."))
        return LimitDecision(0, segment, why, (term,))
    terms = _earned_terms(facts, policy)
    running = terms[-1].running_fen
    for code, label, cap, detail in _caps(facts, policy, segment, why):
        running = min(running, cap)
        terms.append(LimitTerm(code, label, cap, running, detail))
    if facts.income.monthly_fen is None:  # a rule without its fact says so; it is never left out in silence
        terms.append(
            LimitTerm(
                "debt_to_income_not_known",
                Text("负债收入比上限", "Debt-to-income cap"),
                0,
                running,
                Text("收入未知，无法计算；已按起步客群上限。", "No income is known, so there is none; the starter cap holds."),
            )
        )
    formula = policy.formula
    rounded = running // formula.rounding_fen * formula.rounding_fen
    terms.append(
        LimitTerm(
            "rounded_down",
            Text("向下取整", "Rounded down"),
            rounded - running,
            rounded,
            Text("取整到 {yuan} 元。", "To {yuan} yuan.").format(yuan=formula.rounding_fen // 100),
        )
    )
    if rounded < formula.minimum_fen:
        terms.append(
            LimitTerm(
                "below_minimum",
                Text("低于最低额度", "Below the minimum"),
                -rounded,
                0,
                Text("不足 {yuan} 元，不授信。", "Below {yuan} yuan there is no line.").format(
                    yuan=formula.minimum_fen // 100
                ),
            )
        )
    return LimitDecision(terms[-1].running_fen, segment, why, tuple(terms))


def _earned_terms(facts: LimitFacts, policy: LimitsPolicy) -> list[LimitTerm]:
    formula = policy.formula
    base = formula.base_by_grade_fen[facts.grade]
    cards = _floor(facts.other_card_limits_fen * formula.card_limit_share)
    start = max(base, cards)
    units = max(facts.payment_volume_12m_fen, 0) // formula.volume_unit_fen
    volume = units * formula.volume_step_by_grade_fen[facts.grade]
    has_wealth = facts.wealth_fen >= formula.wealth_threshold_fen
    with_wealth = _floor((start + volume) * formula.wealth_multiplier) if has_wealth else start + volume
    return [
        LimitTerm(
            "grade_base",
            Text("等级基准", "Grade base"),
            base,
            base,
            Text("等级 {grade}。", "Grade {grade}.").format(grade=facts.grade),
        ),
        LimitTerm(
            "card_reference",
            Text("他行信用卡额度参考", "Credit cards at other banks"),
            cards,
            start,
            Text(
                "额度总和的 {share}%，与等级基准取高者。", "{share} % of their limits; the higher of this and the base."
            ).format(share=_floor(formula.card_limit_share * 100)),
        ),
        LimitTerm(
            "payment_volume",
            Text("年支付交易额", "Yearly payment volume"),
            volume,
            start + volume,
            Text("满 {units} 个单位，每单位 {step} 元。", "{units} full units at {step} yuan each.").format(
                units=units, step=formula.volume_step_by_grade_fen[facts.grade] // 100
            ),
        ),
        LimitTerm(
            "wealth",
            Text("理财持仓加成", "Wealth products"),
            with_wealth - start - volume,
            with_wealth,
            Text("持仓达到 {yuan} 元，上浮。", "Holdings reach {yuan} yuan: raised.").format(
                yuan=formula.wealth_threshold_fen // 100
            )
            if has_wealth
            else Text("持仓未达到 {yuan} 元，不上浮。", "Holdings below {yuan} yuan: not raised.").format(
                yuan=formula.wealth_threshold_fen // 100
            ),
        ),
    ]


def _caps(
    facts: LimitFacts, policy: LimitsPolicy, segment: SegmentCode, why: Text
) -> list[tuple[str, Text, int, Text]]:
    caps = [
        ("cap_segment", Text("客群上限", "Segment cap"), policy.segment(segment).maximum_fen, why),
        (
            "cap_person",
            Text("个人授信上限", "Cap per person"),
            policy.person_cap_fen,
            Text("监管与机构对单户消费授信的上限。", "The legal and the lender's cap for one person."),
        ),
    ]
    if facts.income.monthly_fen is not None:
        room = _floor(12 * facts.income.monthly_fen * policy.debt_to_income_maximum)
        caps.append(
            (
                "cap_debt_to_income",
                Text("负债收入比上限", "Debt-to-income cap"),
                max(room - facts.bureau_debt_fen - facts.other_own_debt_fen, 0),
                Text("年收入的 {share}% 减去已有负债。", "{share} % of yearly income less existing debt.").format(
                    share=_floor(policy.debt_to_income_maximum * 100)
                ),
            )
        )
    return caps


def line_limit(
    *, total_fen: int, other_lines_fen: int, product_minimum_fen: int, product_maximum_fen: int, policy: LimitsPolicy
) -> int:
    """Return one product's line: min(what is left of the total, product cap), rounded down; 0 below its minimum."""
    left = min(max(total_fen - other_lines_fen, 0), product_maximum_fen)
    rounded = left // policy.formula.rounding_fen * policy.formula.rounding_fen
    return rounded if rounded >= max(product_minimum_fen, policy.formula.minimum_fen) else 0


def business_line_limit(
    *,
    yearly_turnover_fen: int,
    turnover_share: Fraction,
    product_minimum_fen: int,
    product_maximum_fen: int,
    policy: LimitsPolicy,
) -> int:
    """Return the line of business_loan: its own row in R3.1, at most a share of verified yearly turnover."""
    return line_limit(
        total_fen=_floor(yearly_turnover_fen * turnover_share),
        other_lines_fen=0,
        policy=policy,
        product_minimum_fen=product_minimum_fen,
        product_maximum_fen=product_maximum_fen,
    )


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator
