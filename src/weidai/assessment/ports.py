"""What the assessment room needs from outside: behaviour data, the credit bureau, and facts about our own loans.

Shapes follow docs/reference/sandbox-protocol.md §6–7; all amounts are integer fen. Calls are made outside transactions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from weidai.platform.ports import PortSlot


@dataclass(frozen=True, slots=True)
class PaymentMonth:
    """Payments of one complete month (`month` is "YYYY-MM"); `amount_fen` is net of refunds, transfers apart."""

    month: str
    payment_count: int
    amount_fen: int
    gross_fen: int = 0
    refund_fen: int = 0
    transfer_count: int = 0
    transfer_fen: int = 0
    more: tuple[tuple[str, int], ...] = ()  # sums that further indicators look at, by column name (R2.7)


@dataclass(frozen=True, slots=True)
class Balances:
    """Wallet fund and wealth products; `days` is below 90 for a young history."""

    mean_daily_90d_fen: int
    days: int
    wallet_fen: int
    wealth_fen: int


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts and those with at least one interaction in 90 days."""

    contacts: int
    effective_contacts: int


@dataclass(frozen=True, slots=True)
class BehaviourProfile:
    """Everything about one person in one trip; facts are None (or empty) when `found` is false."""

    found: bool
    as_of: date
    first_data_month: str | None = None
    payments: tuple[PaymentMonth, ...] = ()
    balances: Balances | None = None
    contacts: Contacts | None = None
    card_limit_total_fen: int = 0
    wealth_products_fen: int = 0


@dataclass(frozen=True, slots=True)
class BureauReport:
    """The bureau's answer; a thin file is `found` with `score` None. Debts hold none of the lender's own."""

    report_id: str
    found: bool
    as_of: date
    score: int | None = None
    total_debt_fen: int | None = None
    monthly_payment_fen: int | None = None
    overdue_24m_count: int | None = None
    employer: str | None = None
    employed_since: str | None = None
    credit_card_limit_fen: int | None = None
    inquiries_3m: int | None = None


@dataclass(frozen=True, slots=True)
class RepaymentFacts:
    """What our own loans say on a day: spells (one spell over all products = one event), standing, debt."""

    overdue_event_count: int = 0
    standing_notches: int = 0
    outstanding_principal_fen: int = 0
    is_overdue: bool = False


class BehaviourData(Protocol):
    """Monthly extracts and single queries of payment, balance and contact facts (R2.5)."""

    def profile(self, id_number: str, *, as_of: date, months: int = 12) -> BehaviourProfile:
        """Return one person's facts; raises PartnerUnavailable when there is no usable answer."""

    def profiles(self, id_numbers: Sequence[str], *, as_of: date, months: int = 12) -> list[BehaviourProfile]:
        """Return the facts of up to 500 people in the order asked."""


class CreditBureau(Protocol):
    """The credit bureau; every query names the authorization that allows it (R4.2)."""

    def report(self, *, name: str, id_number: str, authorization_id: UUID, reason: str) -> BureauReport:
        """Query a report; `reason` is loan_approval, post_loan or limit_review. Raises PartnerUnavailable."""


class OwnLoans(Protocol):
    """Facts that flow upwards against the room order, answered by servicing."""

    def repayment_facts(self, customer_id: UUID, *, on: date) -> RepaymentFacts:
        """Return the facts of one customer."""

    def repayment_facts_for(self, customer_ids: Sequence[UUID], *, on: date) -> dict[UUID, RepaymentFacts]:
        """Return the facts of many in one statement; a customer without loans may be left out."""


behaviour_data: PortSlot[BehaviourData] = PortSlot("assessment.behaviour_data")
credit_bureau: PortSlot[CreditBureau] = PortSlot("assessment.credit_bureau")
own_loans: PortSlot[OwnLoans] = PortSlot("assessment.own_loans")
