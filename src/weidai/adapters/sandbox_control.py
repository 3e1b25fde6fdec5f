"""The sandbox world's control calls (protocol §10), as the demo uses them."""

from __future__ import annotations

from datetime import date
from typing import Any

from weidai.adapters.sandbox_client import SandboxClient
from weidai.demo.world import WorldCard, WorldPerson

_PARTNER = "control"


class SandboxControl:
    """Implements `demo.world.WorldControl`."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client

    def people(self, persona: str, limit: int, cursor: str | None = None) -> tuple[list[WorldPerson], str | None]:
        """Return people of a persona in the world's own order."""
        query: dict[str, str | int] = {"persona": persona, "limit": limit} | ({"cursor": cursor} if cursor else {})
        body = self._client.get(_PARTNER, "/v1/control/people", query)
        return [_person(row) for row in body["people"]], body["next_cursor"]

    def last_sms(self, mobile: str) -> str | None:
        """Return the newest text in a number's inbox."""
        messages = self._client.get("sms", "/v1/sms", {"mobile": mobile, "limit": 1})["messages"]
        return str(messages[0]["text"]) if messages else None

    def balance_set(self, card_number: str, balance_fen: int, *, freeze_income: bool = False) -> None:
        """Give an account a balance; `freeze_income` stops its salary."""
        self._client.post(_PARTNER, f"/v1/control/accounts/{card_number}/balance",
                          {"balance_fen": balance_fen, "freeze_income": freeze_income}, repeatable=True)

    def id_card_renewed(self, id_number: str, on: date) -> None:
        """Let a person have an ID card issued on a day, valid as long as the law gives at that age."""
        self._client.post(_PARTNER, f"/v1/control/people/{id_number}/facts", {"id_card_renewed_on": on.isoformat()},
                          repeatable=True)

    def events_flush(self) -> None:
        """Settle what is accepted and send every waiting event now."""
        self._client.post(_PARTNER, "/v1/control/callbacks/flush", {}, repeatable=True)


def _person(row: dict[str, Any]) -> WorldPerson:
    cards = tuple(
        WorldCard(c["card_number"], c["bank_code"], c["account_class"], c["card_type"], bool(c["is_main"]))
        for c in row["cards"]
    )
    return WorldPerson(
        index=row["index"], persona=row["persona"], name=row["name"], id_number=row["id_number"], mobile=row["mobile"],
        region_code=row["region_code"], employer=row["employer"] or "", monthly_income_fen=row["monthly_income_fen"] or 0,
        trap=row["trap"], address=row["address"], id_card_authority=row["id_card"]["issuing_authority"],
        id_card_from=date.fromisoformat(row["id_card"]["valid_from"]),
        id_card_to=date.fromisoformat(row["id_card"]["valid_to"]) if row["id_card"]["valid_to"] else None, cards=cards,
    )
