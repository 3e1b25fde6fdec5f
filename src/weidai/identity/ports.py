"""What identity asks outside: registry, face vendor, card network, mobile operator (R1.4 to R1.7, R9.4).

A partner's "no" is an answer. A partner that gives no usable answer raises PartnerUnavailable, and nothing was decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from weidai.faces.seen import Seen
from weidai.platform.ports import PortSlot
from weidai.voices.heard import Enrolled, Heard, Recording


class MatchResult(StrEnum):
    """What a partner can say about elements that should belong together."""

    MATCH = "match"
    MISMATCH = "mismatch"
    NOT_FOUND = "not_found"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """The registry about a name and an ID number; card facts only with a match. `valid_to` None is 长期."""

    result: MatchResult
    card_status: str = ""  # valid, expired, lost
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class FaceAnswer:
    """The face vendor about a captured picture and the registry's portrait; `score` is 0 to 100."""

    result: MatchResult
    is_alive: bool = False
    score: int = 0
    assurance: str = ""  # certified or demo


@dataclass(frozen=True, slots=True)
class LiveCapture:
    """What the camera gave: JPEG frames in order, each with its instant in milliseconds, and what was asked for."""

    frames: tuple[tuple[int, bytes], ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """The card network about name, ID number, card and mobile."""

    result: MatchResult
    bank_code: str = ""
    bank_name_zh: str = ""
    account_class: str = ""  # I, II, empty for credit and corporate cards
    card_type: str = ""  # debit, credit, corporate
    masked: str = ""
    card_status: str = ""  # active, closed
    mismatched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OperatorAnswer:
    """The mobile operator about name, ID number and mobile."""

    result: MatchResult
    operator: str = ""
    number_status: str = ""  # in_use, suspended, cancelled, recycled
    months_in_use: int | None = None
    mismatched: tuple[str, ...] = ()


class IdRegistry(Protocol):
    """The source of names and ID numbers."""

    def check(self, name: str, id_number: str) -> RegistryAnswer:
        """Say whether the number belongs to the name, and what its card is worth today."""


class FaceVendor(Protocol):
    """A certified face-verification service. The same `request_id` is one verification."""

    def verify(self, request_id: str, name: str, id_number: str, image_sha256: str) -> FaceAnswer:
        """Compare the captured picture with the registry's portrait."""


class LivenessVendor(Protocol):
    """A certified vendor that looks at a capture itself; only its word gives more than demo assurance (R1.5)."""

    def verify_live(self, request_id: str, name: str, id_number: str, capture: LiveCapture) -> FaceAnswer:
        """Say whether a living person is before the camera and is the one of the national portrait."""


class PortraitSource(Protocol):
    """Where the portrait to compare with comes from: the ID card's, or the registry's where one is given."""

    def portrait(self, name: str, id_number: str) -> bytes | None:
        """Return a JPEG or PNG picture, None when there is none."""


class FaceEngine(Protocol):
    """The embedded engine; raises FaceModelsMissing, FaceEngineBusy or PicturesUnreadable of `weidai.faces`."""

    def look(self, frames: Sequence[tuple[tuple[int, int], bytes]], portrait: bytes | None = None) -> Seen:
        """Return what is seen in the frames ((step, milliseconds), JPEG) and in the portrait."""


class VoiceEngine(Protocol):
    """The embedded engine; raises VoiceModelsMissing, VoiceEngineBusy or VoiceprintUnknown of `weidai.voices` (R1.8)."""

    def enrol(self, recordings: Sequence[Recording]) -> Enrolled:
        """Return a voiceprint of one person saying each digit 0-9 twice, or what is wrong with the recordings."""

    def verify(self, voiceprint: bytes, recording: Recording) -> Heard:
        """Return what is heard in a recording beside a voiceprint made by `enrol`."""


class CardNetwork(Protocol):
    """The network that knows whose a card is."""

    def four_elements(self, name: str, id_number: str, card_number: str, mobile: str) -> CardAnswer:
        """Say whether the four belong together."""


class MobileOperator(Protocol):
    """The operators behind mobile numbers."""

    def three_elements(self, name: str, id_number: str, mobile: str) -> OperatorAnswer:
        """Say whether the three belong together, and since when."""


class Borrowings(Protocol):
    """Whether a customer ever borrowed (filled by lending): then the law keeps the records (R8.5)."""

    def has_borrowed(self, customer_id: UUID) -> bool:
        """Say whether there is or was a loan."""

    def has_open_business(self, customer_id: UUID) -> bool:
        """Say whether an application, an appeal, an offer or a line is open."""


class PapersHeld(Protocol):
    """Papers that rooms above keep under a consent (filled by origination): gone with it (R1.9)."""

    def consent_withdrawn(self, customer_id: UUID, *, has_borrowed: bool) -> None:
        """Delete, in the caller's transaction, what only this consent allowed to keep; what the law keeps stays unused."""


id_registry: PortSlot[IdRegistry] = PortSlot("identity.id_registry")
face_vendor: PortSlot[FaceVendor] = PortSlot("identity.face_vendor")
liveness_vendor: PortSlot[LivenessVendor] = PortSlot("identity.liveness_vendor")
portrait_source: PortSlot[PortraitSource] = PortSlot("identity.portrait_source")
face_engine: PortSlot[FaceEngine] = PortSlot("identity.face_engine")
voice_engine: PortSlot[VoiceEngine] = PortSlot("identity.voice_engine")
card_network: PortSlot[CardNetwork] = PortSlot("identity.card_network")
borrowings: PortSlot[Borrowings] = PortSlot("identity.borrowings")
papers_held: PortSlot[PapersHeld] = PortSlot("identity.papers_held")
mobile_operator: PortSlot[MobileOperator] = PortSlot("identity.mobile_operator")
