"""Screening from facts that do not depend on any pack, so that it can be done again under another one (R3.2, R4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from weidai.kernel.text import Text
from weidai.origination.paper_words import FIELD_TEXTS, KIND_TEXTS
from weidai.origination.rules.screening import (
    IncomeTest,
    RiskOutcome,
    ScreeningFacts,
    ScreeningOutcome,
    income_test,
    missing_documents,
    screen,
)
from weidai.origination.rules.scrutiny import Scrutinized, scrutinized_from_json, scrutiny
from weidai.products import rules as product_rules
from weidai.products.policy import ProductPolicy
from weidai.products.rules import ProductFacts, Reason

if TYPE_CHECKING:
    from weidai.origination.rules.verdict import Policies

# Final review settles these with the credit report in hand, so they do not keep anybody from applying.
SETTLED_LATER = frozenset({"products.not_assessed", "products.grade_too_low", "products.application_open",
                           "products.student_second_source", "identity.real_name_required"})


@dataclass(frozen=True, slots=True)
class Applied:
    """What is known of an application when it is screened."""

    product: str
    identity_reasons: tuple[tuple[str, Text], ...]
    person: ProductFacts
    has_used_invitation: bool
    has_other_open_application: bool
    is_blocklisted: bool
    risk: RiskOutcome
    may_be_student: bool
    wants_person: bool
    requested_fen: int | None
    papers: tuple[str, ...] | None = None  # kinds sent; None where an application was kept before papers were asked for
    corrected_papers: tuple[str, ...] = ()  # kind.field of what the customer put differently
    papers_income_fen: int | None = None  # a month, as the papers propose
    region_code: str = ""
    occupation: str = ""
    scrutiny: Scrutinized = field(default_factory=Scrutinized)


def screening(applied: Applied, offered: ProductPolicy, policies: Policies) -> ScreeningOutcome:
    """Run every check of screening under a pack."""
    return screen(ScreeningFacts(
        identity_reasons=applied.identity_reasons,
        eligibility_reasons=tuple((one.code, one.text) for one in standing_reasons(applied, offered, policies)),
        missing_documents=_missing(applied, offered, policies),
        corrected_ocr_fields=tuple(_field_text(code) for code in applied.corrected_papers),
        sent_papers=tuple(KIND_TEXTS[kind] for kind in applied.papers or ()),
        duplicate_customer=False,
        has_other_open_application=applied.has_other_open_application,
        is_blocklisted=applied.is_blocklisted,
        risk=applied.risk,
        skips_verification=offered.skips_verification,
        income=_income_test(applied, policies),
        may_be_student=applied.may_be_student,
        wants_person=applied.wants_person,
        requested_fen=applied.requested_fen,
        four_eyes_above_fen=policies.origination.four_eyes_above_fen,
        scrutiny=scrutiny(applied.scrutiny, policies.origination.scrutiny),
    ))


def _missing(applied: Applied, offered: ProductPolicy, policies: Policies) -> tuple[Text, ...]:
    """Return the required papers that were not sent; nobody reads papers where verification is skipped (R4.1)."""
    if applied.papers is None or offered.skips_verification:
        return ()
    listed = policies.origination.papers_of(applied.product, occupation=applied.occupation)
    return missing_documents([(row.name, row.any_of) for row in listed if row.is_required], present=applied.papers)


def _income_test(applied: Applied, policies: Policies) -> IncomeTest | None:
    """Test what the papers propose against the local wage; without papers there is nothing to test yet (R4.1)."""
    if applied.papers_income_fen is None:
        return None
    region = policies.wages.region(applied.region_code)
    return income_test(
        income_fen=applied.papers_income_fen, monthly_wage_fen=policies.wages.monthly_fen(applied.region_code),
        wage_multiple=policies.origination.income_test.wage_multiple, province_code=region.province_code,
        wage_year=region.year, wage_source=region.source)


def _field_text(code: str) -> Text:
    kind, _, field = code.partition(".")
    named = FIELD_TEXTS.get(field, Text(field, field))
    return Text("{kind}的{field}", "{field} ({kind})").format(kind=KIND_TEXTS[kind], field=named)


def standing_reasons(applied: Applied, offered: ProductPolicy, policies: Policies) -> list[Reason]:
    """Return why the product is not open to the person, leaving out what final review settles (R3.2)."""
    found = product_rules.eligibility(offered, applied.person, policies.products)
    return [one for one in found.reasons if one.code not in SETTLED_LATER
            and (one.code != "products.invitation_required" or not applied.has_used_invitation)]


def screening_outcome_json(found: ScreeningOutcome) -> dict[str, Any]:
    """Return a screening in its stored form: codes and states, no words."""
    return {"outcome": found.outcome, "checks": [[one.code, one.state, list(one.reason_codes)] for one in found.checks]}


def screening_facts_json(applied: Applied) -> dict[str, Any]:
    """Return the facts in their stored form."""
    person = asdict(applied.person)
    person["held_products"] = sorted(applied.person.held_products)
    person["has_open_application"] = sorted(applied.person.has_open_application)
    person["monthly_flow_fen"] = list(applied.person.monthly_flow_fen)
    own = {one.name: getattr(applied, one.name) for one in fields(Applied)}
    own |= {"papers": None if applied.papers is None else list(applied.papers),
            "corrected_papers": list(applied.corrected_papers), "scrutiny": asdict(applied.scrutiny)}
    return {**own, "identity_reasons": [code for code, _ in applied.identity_reasons], "person": person}


def screening_facts_from_json(stored: Mapping[str, Any]) -> Applied:
    """Return the facts that were stored; reasons come back with their code for words."""
    person = dict(stored["person"])
    person["held_products"] = frozenset(person["held_products"])
    person["has_open_application"] = frozenset(person["has_open_application"])
    person["monthly_flow_fen"] = tuple(person["monthly_flow_fen"])
    papers = stored.get("papers")
    return Applied(**{
        **stored, "papers": None if papers is None else tuple(papers),
        "corrected_papers": tuple(stored.get("corrected_papers", ())),
        "identity_reasons": tuple((code, Text(code, code)) for code in stored["identity_reasons"]),
        "person": ProductFacts(**person), "scrutiny": scrutinized_from_json(stored.get("scrutiny", {}))})
