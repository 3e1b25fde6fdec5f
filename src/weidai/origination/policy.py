"""Origination section of the policy pack: stages and SLA, working time, documents, income test (R4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, cast, get_args

import chinese_calendar.constants as published  # type: ignore[import-untyped]

from weidai.kernel.text import Text
from weidai.origination.rules.calendar import WorkCalendar
from weidai.policy import selectors
from weidai.policy.rules import Fault, LegalLimits
from weidai.products.policy import ProductCode

StageCode = Literal["screening", "verification", "final_review"]
STAGES: tuple[StageCode, ...] = ("screening", "verification", "final_review")
DocumentKind = Literal[
    "id_card_front",
    "id_card_back",
    "salary_statement",
    "payslip",
    "tax_certificate",
    "social_insurance",
    "property_certificate",
    "business_licence",
    "turnover_record",
    "bank_statement",
    "second_repayment_source",
]
ID_KINDS: frozenset[DocumentKind] = frozenset({"id_card_front", "id_card_back"})  # taken in with the identity
PROMISED_DAYS = 90  # what the consent to papers says of how long they are kept after the end
FileType = Literal["image/jpeg", "image/png", "application/pdf"]


@dataclass(frozen=True, slots=True)
class StagePolicy:
    """One review stage and the time it may take (R4.2)."""

    code: StageCode
    name: Text
    description: Text
    typical_minutes: int
    sla_minutes: int
    in_working_time: bool  # counted in working minutes, else in minutes of the clock

    def __post_init__(self) -> None:
        if not 0 < self.typical_minutes <= self.sla_minutes:
            raise Fault(
                "typical_minutes", Text("须大于 0 且不超过时限。", "must be above 0 and within the SLA."), rule="R4.2"
            )


@dataclass(frozen=True, slots=True)
class WorkingTimePolicy:
    """When people work (R4.3), Asia/Shanghai."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise Fault("closes", Text("须晚于开始时间。", "must be after the opening time."), rule="R4.3")


@dataclass(frozen=True, slots=True)
class CalendarOverride:
    """A day that differs from the published table: the operator's extension (R4.3)."""

    on: date
    is_working: bool
    name: Text


@dataclass(frozen=True, slots=True)
class DocumentRequirement:
    """Which documents a product needs; of `any_of` one is enough (R4.1).

    Required papers must be there before handing in, except where the product skips verification: nobody would read
    them. With `occupations` the row is for these people only.
    """

    product: ProductCode
    name: Text
    any_of: tuple[DocumentKind, ...]
    is_required: bool
    why: Text = field(default_factory=lambda: Text("", ""))
    occupations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomeTestPolicy:
    """Monthly income against the local average wage; below it a person looks, never a silent refusal (R4.1)."""

    wage_multiple: Fraction
    points_below: int  # taken from the score for this application


@dataclass(frozen=True, slots=True)
class PapersPolicy:
    """How papers are read for income (R4.1): which pay counts, what marks a salary, how long and how old they may be."""

    income_basis: Literal["net", "gross"] = "net"
    salary_words: tuple[str, ...] = ("工资", "薪资", "薪金", "薪酬", "代发")
    statement_months: int = 6
    maximum_age_days: Mapping[DocumentKind, int] = field(default_factory=lambda: MappingProxyType({}))
    kept_days_after_end: int = PROMISED_DAYS  # of an application that ended without a loan (R8.5)

    def __post_init__(self) -> None:
        if not 1 <= self.kept_days_after_end <= PROMISED_DAYS:
            raise Fault("kept_days_after_end", Text("须为 1 至 {days}：同意书承诺不超过此天数。",
                                                    "must be 1 to {days}: the consent promises no more.").format(
                                                        days=PROMISED_DAYS), rule="R1.9")
        if not self.salary_words or not all(word.strip() for word in self.salary_words):
            raise Fault("salary_words", Text("须至少有一个词。", "needs at least one word."), rule="R4.1")
        if not 1 <= self.statement_months <= 24:
            raise Fault("statement_months", Text("须为 1 至 24。", "must be 1 to 24."), rule="R4.1")
        if not all(self.maximum_age_days.values()):
            raise Fault("maximum_age_days", Text("天数不能为 0。", "days cannot be 0."), rule="R4.1")


@dataclass(frozen=True, slots=True)
class PaperReviewPolicy:
    """What a reviewer has done with the papers before approving (R4.1): which they looked at, which fields they judged."""

    look_at: Literal["all", "required"] = "all"
    judge: Literal["every_field", "doubtful_fields"] = "every_field"


@dataclass(frozen=True, slots=True)
class UploadPolicy:
    """What may be uploaded (R4.1)."""

    maximum_bytes: int
    maximum_files: int
    types: tuple[FileType, ...]


ScrutinyEffect = Literal["note", "person"]
ScrutinyCode = Literal[
    "face_screen_pattern",
    "face_flat_surface",
    "face_weak_consistency",
    "face_other_person",
    "face_near_duplicate",
    "face_many_captures",
    "id_card_typed",
    "id_card_name_corrected",
    "id_card_corrected",
    "id_card_doubted",
    "id_card_marked",
    "id_card_picture_poor",
    "id_card_refused_before",
    "staff_video_remark",
    "device_shared",
]
# Packs written before this section leave the choices of the reference pack.
_SCRUTINY: Mapping[ScrutinyCode, ScrutinyEffect] = MappingProxyType({
    code: "note" if code in ("id_card_typed", "id_card_picture_poor") else "person" for code in get_args(ScrutinyCode)})


