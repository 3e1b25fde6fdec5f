"""What the rooms tell the policy room about themselves, filled once in wiring.

The policy room lies below the rooms it serves: which sections exist, how a golden case is decided and how a past
decision is made again are answered by those who know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from weidai.kernel.text import Text
from weidai.platform.ports import PortSlot
from weidai.policy.pack import Pack
from weidai.policy.rules.cases import CaseFacts, CaseOutcome
from weidai.policy.rules.comparing import Effect
from weidai.policy.rules.law import LegalLimits

SectionParser = Callable[[Pack, LegalLimits], object]
__all__ = ["DecisionKind", "Effect", "NotDecidable", "PastDecision", "case_runner", "decision_kinds", "section_parsers"]

CaseRunner = Callable[[CaseFacts, date, Pack, LegalLimits], CaseOutcome]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision as stored: what it was given, under which version, and what came out."""

    customer_id: UUID
    subject_id: UUID
    decided_on: date
    decided_at: datetime
    pack_version: str
    inputs: Json
    outcome: Json


class NotDecidable(Exception):
    """A pack cannot decide what was asked: it no longer has the product."""


class DecisionKind(Protocol):
    """One kind of decision that a pack makes."""

    code: str
    name: Text

    def count(self, since: datetime, until: datetime) -> int:
        """Return how many were made from `since` up to, not including, `until`."""

    def iterate(self, since: datetime, until: datetime) -> Iterator[PastDecision]:
        """Return them in the order in which they were made, never all in memory."""

    def decide(self, inputs: Json, on: date, pack: Pack, law: LegalLimits) -> Json:
        """Decide the stored inputs under a pack: pure, JSON in and out, the same for ever; NotDecidable if it cannot."""

    def effect(self, outcome: Json) -> Effect:
        """Return what an outcome means for the book."""


section_parsers: PortSlot[Mapping[str, SectionParser]] = PortSlot("policy.section_parsers")
case_runner: PortSlot[CaseRunner] = PortSlot("policy.case_runner")
decision_kinds: PortSlot[Mapping[str, DecisionKind]] = PortSlot("policy.decision_kinds")
