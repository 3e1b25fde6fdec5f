"""How the ID card came to us, and what about it asks for a closer look (R1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast
from uuid import UUID

Source = Literal["photos", "typed"]


@dataclass(frozen=True, slots=True)
class IdCardEvidence:
    """Read off pictures and confirmed by the customer, or typed in; codes only, never what stands on the card.

    `corrected` are fields the customer put differently from what was read, `doubts` checks that spoke against a
    picture. `valid_to` is the confirmed last day, None for 长期 or when it was not asked. `front` is the reading of the
    front that the verified card stands on: no other picture's portrait is this person's.
    """

    source: Source = "typed"
    corrected: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    valid_to: date | None = None
    faults: tuple[str, ...] = ()  # of the pictures: small, blurred, glare
    front: UUID | None = None

    @property
    def needs_closer_look(self) -> bool:
        """Typed, corrected or doubted: whoever reviews compares with the card."""
        return self.source == "typed" or bool(self.corrected or self.doubts)

    def facts(self, *, registry_valid_to: date | None = None) -> dict[str, object]:
        """Return what is kept with the check; a printed last day other than the registry's is one more doubt."""
        differs = self.source == "photos" and self.valid_to != registry_valid_to
        doubts = sorted({*self.doubts, "validity_differs"} if differs else set(self.doubts))
        return {"source": self.source, "corrected": list(self.corrected), "doubts": doubts, "faults": list(self.faults),
                **({"front_reading": str(self.front)} if self.front else {})}


def evidence_in(facts: Mapping[str, object]) -> IdCardEvidence:
    """Return the evidence kept with a check; checks made before it was kept count as typed."""
    source = facts.get("source", "typed")
    corrected, doubts = cast("list[str]", facts.get("corrected", [])), cast("list[str]", facts.get("doubts", []))
    return IdCardEvidence("photos" if source == "photos" else "typed", tuple(corrected), tuple(doubts),
                          faults=tuple(cast("list[str]", facts.get("faults", []))),
                          front=UUID(str(facts["front_reading"])) if facts.get("front_reading") else None)


@dataclass(frozen=True, slots=True)
class IdentityRemarks:
    """What about a verified identity a person may want to see; nothing here refuses anybody (R1.1, R1.4, R1.5).

    `face_signals` are the cues of every capture that passed lately, `face_consistency_e3` the largest distance between two
    frames of one of them times 1,000. `refused_captures` counts those that did not pass, `other_faces` those of them that
    showed another person, `registry_refusals` names and numbers the registry did not know together, `staff_video` remarks
    of whoever held the talk, `accounts_on_devices` other accounts that signed in on a device of this one.
    """

    face_signals: tuple[str, ...] = ()
    face_consistency_e3: int = 0
    other_faces: int = 0
    refused_captures: int = 0
    id_card: IdCardEvidence | None = None
    registry_refusals: int = 0
    staff_video: tuple[str, ...] = ()
    accounts_on_devices: int = 0
