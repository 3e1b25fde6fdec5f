"""Screening from facts that do not depend on any pack, so that it can be done again under another one (R3.2, R4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from weidai.kernel.text import Text
from weidai.origination.rules.screening import RiskOutcome, ScreeningFacts, ScreeningOutcome, screen
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


def screening(applied: Applied, offered: ProductPolicy, policies: Policies) -> ScreeningOutcome:
    """Run every check of screening under a pack."""
    return screen(ScreeningFacts(
        identity_reasons=applied.identity_reasons,
        eligibility_reasons=tuple((one.code, one.text) for one in standing_reasons(applied, offered, policies)),
        missing_documents=(),
        duplicate_customer=False,
        has_other_open_application=applied.has_other_open_application,
        is_blocklisted=applied.is_blocklisted,
        risk=applied.risk,
        skips_verification=offered.skips_verification,
        income=None,
        may_be_student=applied.may_be_student,
        wants_person=applied.wants_person,
        requested_fen=applied.requested_fen,
        four_eyes_above_fen=policies.origination.four_eyes_above_fen,
    ))


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
    own = {field.name: getattr(applied, field.name) for field in fields(Applied)}
    return {**own, "identity_reasons": [code for code, _ in applied.identity_reasons], "person": person}


def screening_facts_from_json(stored: Mapping[str, Any]) -> Applied:
    """Return the facts that were stored; reasons come back with their code for words."""
    person = dict(stored["person"])
    person["held_products"] = frozenset(person["held_products"])
    person["has_open_application"] = frozenset(person["has_open_application"])
    person["monthly_flow_fen"] = tuple(person["monthly_flow_fen"])
    return Applied(**{
        **stored, "identity_reasons": tuple((code, Text(code, code)) for code in stored["identity_reasons"]),
        "person": ProductFacts(**person)})
