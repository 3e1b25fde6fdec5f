"""The credit bureau as the sandbox world plays it (sandbox-protocol.md §6)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from weidai.adapters.sandbox_client import SandboxClient
from weidai.assessment.ports import BureauReport


class SandboxBureau:
    """Fills `assessment.ports.credit_bureau`."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client

    def report(self, *, name: str, id_number: str, authorization_id: UUID, reason: str) -> BureauReport:
        """Query a report; the same person, authorization and day give the same one, so that asking again is safe."""
        body = self._client.post("bureau", "/v1/bureau/reports", {
            "name": name, "id_number": id_number, "authorization_id": str(authorization_id), "reason": reason,
        }, repeatable=True)
        employment = body.get("employment") or {}
        return BureauReport(
            report_id=body["report_id"], found=body["found"], as_of=date.fromisoformat(body["as_of"]),
            score=body.get("score"), total_debt_fen=body.get("total_debt_fen"),
            monthly_payment_fen=body.get("monthly_payment_fen"), overdue_24m_count=body.get("overdue_24m_count"),
            employer=employment.get("employer"), employed_since=employment.get("since"),
            credit_card_limit_fen=body.get("credit_card_limit_fen"), inquiries_3m=body.get("inquiries_3m"),
        )
