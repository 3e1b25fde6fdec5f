"""The sides of the verified ID card as customer and reviewer judged them, and what the registry said beside (R1.4, R4.1)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from weidai.identity.facts import checks_for
from weidai.identity.models import Customer, IdCardSide, Verification
from weidai.kernel.id_card import id_card_number
from weidai.platform import clock

MOST_SIDES = 2


@dataclass(frozen=True, slots=True)
class SideKept:
    """One side: `stated` is what the customer put instead of what was read, `verdicts` a reviewer's word by field."""

    reading_id: UUID
    kept_at: datetime
    stated: dict[str, str]
    verdicts: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class RegistryWord:
    """What the registry said of the verified card. Name, number, sex and birth date in the clear: for permitted staff only."""

    checked_at: datetime
    card_status: str
    valid_from: date | None
    valid_to: date | None  # None: no end, or the registry did not say
    name: str
    id_number: str
    sex: str  # from the number
    birth_on: date


def id_card_sides(customer_id: UUID) -> tuple[SideKept, ...]:
    """Return the sides of the card that was verified last, both of one moment; none when it was typed or deleted."""
    rows = list(IdCardSide.objects.filter(customer_id=customer_id).order_by("-kept_at", "id")[:MOST_SIDES])
    return tuple(SideKept(row.reading_id, row.kept_at, _plain(row.stated), _plain(row.verdicts))
                 for row in rows if row.kept_at == rows[0].kept_at)


def registry_word(customer_id: UUID) -> RegistryWord | None:
    """Return the registry's newest word on the verified card; None without one."""
    check = checks_for(customer_id).get(Verification.Item.ID_CARD)
    row = Customer.objects.filter(customer_id=customer_id).first()
    if check is None or not check.passed or row is None or not row.id_number:
        return None
    number = id_card_number(row.id_number, on=clock.today())
    begun = check.facts.get("valid_from")
    return RegistryWord(check.checked_at, str(check.facts.get("card_status") or ""),
                        date.fromisoformat(str(begun)) if begun else None, check.valid_to, row.name or "", number.number,
                        number.sex, number.birth_on)


def _plain(sealed: str | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sealed) if sealed else {}
    return found
