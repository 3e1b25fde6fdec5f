"""Both sides of the ID card as a reviewer works through them: read, stated, registered, judged (R1.4, R4.1, R4.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from weidai.audit import selectors as audit
from weidai.identity import selectors as identity
from weidai.identity.selectors import RegistryWord, SideKept
from weidai.kernel.text import Text
from weidai.origination import paper_words as words
from weidai.origination.errors import PaperNotFound
from weidai.origination.policy import PaperReviewPolicy
from weidai.origination.selectors.papers import PaperFieldRow, VerdictRow
from weidai.vision import selectors as vision
from weidai.vision.rules.fields import SURE, Check, Field, Kind, PaperRead
from weidai.vision.selectors import PaperReadingRow

SIDE_VIEWED = "vision.paper.viewed"  # recorded by `vision.services.paper_view`
SIDES = {Kind.ID_FRONT: "id_card_front", Kind.ID_BACK: "id_card_back"}
# Whoever doubts one of these doubts who it is: such a case can be returned or declined, not approved.
WHO_IT_IS = ("name", "id_number")
Says = Literal["registry", "number"]


@dataclass(frozen=True, slots=True)
class KnownValue:
    """What is known of a field from elsewhere: the registry's record, or what follows from the verified number."""

    says: Says
    value: str
    agrees: bool | None  # with the value that counts; None when there is nothing to compare


@dataclass(frozen=True, slots=True)
class IdSideRow:
    """One side with its fields. Personal data: for permitted staff only."""

    reading_id: UUID
    customer_id: UUID
    kind: str
    name: Text
    file_id: UUID | None
    paper: PaperRead
    read_at: datetime
    confirmed_at: datetime | None
    fields: tuple[PaperFieldRow, ...]
    known: dict[str, KnownValue]
    checks: tuple[Check, ...]
    is_marked: bool
    is_seen: bool
    open_codes: tuple[str, ...]
    registry: RegistryWord | None

    @property
    def doubts(self) -> int:
        """Fields that were not surely read, were contradicted, or are not what is known from elsewhere."""
        return sum(not one.is_sure or is_against(self, one.code) for one in self.fields)

    @property
    def corrected(self) -> int:
        """Fields the customer put differently."""
        return sum(one.is_corrected for one in self.fields)

    @property
    def is_done(self) -> bool:
        """Looked at, nothing left to judge."""
        return self.is_seen and not self.open_codes

    @property
    def not_accepted(self) -> tuple[PaperFieldRow, ...]:
        """Fields that say who it is and that a reviewer did not accept."""
        return tuple(one for one in self.fields
                     if one.code in WHO_IT_IS and one.verdict is not None and one.verdict.verdict != "accepted")


def is_against(side: IdSideRow, code: str) -> bool:
    """Say whether something known from elsewhere speaks against a field."""
    known = side.known.get(code)
    return known is not None and known.agrees is False


def id_sides(customer_id: UUID, *, staff_id: str, policy: PaperReviewPolicy) -> tuple[IdSideRow, ...]:
    """Return the sides of the verified card that came as pictures, for one reviewer; none when the customer typed it."""
    kept = {one.reading_id: one for one in identity.id_card_sides(customer_id)}
    rows = vision.readings_by_id({(customer_id, key) for key in kept})
    if not rows:
        return ()
    seen = audit.subjects_seen(SIDE_VIEWED, actor_id=staff_id, subject_ids=list(rows))
    registry = identity.registry_word(customer_id)
    found = [_row(customer_id, row, kept[key], registry, key in seen, policy) for key, row in rows.items() if row.kind in SIDES]
    return tuple(sorted(found, key=lambda one: list(SIDES).index(Kind(one.kind))))


def id_side_get(customer_id: UUID, reading_id: UUID, *, staff_id: str, policy: PaperReviewPolicy) -> IdSideRow:
    """Return one side; PaperNotFound when the verified card has no such picture."""
    for side in id_sides(customer_id, staff_id=staff_id, policy=policy):
        if side.reading_id == reading_id:
            return side
    raise PaperNotFound


def _row(
    customer_id: UUID, row: PaperReadingRow, kept: SideKept, registry: RegistryWord | None, is_seen: bool,
    policy: PaperReviewPolicy,
) -> IdSideRow:
    fields = tuple(_field(one, kept) for one in row.fields)
    known = {one.code: word for one in fields if (word := _known(one, registry)) is not None}
    wanted = [one.code for one in fields if one.verdict is None and (
        policy.judge == "every_field" or not one.is_sure or one.is_corrected
        or any(check.passed is False for check in one.checks)
        or (one.code in known and known[one.code].agrees is False))]
    return IdSideRow(
        reading_id=row.id, customer_id=customer_id, kind=row.kind.value, name=words.KIND_TEXTS[SIDES[row.kind]],
        file_id=row.file_id, paper=row.paper, read_at=row.read_at, confirmed_at=row.confirmed_at, fields=fields, known=known,
        checks=row.paper.reading.checks, is_marked=row.paper.reading.is_marked, is_seen=is_seen, open_codes=tuple(wanted),
        registry=registry)


def _field(field: Field, kept: SideKept) -> PaperFieldRow:
    said, word = kept.stated.get(field.code), kept.verdicts.get(field.code)
    verdict = VerdictRow(field.code, word["verdict"], words.VERDICT_TEXTS[word["verdict"]], word["value"], word["note"],
                         word["by"], datetime.fromisoformat(word["at"])) if word else None
    value = verdict.value if verdict and verdict.verdict == "corrected" else said if said is not None else field.value
    return PaperFieldRow(
        code=field.code, label=words.FIELD_TEXTS[field.code], value=value, read_value=field.value, stated_value=said,
        percent=round(field.confidence * 100), is_sure=field.confidence >= SURE and not field.is_doubtful,
        was_read=bool(field.value), is_corrected=said is not None, is_money=False, quad=field.quad, checks=field.checks,
        verdict=verdict)


def _known(field: PaperFieldRow, registry: RegistryWord | None) -> KnownValue | None:
    """Return what the registry or the number says of a field; None for fields that nobody else knows."""
    if registry is None:
        return None
    known: dict[str, tuple[Says, str]] = {
        "name": ("registry", registry.name), "id_number": ("registry", registry.id_number),
        "sex": ("number", {"male": "男", "female": "女"}[registry.sex]), "birth_on": ("number", registry.birth_on.isoformat()),
        "valid_from": ("registry", _day(registry.valid_from)),
        "valid_to": ("registry", _day(registry.valid_to, open_end=registry.valid_from is not None))}
    says, value = known.get(field.code, ("registry", ""))
    if not value:
        return None
    return KnownValue(says, value, _plain(value) == _plain(field.value) if field.value else None)


def _day(day: date | None, *, open_end: bool = False) -> str:
    return day.isoformat() if day is not None else "长期" if open_end else ""


def _plain(text: str) -> str:
    return "".join(text.split()).upper().replace("•", "·")
