"""What became of a face challenge, for the page that tells (R1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from weidai.identity import face_errors
from weidai.identity.models import FaceChallenge


@dataclass(frozen=True, slots=True)
class FaceChallengeRow:
    """One challenge; `outcome` is what the judgement said, `assurance` only after a pass."""

    id: UUID
    purpose: str
    state: str
    outcome: str
    assurance: str
    actions: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """The capture passed."""
        return self.state == FaceChallenge.State.PASSED


def face_challenge_get(customer_id: UUID, challenge_id: UUID) -> FaceChallengeRow:
    """Return one of the customer's challenges; another's is not found."""
    row = FaceChallenge.objects.filter(customer_id=customer_id, id=challenge_id).first()
    if row is None:
        raise face_errors.FaceChallengeUnknown
    return FaceChallengeRow(row.id, row.purpose, row.state, row.outcome, str(row.facts.get("assurance", "")), tuple(row.actions))
