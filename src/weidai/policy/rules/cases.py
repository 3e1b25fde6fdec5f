"""Golden cases: facts of an invented person and what a pack must decide about them (`cases.toml`).

They decide nothing; they are run whenever a pack is checked, so that a change that moves a decision is seen by whoever
makes it. An expectation that is left out is not looked at, one at least is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Literal

from weidai.kernel.text import Text
from weidai.policy.rules.parsing import Fault


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """An invented applicant; amounts in fen. What is left out is not known, as the rules see it."""

    product: str = "consumer_installment_line"
    monthly_spend_fen: tuple[int, ...] = ()  # of the last complete months before the case's day, oldest first
    payments_per_month: int = 0
    has_payment_consent: bool = True
    has_social_consent: bool = True
    effective_contacts: int | None = None
    mean_daily_balance_fen: int | None = None
    overdue_events: int = 0
    has_report: bool = True
    bureau_score: int | None = None  # None with a report: thin file
    has_type_i_default_card: bool = False
    standing_notches: int = 0
    identity_strength: int = 80
    verified_monthly_income_fen: int | None = None
    declared_monthly_income_fen: int | None = None
    region_code: str = "00"
    other_card_limits_fen: int = 0
    wealth_products_fen: int = 0
    bureau_debt_fen: int | None = None
    own_debt_fen: int = 0
    other_lines_fen: int = 0
    requested_fen: int | None = None
    is_employed_in_report: bool = False
    is_student: bool = False
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What a pack says about a case; `None` where the case does not care (expected) or nothing was found."""

    score: int | None = None
    grade: str | None = None
    segment: str | None = None
    total_fen: int | None = None
    amount_fen: int | None = None
    daily_rate_e8: int | None = None
    decision: Literal["offered", "declined"] | None = None
    reason: str | None = None  # code of the deciding reason of a refusal


@dataclass(frozen=True, slots=True)
class Case:
    """One golden case."""

    code: str
    name: Text
    on: date
    facts: CaseFacts
    expected: CaseOutcome

    def __post_init__(self) -> None:
        if self.expected == CaseOutcome():
            raise Fault("expected", Text("须至少写明一项期望。", "needs at least one expectation."), rule="policy.golden_case")

    def differences(self, found: CaseOutcome) -> list[tuple[str, object, object]]:
        """Return (key as written, expected, found) for each expectation that does not hold."""
        pairs = [(one.name, getattr(self.expected, one.name), getattr(found, one.name)) for one in fields(CaseOutcome)]
        return [(name.removesuffix("_e8"), wanted, got) for name, wanted, got in pairs
                if wanted is not None and wanted != got]


@dataclass(frozen=True, slots=True)
class Cases:
    """The whole file."""

    cases: tuple[Case, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for place, case in enumerate(self.cases):
            if case.code in seen:
                raise Fault(f"cases[{place}].code", Text("代码重复。", "repeats a code."), rule="policy.golden_case")
            seen.add(case.code)
