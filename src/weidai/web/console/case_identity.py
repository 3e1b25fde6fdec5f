"""ID card and face beside an application: outcomes and cues in plain words, never a picture (R1.4, R1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from weidai.identity import selectors as identity
from weidai.identity.selectors import VerificationRow
from weidai.kernel.text import Text
from weidai.web.console import paper_words as words

MOST_CHECKS = 4
CUES = {
    "screen_pattern": Text("画面里有屏幕的规则纹路，可能是对着屏幕拍的。",
                           "The frames show the pattern of a screen; it may have been filmed off one."),
    "flat_surface": Text("面部像平面一样移动，可能是照片。", "The face moves like a flat sheet; it may be a photo."),
    "near_duplicate": Text("与另一账户的人脸非常相似，可能是同一个人。",
                           "The face is very much like another account's; it may be one person."),
}


@dataclass(frozen=True, slots=True)
class FaceShown:
    """One face or video check with what asks for a look; `alike` are accounts with a much alike face."""

    row: VerificationRow
    cues: tuple[Text, ...]
    alike: tuple[str, ...]
    score: str


@dataclass(frozen=True, slots=True)
class IdentityShown:
    """Evidence of the ID card in words, and the newest checks of face or video."""

    is_typed: bool
    has_evidence: bool
    corrected: tuple[Text, ...]
    doubts: tuple[Text, ...]
    faces: tuple[FaceShown, ...]

    @property
    def needs_closer_look(self) -> bool:
        """Typed, corrected, doubted, or a cue on the face."""
        return self.is_typed or bool(self.corrected or self.doubts) or any(one.cues for one in self.faces)


def identity_shown(customer_id: UUID) -> IdentityShown:
    """Gather it with two statements."""
    evidence = identity.id_card_evidence(customer_id)
    checks = [row for row in identity.verifications(customer_id) if row.item in ("face", "staff_video")][:MOST_CHECKS]
    return IdentityShown(
        evidence is not None and evidence.source == "typed", evidence is not None,
        tuple(words.FIELDS.get(code, Text(code, code)) for code in (evidence.corrected if evidence else ())),
        tuple(words.CHECKS.get(code, Text(code, code)) for code in (evidence.doubts if evidence else ())),
        tuple(_face(row) for row in checks))


def _face(row: VerificationRow) -> FaceShown:
    signals = cast("list[str]", row.facts.get("signals") or [])
    alike = cast("list[str]", row.facts.get("alike") or [])
    score = row.facts.get("score")
    cues = tuple(CUES.get(code, Text(code, code)) for code in signals)
    return FaceShown(row, cues, tuple(alike), "" if score is None else str(score))
