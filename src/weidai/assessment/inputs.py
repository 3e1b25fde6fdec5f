"""An assessment's inputs as stored: numbers, codes and dates only, read back to the same value (R2.2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from weidai.assessment.rules import BureauReport, MonthlyPayments, ProfileFacts

_NO_LONGER_KEPT = ("green_spending_fen", "welfare_gifts")  # never filled; such sums stand with their month now


@dataclass(frozen=True, slots=True)
class CreditFacts:
    """What limit and debt rules need beside the score; None means not known. Fen."""

    payment_volume_12m_fen: int = 0  # last 12 complete months, refunds netted
    other_card_limits_fen: int = 0  # credit-card limits at other banks
    wealth_products_fen: int = 0  # at data date
    bureau_debt_fen: int | None = None
    is_employed_in_report: bool = False
    own_debt_fen: int = 0
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class AssessmentInputs:
    """Everything one assessment used."""

    on: date
    facts: ProfileFacts
    credit: CreditFacts


def inputs_to_json(inputs: AssessmentInputs) -> dict[str, Any]:
    """Return the stored form."""
    facts = asdict(inputs.facts)
    facts["months"] = [[row.month.isoformat(), row.spend_fen, row.payment_count, *([dict(row.more)] if row.more else [])]
                       for row in inputs.facts.months]
    for key in ("payments_on", "contacts_on", "balance_on"):
        facts[key] = facts[key].isoformat() if facts[key] else None
    bureau = inputs.facts.bureau
    facts["bureau"] = [bureau.score, bureau.reported_on.isoformat()] if bureau else None
    return {"on": inputs.on.isoformat(), "facts": facts, "credit": asdict(inputs.credit)}


def inputs_from_json(stored: dict[str, Any]) -> AssessmentInputs:
    """Return the value that was stored."""
    facts = dict(stored["facts"])
    facts["months"] = tuple(
        MonthlyPayments(date.fromisoformat(month), spend, count, tuple(sorted(more[0].items())) if more else ())
        for month, spend, count, *more in facts["months"])
    for key in _NO_LONGER_KEPT:
        facts.pop(key, None)
    for key in ("payments_on", "contacts_on", "balance_on"):
        facts[key] = date.fromisoformat(facts[key]) if facts[key] else None
    if facts["bureau"]:
        facts["bureau"] = BureauReport(score=facts["bureau"][0], reported_on=date.fromisoformat(facts["bureau"][1]))
    return AssessmentInputs(on=date.fromisoformat(stored["on"]), facts=ProfileFacts(**facts),
                            credit=CreditFacts(**stored["credit"]))
