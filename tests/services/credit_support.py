"""A verified customer and partners that answer as told, for tests of the credit rooms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from weidai.assessment import ports as assessment_ports
from weidai.assessment.ports import Balances, BehaviourProfile, BureauReport, Contacts, PaymentMonth, RepaymentFacts
from weidai.identity.consent_texts import consent_text
from weidai.identity.models import BankCard, Consent, Customer, Verification
from weidai.identity.services import consent_give
from weidai.kernel.errors import PartnerUnavailable
from weidai.kernel.id_card import id_card_check_digit
from weidai.messaging import ports as messaging_ports
from weidai.origination.holdings import CustomerHoldings
from weidai.platform.ids import uuid7
from weidai.products import ports as products_ports

AT = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)  # Wednesday 10:00 in Shanghai, a working day
ON = date(2026, 3, 4)
CONSENTS = {"credit_report": "credit_bureau", "payment_data": "payment_platform", "social_data": "social_platform",
            "credit_reporting": "credit_bureau", "auto_debit": "collection_bank"}


def id_number(serial: int, *, birth: str = "19900101", region: str = "110101") -> str:
    first = f"{region}{birth}{serial:03d}"
    return first + id_card_check_digit(first)


def customer_make(
    serial: int = 1, *, consents=tuple(CONSENTS), is_verified: bool = True, has_card: bool = True,
    has_mobile: bool = True, occupation: str = "employed", income_fen: int | None = 600_000,
) -> UUID:
    """Create a customer with strength 80 and every consent, unless told otherwise."""
    customer_id, before = uuid7(), datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    Customer.objects.create(
        id=customer_id, customer_id=customer_id, mobile=f"138{serial:08d}", name="王伟", id_number=id_number(serial),
        region_code="11", occupation=occupation, declared_monthly_income_fen=income_fen, registered_at=before)
    items = [("id_card", "id_registry", {"valid_from": "2019-05-06"})]
    items += [("face", "face_vendor", {})] if is_verified else []
    items += [("mobile", "mobile_operator", {"number_status": "in_use", "months_in_use": 40})] if has_mobile else []
    for item, method, facts in items:
        Verification.objects.create(customer_id=customer_id, item=item, state="passed", method=method, facts=facts,
                                    checked_at=before, valid_to=date(2039, 5, 6) if item == "id_card" else None)
    if has_card:
        BankCard.objects.create(customer_id=customer_id, card_number=f"62258801{serial:08d}", digest=f"d{serial}",
                                bank_code="CMB", bank_name_zh="招商银行", account_class="II", masked="6225****",
                                is_default=True, bound_at=before)
    for purpose in consents:
        consent_make(customer_id, purpose)
    return customer_id


def consent_make(customer_id: UUID, purpose: str) -> Consent:
    return Consent.objects.create(
        customer_id=customer_id, purpose=purpose, recipient=CONSENTS[purpose], text_version="2026-11",
        text_digest="0" * 64, given_at=datetime(2026, 1, 5, 2, 0, tzinfo=UTC))


def papers_consent(customer_id: UUID) -> None:
    """Agree to the handling of papers, as the pages ask for (R1.9)."""
    text = consent_text("income_papers")
    consent_give(customer_id, purpose=text.purpose, recipient=text.recipient, text_version=text.version)


def months(
    amount_fen: int = 350_000, count: int = 100, *, until: date = ON, number: int = 12,
) -> tuple[PaymentMonth, ...]:
    rows, year, month = [], until.year, until.month
    for _ in range(number):
        month -= 1
        if month == 0:
            year, month = year - 1, 12
        rows.append(PaymentMonth(f"{year}-{month:02d}", count, amount_fen))
    return tuple(reversed(rows))


GOOD = BehaviourProfile(
    found=True, as_of=ON, first_data_month="2024-01", payments=months(),
    balances=Balances(mean_daily_90d_fen=600_000, days=90, wallet_fen=100_000, wealth_fen=1_200_000),
    contacts=Contacts(contacts=400, effective_contacts=250), card_limit_total_fen=3_000_000,
    wealth_products_fen=1_200_000)
REPORT = BureauReport(report_id="br-1", found=True, as_of=ON, score=700, total_debt_fen=500_000,
                      monthly_payment_fen=50_000, overdue_24m_count=0, employer="示范公司", employed_since="2021-03",
                      credit_card_limit_fen=3_000_000, inquiries_3m=1)


@dataclass
class Partners:
    """What the outside answers, and what it was asked."""

    profile_answer: BehaviourProfile = GOOD
    report_answer: BureauReport = REPORT
    repayment: RepaymentFacts = field(default_factory=RepaymentFacts)
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    def profile(self, id_number: str, *, as_of: date, months: int = 12) -> BehaviourProfile:
        return self.profiles([id_number], as_of=as_of, months=months)[0]

    def profiles(self, id_numbers, *, as_of: date, months: int = 12) -> list[BehaviourProfile]:
        self.asked.append(f"profiles:{len(id_numbers)}")
        if self.is_down:
            raise PartnerUnavailable
        return [replace(self.profile_answer, as_of=as_of) for _ in id_numbers]

    def report(self, *, name: str, id_number: str, authorization_id: UUID, reason: str) -> BureauReport:
        self.asked.append(f"report:{reason}")
        if self.is_down:
            raise PartnerUnavailable
        return replace(self.report_answer, report_id=f"{self.report_answer.report_id}-{id_number[-4:]}")

    def send(self, message_id: str, mobile: str, text: str) -> messaging_ports.SmsAnswer:
        return messaging_ports.SmsAnswer(is_delivered=True)

    def repayment_facts(self, customer_id: UUID, *, on: date) -> RepaymentFacts:
        return self.repayment

    def repayment_facts_for(self, customer_ids, *, on: date) -> dict[UUID, RepaymentFacts]:
        return dict.fromkeys(customer_ids, self.repayment)


@pytest.fixture
def partners() -> Iterator[Partners]:
    """Put partners that answer as told in force for one test."""
    answering = Partners()
    answers = {
        assessment_ports.behaviour_data: answering, assessment_ports.credit_bureau: answering,
        assessment_ports.own_loans: answering, messaging_ports.sms_gateway: answering,
        products_ports.holdings: CustomerHoldings()}
    wired = {slot: slot._adapter for slot in answers}
    for slot, adapter in answers.items():
        slot.fill(adapter)
    yield answering
    for slot, adapter in wired.items():
        slot.fill(adapter)
