"""How the ID card came to us, and what about it asks for a closer look (R1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

Source = Literal["photos", "typed"]


@dataclass(frozen=True, slots=True)
class IdCardEvidence:
    """Read off pictures and confirmed by the customer, or typed in; codes only, never what stands on the card.

    `corrected` are fields the customer put differently from what was read, `doubts` checks that spoke against a
    picture. `valid_to` is the confirmed last day, None for 长期 or when it was not asked.
    """

    source: Source = "typed"
    corrected: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    valid_to: date | None = None

    @property
    def needs_closer_look(self) -> bool:
        """Typed, corrected or doubted: whoever reviews compares with the card."""
        return self.source == "typed" or bool(self.corrected or self.doubts)

    def facts(self, *, registry_valid_to: date | None = None) -> dict[str, object]:
        """Return what is kept with the check; a printed last day other than the registry's is one more doubt."""
        differs = self.source == "photos" and self.valid_to != registry_valid_to
        doubts = sorted({*self.doubts, "validity_differs"} if differs else set(self.doubts))
        return {"source": self.source, "corrected": list(self.corrected), "doubts": doubts}


def evidence_in(facts: Mapping[str, object]) -> IdCardEvidence:
    """Return the evidence kept with a check; checks made before it was kept count as typed."""
    source = facts.get("source", "typed")
    corrected, doubts = cast("list[str]", facts.get("corrected", [])), cast("list[str]", facts.get("doubts", []))
    return IdCardEvidence("photos" if source == "photos" else "typed", tuple(corrected), tuple(doubts))
