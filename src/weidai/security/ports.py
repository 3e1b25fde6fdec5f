"""What security needs from above: digits a stranger would try first, and whether the person was seen just now (R6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from weidai.platform.ports import PortSlot


class KnownDigits(Protocol):
    """Digits of the customer that others may know (filled by identity)."""

    def digits_for(self, customer_id: UUID) -> Sequence[str]:
        """Return texts no payment password may be a part of; empty before anything is known of the customer."""


known_digits: PortSlot[KnownDigits] = PortSlot("security.known_digits")


class PersonSeen(Protocol):
    """Fresh looks at the person: a certified face check or a staff video check (filled by identity)."""

    def by(self, customer_id: UUID, *, within: timedelta) -> str | None:
        """Return "face" or "staff_video" when one passed within this time, None otherwise."""


person_seen: PortSlot[PersonSeen] = PortSlot("security.person_seen")
