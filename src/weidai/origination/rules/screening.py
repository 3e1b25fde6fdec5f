"""Screening: every automatic check with its result, and where the application goes next (R4.1, R4.2). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from weidai.kernel.text import Text
from weidai.origination.rules.scrutiny import GroupRemarks

Outcome = Literal["to_final_review", "to_verification", "refused"]
CheckState = Literal["passed", "attention", "refused"]
RiskOutcome = Literal["allow", "challenge", "block"]


@dataclass(frozen=True, slots=True)
class IncomeTest:
    """Monthly income against a multiple of the local average wage (R4.1)."""

    income_fen: int | None
    needed_fen: int  # a month
    province_code: str | None
    wage_year: int
    wage_source: str
    state: Literal["met", "below", "unknown"]


@dataclass(frozen=True, slots=True)
class ScreeningFacts:
    """What the service has gathered. Every `*_reasons` pair is (stable code, words)."""

    identity_reasons: tuple[tuple[str, Text], ...]  # why the gate of R1.3 is closed
    eligibility_reasons: tuple[tuple[str, Text], ...]  # of the product (R3.2), other than this very application
    missing_documents: tuple[Text, ...]
    duplicate_customer: bool  # same ID number, mobile or card under another account
    has_other_open_application: bool  # for the same product
    is_blocklisted: bool
    risk: RiskOutcome
    skips_verification: bool  # the product's automated path
    corrected_ocr_fields: tuple[Text, ...] = ()  # of papers, by their names
    sent_papers: tuple[Text, ...] = ()  # by their names; nobody sends papers for no one to read
    scrutiny: tuple[GroupRemarks, ...] = ()  # what about the identity asks for a look; never a reason to refuse
    income: IncomeTest | None = None
    may_be_student: bool = False  # stated, or doubted by age and occupation (R3.5)
    wants_person: bool = False  # the customer refused a purely automated decision
    requested_fen: int | None = None
    four_eyes_above_fen: int | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check in the list shown to the reviewer and kept with the decision."""

    code: str
    name: Text
    state: CheckState
    text: Text
    reason_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScreeningOutcome:
    """Where the application goes, and every check that led there."""

    outcome: Outcome
    checks: tuple[CheckResult, ...]

    @property
    def refusals(self) -> tuple[CheckResult, ...]:
        """Checks that refuse."""
        return tuple(check for check in self.checks if check.state == "refused")

    @property
    def attentions(self) -> tuple[CheckResult, ...]:
        """Checks that a person must look at."""
        return tuple(check for check in self.checks if check.state == "attention")

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """Codes behind a refusal, or behind the need for a person."""
        return tuple(code for check in self.refusals or self.attentions for code in check.reason_codes)


_PASSED = Text("通过。", "Passed.")


