"""What became of a face challenge, for the page that tells (R1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from weidai.identity import face_errors
from weidai.identity.consent_texts import ID_CARD_PICTURES
from weidai.identity.models import FaceChallenge
from weidai.identity.selectors.checks import id_card_evidence
from weidai.identity.selectors.consents import has_present_consent
from weidai.vision import selectors as vision


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


def id_card_portrait_waits(customer_id: UUID) -> bool:
    """Say whether a confirmed picture of the card lies here that may not be compared: its present consent was not given."""
    if has_present_consent(customer_id, ID_CARD_PICTURES):
        return False
    evidence = id_card_evidence(customer_id)
    if evidence is None or evidence.front is None:
        return False
    row = vision.readings_by_id([(customer_id, evidence.front)]).get(evidence.front)
    return row is not None and row.file_id is not None


def face_challenge_get(customer_id: UUID, challenge_id: UUID) -> FaceChallengeRow:
    """Return one of the customer's challenges; another's is not found."""
    row = FaceChallenge.objects.filter(customer_id=customer_id, id=challenge_id).first()
    if row is None:
        raise face_errors.FaceChallengeUnknown
    return FaceChallengeRow(row.id, row.purpose, row.state, row.outcome, str(row.facts.get("assurance", "")), tuple(row.actions))
