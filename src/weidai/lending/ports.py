"""What lending needs from outside: a bank that pays loans out (R6.3)."""

from __future__ import annotations

from typing import Protocol

from weidai.kernel.bank import BankAnswer
from weidai.platform.ports import PortSlot


class DisbursementBank(Protocol):
    """Pays one amount to one card. The same `request_id` never pays twice; no usable answer → PartnerUnavailable."""

    def payout(self, *, request_id: str, card_number: str, name: str, amount_fen: int, memo: str) -> BankAnswer:
        """Ask for the payment, or get the first answer again."""

    def query(self, request_id: str) -> BankAnswer:
        """Return the true, current state; `not_found` when no such request ever took effect."""


disbursement_bank: PortSlot[DisbursementBank] = PortSlot("lending.disbursement_bank")
