"""A spoken check as one more way beside the others: what it is for, and the page where the others are (R1.8)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from weidai.web.h5.deeds import page_address, with_query


@dataclass(frozen=True, slots=True)
class Asked:
    """What a spoken check is for, and the page with the other ways."""

    purpose: str
    subject_id: UUID | None
    goal: str

    def address(self, name: str, **values: str) -> str:
        """An address that carries all of it along."""
        about = {"purpose": self.purpose, "next": self.goal, **({"subject": str(self.subject_id)} if self.subject_id else {})}
        return with_query(page_address(name), **about, **values)


def voice_address(purpose: str, *, subject_id: UUID, goal: str) -> str:
    """Where a step begins its spoken check; it comes back to `goal`, where the other ways are too."""
    return Asked(purpose, subject_id, goal).address("voice_start")
