"""The hard legal limits a pack is held against: dated rows with their sources, chosen by day and licence type.

The numbers are data (`policy/law.toml`), each with source and how sure it is; this module only chooses and compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from typing import Literal

from weidai.kernel.text import Text
from weidai.policy.rules.parsing import Fault

LicenceType = Literal["bank", "consumer_finance", "online_microloan"]
LICENCE_TYPES: tuple[LicenceType, ...] = ("bank", "consumer_finance", "online_microloan")
StudentLending = Literal["forbidden", "second_source_only"]
Parameter = Literal[
    "annual_cap",
    "consumer_line_fen",
    "business_line_fen",
    "consumer_term_months",
    "minimum_age",
    "student_lending",
    "collection_calls_per_day",
    "collection_quiet_from",
    "collection_quiet_to",
    "bureau_objection_days",
]


@dataclass(frozen=True, slots=True)
class LegalRule:
    """One limit, for whom and since when it binds, and where it was read."""

    id: str
    parameter: Parameter
    value: str
    licence_types: tuple[LicenceType, ...]
    effective_from: date
    title: Text
    source: str
    status: Literal["verified", "secondary_source", "general_knowledge"]
    effective_to: date | None = None  # last day it binds; none: still in force

    def binds(self, *, on: date, licence_type: LicenceType) -> bool:
        """Say whether the rule binds such a lender on a day."""
        return (
            licence_type in self.licence_types
            and self.effective_from <= on
            and (self.effective_to is None or on <= self.effective_to)
        )


@dataclass(frozen=True, slots=True)
class LegalRules:
    """The whole file."""

    rules: tuple[LegalRule, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LegalLimits:
    """What binds one licence type on one day; `policy.selectors.law` gives one object while the same rows bind.

    Compared by identity: a policy is looked up by (pack, law) at every decision, and hashing every row would cost more.
    """

    licence_type: LicenceType
    rules: tuple[LegalRule, ...]

    def rule(self, parameter: Parameter) -> LegalRule:
        """Return the row in force for a parameter: the latest that has begun."""
        rows = [rule for rule in self.rules if rule.parameter == parameter]
        return max(rows, key=lambda rule: rule.effective_from)

    @property
    def annual_cap(self) -> Fraction:
        """Upper bound of everything charged in a year, as a fraction of principal."""
        return Fraction(self.rule("annual_cap").value)

    @property
    def consumer_line_fen(self) -> int:
        """Most that one person may have in consumer lines, in fen."""
        return int(self.rule("consumer_line_fen").value)

    @property
    def business_line_fen(self) -> int:
        """Most that one borrower may have in business loans, in fen."""
        return int(self.rule("business_line_fen").value)

    @property
    def minimum_age(self) -> int:
        """Completed years below which nobody may borrow."""
        return int(self.rule("minimum_age").value)

    @property
    def consumer_term_months(self) -> int:
        """Longest consumer term in months."""
        return int(self.rule("consumer_term_months").value)

    @property
    def student_lending(self) -> StudentLending:
        """What holds for students (R3.5)."""
        return "forbidden" if self.rule("student_lending").value == "forbidden" else "second_source_only"

    @property
    def collection_calls_per_day(self) -> int:
        """Most connected collection calls to one debtor in a day."""
        return int(self.rule("collection_calls_per_day").value)

    @property
    def collection_quiet_hours(self) -> tuple[time, time]:
        """From when to when no collection contact is allowed."""
        return (
            time.fromisoformat(self.rule("collection_quiet_from").value),
            time.fromisoformat(self.rule("collection_quiet_to").value),
        )

    @property
    def bureau_objection_days(self) -> int:
        """Days within which an objection to a credit record must be answered."""
        return int(self.rule("bureau_objection_days").value)


def limits_on(rules: Sequence[LegalRule], *, on: date, licence_type: LicenceType) -> LegalLimits:
    """Return the rows that bind a licence type on a day."""
    return LegalLimits(licence_type, tuple(rule for rule in rules if rule.binds(on=on, licence_type=licence_type)))


def at_most(key: str, value: int | Fraction, limit: int | Fraction, rule: LegalRule) -> None:
    """Raise Fault when a pack value exceeds a legal limit, naming the rule."""
    if value > limit:
        raise Fault(key, _cited("超过法定上限", "exceeds the legal limit", rule), rule=rule.id)


def at_least(key: str, value: int | Fraction, limit: int | Fraction, rule: LegalRule) -> None:
    """Raise Fault when a pack value is below a legal limit, naming the rule."""
    if value < limit:
        raise Fault(key, _cited("低于法定下限", "is below the legal limit", rule), rule=rule.id)


def _cited(zh: str, en: str, rule: LegalRule) -> Text:
    return Text(zh=f"{zh}:{rule.title.zh}。", en=f"{en}: {rule.title.en}.")
