"""Payment, balance and contact facts as the sandbox world plays them (sandbox-protocol.md §7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from weidai.adapters.sandbox_client import SandboxClient
from weidai.assessment.ports import Balances, BehaviourProfile, Contacts, PaymentMonth

BATCH_LIMIT = 500


class SandboxBehaviour:
    """Fills `assessment.ports.behaviour_data`."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client

    def profile(self, id_number: str, *, as_of: date, months: int = 12) -> BehaviourProfile:
        """Return one person's facts."""
        return _profile(self._client.post("data", "/v1/data/profile", {
            "id_number": id_number, "as_of": as_of.isoformat(), "months": months}, repeatable=True))

    def profiles(self, id_numbers: Sequence[str], *, as_of: date, months: int = 12) -> list[BehaviourProfile]:
        """Return the facts of many in the order asked, 500 a trip."""
        found: list[BehaviourProfile] = []
        for start in range(0, len(id_numbers), BATCH_LIMIT):
            body = self._client.post("data", "/v1/data/profiles", {
                "id_numbers": list(id_numbers[start:start + BATCH_LIMIT]), "as_of": as_of.isoformat(),
                "months": months}, repeatable=True)
            found += [_profile(one) for one in body["profiles"]]
        return found


def _profile(body: dict[str, Any]) -> BehaviourProfile:
    as_of = date.fromisoformat(body["as_of"])
    if not body["found"]:
        return BehaviourProfile(found=False, as_of=as_of)
    balances, contacts = body.get("balances"), body.get("contacts")
    return BehaviourProfile(
        found=True, as_of=as_of, first_data_month=body.get("first_data_month"),
        payments=tuple(_month(row) for row in body.get("payments", ())),
        balances=Balances(balances["mean_daily_90d_fen"], balances["days"], balances["wallet_fen"],
                          balances["wealth_fen"]) if balances else None,
        contacts=Contacts(contacts["contacts"], contacts["effective_contacts"]) if contacts else None,
        card_limit_total_fen=(body.get("card_limits") or {}).get("total_fen", 0),
        wealth_products_fen=sum(row["amount_fen"] for row in body.get("wealth_products", ())),
    )


def _month(row: dict[str, Any]) -> PaymentMonth:
    return PaymentMonth(row["month"], row["payment_count"], row["amount_fen"], row["gross_fen"], row["refund_fen"],
                        row["transfer_count"], row["transfer_fen"], tuple(sorted(row.get("more", {}).items())))
