"""What the demo asks of the sandbox world: people to be, the SMS they got, money in their accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from weidai.platform.ports import PortSlot


@dataclass(frozen=True, slots=True)
class WorldCard:
    """A bank card of a synthetic person."""

    card_number: str
    bank_code: str
    account_class: str | None
    card_type: str
    is_main: bool


@dataclass(frozen=True, slots=True)
class WorldPerson:
    """A synthetic person of the sandbox world; `id_card_to` None is 长期."""

    index: int
    persona: str
    name: str
    id_number: str
    mobile: str
    region_code: str
    employer: str
    monthly_income_fen: int
    trap: str | None
    address: str
    id_card_authority: str
    id_card_from: date
    id_card_to: date | None
    cards: tuple[WorldCard, ...]


class WorldControl(Protocol):
    """The sandbox world's control calls (protocol §10)."""

    def people(self, persona: str, limit: int, cursor: str | None = None) -> tuple[list[WorldPerson], str | None]:
        """Return people of a persona and where the list goes on."""

    def last_sms(self, mobile: str) -> str | None:
        """Return the newest text in a number's inbox."""

    def balance_set(self, card_number: str, balance_fen: int, *, freeze_income: bool = False) -> None:
        """Give an account a balance."""

    def id_card_renewed(self, id_number: str, on: date) -> None:
        """Let a person have an ID card issued on a day instead of the one they have."""

    def events_flush(self) -> None:
        """Settle what is accepted and send every waiting event now."""


world: PortSlot[WorldControl] = PortSlot("demo.world")
