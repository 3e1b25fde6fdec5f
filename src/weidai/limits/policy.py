"""Limits section of the policy pack: formula, segments, bands, debt-to-income, regional wages (R5, R4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from weidai.assessment.policy import GRADES, Grade
from weidai.kernel.text import Text
from weidai.policy import selectors
from weidai.policy.rules import Fault, LegalLimits
from weidai.policy.rules.law import at_most

SegmentCode = Literal["starter", "salaried", "premium"]
SEGMENTS: tuple[SegmentCode, ...] = ("starter", "salaried", "premium")
WageBasis = Literal["private_units", "nonprivate_units"]
NATIONAL = "00"


@dataclass(frozen=True, slots=True)
class SegmentPolicy:
    """A segment and the most its customers may be granted in total (R5.1)."""

    code: SegmentCode
    name: Text
    maximum_fen: int


@dataclass(frozen=True, slots=True)
class PremiumPolicy:
    """What makes a customer premium, any one of them (R5.1)."""

    yearly_income_fen: int  # verified
    wealth_fen: int
    is_business_owner_enough: bool


@dataclass(frozen=True, slots=True)
class BandPolicy:
    """Approved limits above `above_fen` up to and including `to_fen` are reviewed every so many months (R5.1)."""

    name: Text
    above_fen: int
    to_fen: int
    review_months: int


@dataclass(frozen=True, slots=True)
class FormulaPolicy:
    """The terms of R5.2."""

    base_by_grade_fen: Mapping[Grade, int]
    card_limit_share: Fraction
    volume_unit_fen: int
    volume_months: int
    volume_step_by_grade_fen: Mapping[Grade, int]
    wealth_threshold_fen: int
    wealth_multiplier: Fraction
    rounding_fen: int
    minimum_fen: int

    def __post_init__(self) -> None:
        graded = GRADES[:-1]
        for name, table in (
            ("base_by_grade_fen", self.base_by_grade_fen),
            ("volume_step_by_grade_fen", self.volume_step_by_grade_fen),
        ):
            if tuple(table) != graded:
                raise Fault(name, Text("须依次列出 A 至 D。", "must list A to D in order."), rule="R5.2")
            if list(table.values()) != sorted(table.values(), reverse=True):
                raise Fault(name, Text("等级越低不得越高。", "must not rise as grades get worse."), rule="R5.2")
        if not self.volume_unit_fen or not self.rounding_fen:
            raise Fault("rounding_fen", Text("单位不能为 0。", "units cannot be 0."), rule="R5.2")
        if self.wealth_multiplier < 1:
            raise Fault("wealth_multiplier", Text("不得小于 1。", "must be 1 or more."), rule="R5.2")


@dataclass(frozen=True, slots=True)
class LimitsPolicy:
    """Everything of R5 that a lender could change."""

    person_cap_fen: int  # over all consumer lines of one person
    debt_to_income_maximum: Fraction
    increase_bank_statement_months: int
    offer_valid_days: int
    formula: FormulaPolicy
    premium: PremiumPolicy
    segments: tuple[SegmentPolicy, ...]
    bands: tuple[BandPolicy, ...]

    def __post_init__(self) -> None:
        if tuple(segment.code for segment in self.segments) != SEGMENTS:
            raise Fault("segments", Text("须依次列出三个客群。", "must list the three segments in order."), rule="R5.1")
        caps = [segment.maximum_fen for segment in self.segments]
        if caps != sorted(caps) or caps[-1] > self.person_cap_fen:
            raise Fault(
                "segments",
                Text("客群上限须递增且不超过个人上限。", "caps must rise and stay within the person's cap."),
                rule="R5.1",
            )
        self._bands_check(caps[-1])
        if not self.debt_to_income_maximum:
            raise Fault("debt_to_income_maximum", Text("不能为 0。", "cannot be 0."), rule="R5.6")

    def _bands_check(self, highest_fen: int) -> None:
        """Bands begin at the lowest limit, join without gap or overlap, and none lies above what anybody can have."""
        for place, band in enumerate(self.bands):
            key = f"bands[{place}].above_fen"
            lower = self.bands[place - 1].to_fen if place else self.formula.minimum_fen
            if band.above_fen > lower:
                raise Fault(key, Text("与上一区间之间有空缺：{a} 至 {b} 分不属于任何区间。",
                                      "leaves a gap: {a} to {b} fen belong to no band.").format(a=lower, b=band.above_fen),
                            rule="R5.1")
            if band.above_fen < lower:
                raise Fault(key, Text("与上一区间重叠：{a} 至 {b} 分属于两个区间。",
                                      "overlaps the band before: {a} to {b} fen belong to both.").format(
                                          a=band.above_fen, b=lower), rule="R5.1")
            if band.to_fen <= band.above_fen:
                raise Fault(f"bands[{place}].to_fen", Text("须大于起点。", "must be above its start."), rule="R5.1")
            if not band.review_months:
                raise Fault(f"bands[{place}].review_months", Text("不能为 0。", "cannot be 0."), rule="R5.1")
            if band.above_fen >= highest_fen:
                raise Fault(key, Text("无人可达：高于最高客群上限 {cap} 分。",
                                      "cannot be reached: it lies above the highest segment's cap of {cap} fen.").format(
                                          cap=highest_fen), rule="R5.1")
        if not self.bands or self.bands[-1].to_fen < highest_fen:
            raise Fault("bands", Text("区间未覆盖最高额度。", "do not reach the highest limit."), rule="R5.1")

    def segment(self, code: SegmentCode) -> SegmentPolicy:
        """Return one segment."""
        return next(segment for segment in self.segments if segment.code == code)


@dataclass(frozen=True, slots=True)
class RegionalWage:
    """Average wage of a province (two digits; "00" is the whole country), with where it was read."""

    province_code: str
    name: Text
    year: int
    private_units_fen: int  # a year
    nonprivate_units_fen: int  # a year
    status: Literal["verified", "single_secondary_source", "to_be_confirmed"]
    source: str


@dataclass(frozen=True, slots=True)
class WagesPolicy:
    """The wage table, operator-editable; provinces without a row use the national one (R4.1)."""

    basis: WageBasis
    as_of: date
    regions: tuple[RegionalWage, ...]

    def __post_init__(self) -> None:
        codes = [region.province_code for region in self.regions]
        if NATIONAL not in codes or len(set(codes)) != len(codes):
            raise Fault(
                "regions",
                Text("须含全国（00）一行，且地区不重复。", "needs a national row (00) and no repeats."),
                rule="R4.1",
            )

    def region(self, province_code: str | None) -> RegionalWage:
        """Return a province's row, or the national one."""
        rows = {region.province_code: region for region in self.regions}
        return rows.get(province_code or NATIONAL, rows[NATIONAL])

    def monthly_fen(self, province_code: str | None) -> int:
        """Return the average monthly wage on the configured basis, in fen, rounded down."""
        region = self.region(province_code)
        return (region.private_units_fen if self.basis == "private_units" else region.nonprivate_units_fen) // 12


def _check(policy: LimitsPolicy, law: LegalLimits) -> None:
    at_most("person_cap_fen", policy.person_cap_fen, law.consumer_line_fen, law.rule("consumer_line_fen"))


@lru_cache(maxsize=32)
def of_pack(pack: selectors.Pack, law: LegalLimits) -> LimitsPolicy:
    """Return the limits section of a pack, or raise PolicyRefused."""
    return pack.checked("limits", pack.parse("limits", LimitsPolicy), law, _check)


@lru_cache(maxsize=32)
def wages_of_pack(pack: selectors.Pack, law: LegalLimits) -> WagesPolicy:  # noqa: ARG001 - same shape in every room
    """Return the wage table of a pack, or raise PolicyRefused."""
    return pack.parse("wages", WagesPolicy)


def current(on: date) -> LimitsPolicy:
    """Return the limits policy in force on a day."""
    pack = selectors.pack(on)
    return of_pack(pack, selectors.law(on, pack.licence_type))


def wages(on: date) -> WagesPolicy:
    """Return the wage table in force on a day."""
    pack = selectors.pack(on)
    return wages_of_pack(pack, selectors.law(on, pack.licence_type))
