"""Whose face it should be: the portrait on the photographed ID card, else the registry's where one is given (R1.4, R1.5)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from weidai.faces.seen import Seen
from weidai.files import services as files
from weidai.files.errors import FileErased, FileNotFound
from weidai.identity import selectors
from weidai.identity.consent_texts import ID_CARD_PICTURES
from weidai.identity.ports import face_engine, portrait_source
from weidai.platform.ports import PartnerNotConfigured
from weidai.vision import selectors as vision
from weidai.vision.errors import ReadingNotFound

Frames = list[tuple[tuple[int, int], bytes]]


def looked_at(customer_id: UUID, frames: Frames, *, name: str, id_number: str) -> tuple[Seen, bool]:
    """Return what is seen in the frames and the portrait, and whether there is a portrait to compare with.

    A card's picture without a face that can be made out is no portrait: then the registry's is taken, if it gives one.
    """
    card = _on_the_card(customer_id)
    if card is None:
        registered = _registered(name, id_number)
        return face_engine().look(frames, registered), registered is not None
    seen = face_engine().look(frames, card)
    if seen.portrait is not None:
        return seen, True
    registered = _registered(name, id_number)
    if registered is None:
        return seen, False
    other = face_engine().look([], registered)
    return replace(seen, portrait=other.portrait, portrait_faces=other.portrait_faces), True


def _on_the_card(customer_id: UUID) -> bytes | None:
    """The picture that the verified ID card stands on; None for a typed card, or without the consent that names it (R1.9).

    Not simply the newest picture: whoever sends another card afterwards, which is refused, must not be compared with it.
    """
    if not selectors.has_present_consent(customer_id, ID_CARD_PICTURES):
        return None
    evidence = selectors.id_card_evidence(customer_id)
    if evidence is None or evidence.front is None:
        return None
    try:
        row = vision.reading_get(customer_id, evidence.front)
        if row.file_id is None:
            return None
        return files.file_open(customer_id, row.file_id, reason="identity.face_check").content
    except (ReadingNotFound, FileErased, FileNotFound):
        return None


def _registered(name: str, id_number: str) -> bytes | None:
    try:
        source = portrait_source()
    except PartnerNotConfigured:
        return None
    return source.portrait(name, id_number)
