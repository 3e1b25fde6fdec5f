"""Fields of the ID card judged one by one by a reviewer, beside what the customer put right (R1.4, R4.1)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from weidai.audit.services import Actor, event_record
from weidai.identity import errors, rules
from weidai.identity.models import IdCardSide
from weidai.platform import clock
from weidai.platform.ids import uuid7

VERDICTS = ("accepted", "doubted", "corrected")
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class FieldWord:
    """A reviewer's word on one field: `value` only with a correction, `note` with anything but an acceptance."""

    verdict: str
    value: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SideStated:
    """What a customer put instead of what was read off one side; empty when they changed nothing."""

    reading_id: UUID
    values: Mapping[str, str]


def sides_keep(customer_id: UUID, sides: Sequence[SideStated], *, at: datetime) -> None:
    """Keep the sides of a card that the registry has just confirmed, in the caller's transaction."""
    IdCardSide.objects.bulk_create([
        IdCardSide(id=uuid7(), customer_id=customer_id, reading_id=side.reading_id, kept_at=at,
                   stated=json.dumps(dict(side.values), ensure_ascii=False) if side.values else None) for side in sides])


@transaction.atomic
def id_card_side_judge(
    customer_id: UUID, *, reading_id: UUID, staff_id: str, codes: Collection[str], verdicts: Mapping[str, FieldWord],
) -> None:
    """Keep a reviewer's word on fields of one side; all of them or, when one is wrong, none (R4.1).

    `codes` are the fields the side has. The caller has made sure that the reviewer holds the case. The same word again
    keeps its first instant. The verified name and number are not changed by it: a correction says that they are not right.
    """
    side = IdCardSide.objects.select_for_update().filter(customer_id=customer_id, reading_id=reading_id).first()
    if side is None:
        raise errors.IdCardSideNotFound
    kept = json.loads(side.verdicts) if side.verdicts else {}
    changed = []
    for code, one in verdicts.items():
        _check(code, one, codes)
        row = {"verdict": one.verdict, "value": one.value.strip() if one.verdict == "corrected" else "", "note": one.note.strip()}
        if {key: kept.get(code, {}).get(key) for key in row} != row:
            kept[code] = {**row, "by": staff_id, "at": clock.now().isoformat()}
            changed.append(code)
    if changed:
        side.verdicts = json.dumps(kept, ensure_ascii=False)
        side.save(update_fields=["verdicts"])
        event_record("identity.id_card_side.judged", customer_id=customer_id, subject_type="paper_reading",
                     subject_id=reading_id, actor=Actor("staff", staff_id), facts={
                         "verdicts": {code: kept[code]["verdict"] for code in sorted(changed)}})


def sides_forget(customer_id: UUID) -> int:
    """Delete what was said of the sides, with the pictures they were about; return how many there were (R1.9)."""
    return IdCardSide.objects.filter(customer_id=customer_id).delete()[0]


def _check(code: str, one: FieldWord, codes: Collection[str]) -> None:
    if one.verdict not in VERDICTS or code not in codes:
        raise errors.IdCardVerdictInvalid(field=f"verdict.{code}")
    if one.verdict == "corrected" and not rules.id_card_value_is_valid(code, one.value.strip(), on=clock.today()):
        raise errors.IdCardVerdictInvalid(field=f"value.{code}")
    if len(one.note.strip()) > LONGEST_NOTE or (one.verdict != "accepted" and not one.note.strip()):
        raise errors.IdCardNoteRequired(field=f"note.{code}")
