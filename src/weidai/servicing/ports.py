"""What servicing needs from outside: a bank that collects, gives back (R7.1), and tells what it booked (R7.11)."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from weidai.kernel.bank import BankAnswer, BankDay
from weidai.platform.ports import PortSlot


class CollectionBank(Protocol):
    """Debits a card and refunds. The same `request_id` never books twice; no usable answer → PartnerUnavailable."""

    def debit(
        self, *, request_id: str, card_number: str, name: str, amount_fen: int, agreement_id: str, memo: str,
    ) -> BankAnswer:
        """Take an amount from a card under a signed debit agreement."""

    def refund(self, *, request_id: str, original_request_id: str, amount_fen: int, memo: str) -> BankAnswer:
        """Give back part or all of an earlier debit or transfer."""

    def query(self, request_id: str) -> BankAnswer:
        """Return the true, current state; `not_found` when no such request ever took effect."""


class BankStatement(Protocol):
    """The bank's file of a day that is over; no usable or no whole file → PartnerUnavailable."""

    def statement(self, on: date) -> BankDay:
        """Return all bookings on the lender's accounts of that day with the day's sums."""


collection_bank: PortSlot[CollectionBank] = PortSlot("servicing.collection_bank")
bank_statement: PortSlot[BankStatement] = PortSlot("servicing.bank_statement")
