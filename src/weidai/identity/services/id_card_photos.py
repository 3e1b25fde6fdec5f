"""The ID card from its two pictures: confirmed or corrected by the customer, then asked of the registry (R1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from weidai.identity import errors
from weidai.identity.consent_texts import ID_CARD_PICTURES
from weidai.identity.evidence import IdCardEvidence
from weidai.identity.services import records
from weidai.identity.services.checks import id_card_submit
from weidai.identity.services.consents import consent_still_require
from weidai.identity.services.id_card_sides import SideStated
from weidai.platform import clock
from weidai.vision import selectors as vision
from weidai.vision import services as vision_services
from weidai.vision.rules.fields import Kind
from weidai.vision.rules.id_card import BACK_FIELDS, FRONT_FIELDS, NO_END
from weidai.vision.selectors import PaperReadingRow

SIDES = {"front": Kind.ID_FRONT, "back": Kind.ID_BACK}


def id_card_picture_take(customer_id: UUID, *, side: str, picture: bytes) -> PaperReadingRow:
    """Read one side of the card off a picture (`front` or `back`); only with the consent that names pictures (R1.4, R1.9)."""
    records.customer(customer_id)
    records.present_consent_require(customer_id, ID_CARD_PICTURES)
    row = vision_services.paper_take(customer_id, picture=picture, kind=SIDES[side])
    consent_still_require(customer_id, ID_CARD_PICTURES)
    return row


def id_card_confirm(customer_id: UUID, *, front_id: UUID, back_id: UUID, values: Mapping[str, str]) -> None:
    """Verify the card of two readings with the values the customer confirmed (R1.4).

    Fields put differently are marked and, with every check that spoke against a picture, kept beside the outcome: they
    ask for a closer look. A card past its printed last day is refused before the registry is asked.
    """
    records.present_consent_require(customer_id, ID_CARD_PICTURES)
    front, back = vision.reading_get(customer_id, front_id), vision.reading_get(customer_id, back_id)
    if (front.kind, back.kind) != (Kind.ID_FRONT, Kind.ID_BACK):
        raise errors.IdCardNotValid
    valid_to = _last_day(values.get("valid_to", ""))
    if valid_to is not None and valid_to < clock.today():
        raise errors.IdCardNotValid
    changed = [(reading_id, vision_services.paper_confirm(customer_id, reading_id, values=_of(values, fields)))
               for reading_id, fields in ((front_id, FRONT_FIELDS), (back_id, BACK_FIELDS))]
    corrected = tuple(code for _, codes in changed for code in codes)
    doubts = sorted({check.code for row in (front, back) for check in (
        *row.paper.reading.checks, *(check for field in row.fields for check in field.checks)) if check.passed is False}
        | {"marked" for row in (front, back) if row.paper.reading.is_marked})
    faults = sorted({fault for row in (front, back) for fault in row.paper.quality.faults})
    id_card_submit(customer_id, name=values["name"], id_number=values["id_number"],
                   evidence=IdCardEvidence("photos", corrected, tuple(doubts), valid_to, faults=tuple(faults), front=front_id),
                   sides=[SideStated(reading_id, {code: values[code] for code in codes}) for reading_id, codes in changed])


def _of(values: Mapping[str, str], codes: tuple[str, ...]) -> dict[str, str]:
    return {code: values[code] for code in codes if code in values}


def _last_day(text: str) -> date | None:
    if text == NO_END:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise errors.ValidityInvalid(field="valid_to") from None