@dataclass(frozen=True, slots=True)
class ScrutinyPolicy:
    """What about an identity sends an application to a person, and what is only noted; it never refuses (R1.4, R1.5)."""

    effects: Mapping[ScrutinyCode, ScrutinyEffect]
    look_back_days: int
    weak_consistency: Fraction  # of two frames' descriptors: from here the face is noted as unsteady
    refused_captures: int  # so many captures that did not pass, or more, are noted
    accounts_on_device: int  # so many other accounts on a device, or more, are noted

    def __post_init__(self) -> None:
        if silent := [code for code in get_args(ScrutinyCode) if code not in self.effects]:
            raise Fault("effects", Text("未写明 {code} 的处置。", "does not say what {code} leads to.").format(code=silent[0]),
                        rule="R4.2")
        if not all((self.look_back_days, self.accounts_on_device, self.refused_captures)):
            raise Fault("look_back_days", Text("天数和次数不能为 0。", "days and counts cannot be 0."), rule="R4.2")

    def effect(self, code: str) -> ScrutinyEffect:
        """Return what a remark leads to; one that no pack knows goes to a person."""
        return cast(Mapping[str, ScrutinyEffect], self.effects).get(code, "person")


@dataclass(frozen=True, slots=True)
class OriginationPolicy:
    """Everything of R4 that a lender could change."""

    automated_path_minutes: int
    four_eyes_above_fen: int
    review_lock_minutes: int
    appeal_working_days: int
    draft_valid_days: int
    awaiting_customer_days: int
    offer_valid_days: int
    working_time: WorkingTimePolicy
    income_test: IncomeTestPolicy
    upload: UploadPolicy
    stages: tuple[StagePolicy, ...]
    documents: tuple[DocumentRequirement, ...]
    calendar_overrides: tuple[CalendarOverride, ...] = ()
    papers: PapersPolicy = field(default_factory=PapersPolicy)
    paper_review: PaperReviewPolicy = field(default_factory=PaperReviewPolicy)
    scrutiny: ScrutinyPolicy = field(default_factory=lambda: ScrutinyPolicy(_SCRUTINY, 90, Fraction(1, 2), 4, 3))

    def __post_init__(self) -> None:
        if tuple(stage.code for stage in self.stages) != STAGES:
            raise Fault("stages", Text("须依次列出三个阶段。", "must list the three stages in order."), rule="R4.2")
        for place, row in enumerate(self.documents):
            if not row.any_of or len(set(row.any_of)) != len(row.any_of):
                raise Fault(f"documents[{place}].any_of", Text("须列出资料种类且不重复。", "needs kinds without repeats."),
                            rule="R4.1")
        days = [override.on for override in self.calendar_overrides]
        if len(set(days)) != len(days):
            raise Fault("calendar_overrides", Text("日期重复。", "repeats a day."), rule="R4.3")

    def stage(self, code: StageCode) -> StagePolicy:
        """Return one stage."""
        return next(stage for stage in self.stages if stage.code == code)

    def documents_of(self, product: ProductCode) -> tuple[DocumentRequirement, ...]:
        """Return what a product needs."""
        return tuple(row for row in self.documents if row.product == product)

    def papers_of(self, product: str, *, occupation: str) -> tuple[DocumentRequirement, ...]:
        """Return the papers one sends with an application: all but the ID card, for this occupation (R4.1)."""
        return tuple(row for row in self.documents if row.product == product and not ID_KINDS & set(row.any_of)
                     and (not row.occupations or occupation in row.occupations))


def work_calendar(policy: OriginationPolicy) -> WorkCalendar:
    """Return the published table of holidays and make-up working days with the operator's days on top (R4.3)."""
    holidays, make_up = set(published.holidays), set(published.workdays)
    for override in policy.calendar_overrides:
        (make_up if override.is_working else holidays).add(override.on)
        (holidays if override.is_working else make_up).discard(override.on)
    years = {day.year for day in published.holidays}
    return WorkCalendar(
        holidays=frozenset(holidays),
        make_up_days=frozenset(make_up),
        covered_years=frozenset(years),
        opens=policy.working_time.opens,
        closes=policy.working_time.closes,
    )


@lru_cache(maxsize=32)
def of_pack(pack: selectors.Pack, law: LegalLimits) -> OriginationPolicy:  # noqa: ARG001 - same shape in every room
    """Return the origination section of a pack, or raise PolicyRefused."""
    return pack.parse("origination", OriginationPolicy)


def current(on: date) -> OriginationPolicy:
    """Return the origination policy in force on a day."""
    pack = selectors.pack(on)
    return of_pack(pack, selectors.law(on, pack.licence_type))


def calendar(on: date) -> WorkCalendar:
    """Return the work calendar in force on a day."""
    pack = selectors.pack(on)
    return _calendar_of(pack, selectors.law(on, pack.licence_type))


@lru_cache(maxsize=32)
def _calendar_of(pack: selectors.Pack, law: LegalLimits) -> WorkCalendar:
    return work_calendar(of_pack(pack, law))