def income_test(
    *,
    income_fen: int | None,
    monthly_wage_fen: int,
    wage_multiple: Fraction,
    province_code: str | None,
    wage_year: int,
    wage_source: str,
) -> IncomeTest:
    """Compare monthly income with the multiple of the local average wage, rounded up to a fen (R4.1)."""
    exact = monthly_wage_fen * wage_multiple
    needed = -(-exact.numerator // exact.denominator)
    state: Literal["met", "below", "unknown"] = (
        "unknown" if income_fen is None else ("met" if income_fen >= needed else "below")
    )
    return IncomeTest(income_fen, needed, province_code, wage_year, wage_source, state)


def missing_documents(
    required: Sequence[tuple[Text, Collection[str]]], *, present: Collection[str]
) -> tuple[Text, ...]:
    """Return the names of requirements of which none of the accepted kinds is present."""
    return tuple(name for name, kinds in required if not set(kinds) & set(present))


def screen(facts: ScreeningFacts) -> ScreeningOutcome:
    """Run every check, never stopping at the first, and say where the application goes (R4.2).

    A refusal wins over attention; the income test can only ask for a person, never refuse (R4.1).
    """
    checks = tuple(_checks(facts))
    if any(check.state == "refused" for check in checks):
        return ScreeningOutcome("refused", checks)
    needs_person = not facts.skips_verification or any(check.state == "attention" for check in checks)
    return ScreeningOutcome("to_verification" if needs_person else "to_final_review", checks)


def _checks(facts: ScreeningFacts) -> Iterable[CheckResult]:
    yield _from_reasons("identity", Text("实名与证件", "Identity and ID card"), facts.identity_reasons)
    yield _from_reasons("eligibility", Text("产品准入", "Product eligibility"), facts.eligibility_reasons)
    yield _flag(
        "duplicate_customer",
        Text("重复客户", "Duplicate customer"),
        facts.duplicate_customer,
        "refused",
        Text("身份信息已用于另一账户。", "The identity is already used by another account."),
    )
    yield _flag(
        "duplicate_application",
        Text("重复申请", "Duplicate application"),
        facts.has_other_open_application,
        "refused",
        Text("同一产品已有申请在处理。", "Another application for the product is open."),
    )
    yield _flag(
        "blocklist",
        Text("名单核查", "Lists"),
        facts.is_blocklisted,
        "refused",
        Text("暂时无法受理您的申请。", "Your application cannot be accepted at present."),
    )
    yield _risk(facts.risk)
    yield from _about_papers(facts)
    yield from map(_scrutinized, facts.scrutiny)
    yield _income(facts)
    yield _flag(
        "student",
        Text("学生身份", "Student"),
        facts.may_be_student,
        "attention",
        Text("可能为在校学生，需核实第二还款来源。", "May be a student; a second repayment source must be checked."),
    )
    yield _flag(
        "human_review_wanted",
        Text("要求人工审核", "Human review wanted"),
        facts.wants_person,
        "attention",
        Text("客户要求由人工作出决定。", "The customer wants a person to decide."),
    )
    is_large = (
        facts.requested_fen is not None
        and facts.four_eyes_above_fen is not None
        and facts.requested_fen > facts.four_eyes_above_fen
    )
    yield _flag(
        "large_amount",
        Text("大额申请", "Large amount"),
        is_large,
        "attention",
        Text("申请额度需人工复核。", "The amount needs a person's review."),
    )


def _about_papers(facts: ScreeningFacts) -> Iterable[CheckResult]:
    """What is missing, what was put right, and what was sent along: each a matter for a person (R4.1)."""
    yield _flag(
        "completeness",
        Text("资料完整性", "Completeness"),
        bool(facts.missing_documents),
        "attention",
        _joined(Text("缺少：", "Missing: "), facts.missing_documents),
    )
    yield _flag(
        "ocr_corrected",
        Text("识别结果修改", "Corrected OCR fields"),
        bool(facts.corrected_ocr_fields),
        "attention",
        Text("客户修改了识别结果：{fields}。", "The customer corrected: {fields}.").format(
            fields=_listed(facts.corrected_ocr_fields)
        ),
    )
    if facts.sent_papers:
        yield _flag(
            "papers_sent",
            Text("客户材料", "Papers"),
            True,
            "attention",
            Text("客户附上了{papers}，由人工核实。", "The customer sent {papers}; a person verifies it.").format(
                papers=_listed(facts.sent_papers)
            ),
        )


def _from_reasons(code: str, name: Text, reasons: tuple[tuple[str, Text], ...]) -> CheckResult:
    if not reasons:
        return CheckResult(code, name, "passed", _PASSED)
    return CheckResult(
        code,
        name,
        "refused",
        _joined(Text("", ""), tuple(text for _, text in reasons)),
        tuple(reason for reason, _ in reasons),
    )


def _flag(code: str, name: Text, is_raised: bool, state: CheckState, text: Text) -> CheckResult:
    if not is_raised:
        return CheckResult(code, name, "passed", _PASSED)
    return CheckResult(code, name, state, text, (f"origination.{code}",))


def _scrutinized(group: GroupRemarks) -> CheckResult:
    """A group whose remarks are only noted is passed, and says what was noted."""
    if not group.remarks:
        return CheckResult(group.code, group.name, "passed", _PASSED)
    codes = tuple(f"origination.{one.code}" for one in group.remarks if one.asks_for_person)
    text = Text(zh="".join(one.text.zh for one in group.remarks), en=" ".join(one.text.en for one in group.remarks))
    return CheckResult(group.code, group.name, "attention" if codes else "passed", text, codes)


def _risk(risk: RiskOutcome) -> CheckResult:
    name = Text("反欺诈", "Fraud")
    if risk == "block":
        return _flag(
            "fraud_blocked", name, True, "refused", Text("安全核查未通过。", "The security check was not passed.")
        )
    return _flag(
        "fraud_challenged",
        name,
        risk == "challenge",
        "attention",
        Text("安全核查需人工确认。", "The security check needs a person."),
    )


def _income(facts: ScreeningFacts) -> CheckResult:
    name, test = Text("收入与当地工资", "Income and local wage"), facts.income
    if test is None or test.state == "met" or (test.state == "unknown" and facts.skips_verification):
        return CheckResult("income", name, "passed", _PASSED)
    if test.state == "unknown":
        return _flag("income_unknown", name, True, "attention", Text("收入尚未核实。", "Income is not verified yet."))
    return _flag(
        "income_below_wage",
        name,
        True,
        "attention",
        Text(
            "月收入低于参考线 {needed} 元（{year} 年工资数据），转人工审核。",
            "Monthly income is below {needed} yuan (wages of {year}); a person reviews it.",
        ).format(needed=f"{test.needed_fen // 100:,}.{test.needed_fen % 100:02d}", year=test.wage_year),
    )


def _listed(names: Sequence[Text]) -> Text:
    return Text(zh="、".join(name.zh for name in names), en=", ".join(name.en for name in names))


def _joined(lead: Text, parts: tuple[Text, ...]) -> Text:
    return Text(zh=lead.zh + " ".join(part.zh for part in parts), en=lead.en + " ".join(part.en for part in parts))
