"""One demo borrower: every act goes through the same services as the pages, every code is read from the SMS inbox."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from uuid import UUID

from weidai.assessment import services as assessment
from weidai.audit.services import Actor, acting_as
from weidai.demo.device import SoftwareDevice
from weidai.demo.papers import pages_judged
from weidai.demo.world import WorldPerson, world
from weidai.identity import consent_texts, legal_texts
from weidai.identity import selectors as identities
from weidai.identity import services as identity
from weidai.jobs.end_of_day import drain
from weidai.kernel.errors import TooManyRequests
from weidai.lending import services as lending
from weidai.limits import selectors as limits
from weidai.origination import selectors as applications
from weidai.origination import services as origination
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.servicing import services as servicing
from weidai.staff import selectors as staff

PAYMENT_PASSWORD = "274916"  # noqa: S105 (demo borrowers of the sandbox world share it; it is printed at the start)
_OCCUPATIONS = {"student": "student", "shop_owner": "self_employed", "thin_file": "employed"}
_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


def staff_id(username: str) -> str:
    """Return the id of one of the demo's staff, each named after the role."""
    return next(str(row.id) for row in staff.staff_user_list() if row.username == username)


def reviewer_ids() -> tuple[str, str]:
    """Return the demo's reviewer and senior reviewer."""
    return staff_id("reviewer"), staff_id("senior_reviewer")


@dataclass
class Borrower:
    """A synthetic person living through the product."""

    person: WorldPerson
    book_id: int
    customer_id: UUID = field(init=False)
    application_id: UUID = field(init=False)
    line_id: UUID = field(init=False)
    loans: list[UUID] = field(default_factory=list)
    device: SoftwareDevice = field(default_factory=SoftwareDevice)

    @property
    def card(self) -> str:
        """The person's main debit card."""
        debit = [card for card in self.person.cards if card.card_type == "debit"]
        return next((card.card_number for card in debit if card.is_main), debit[0].card_number)

    @property
    def wish_fen(self) -> int:
        """What the person asks for: one to three monthly incomes in whole thousands, at most 50,000 yuan."""
        thousand_fen = 1_000 * 100
        return min(self.person.monthly_income_fen * (1 + self.person.index % 3) // thousand_fen, 50) * thousand_fen

    def register(self) -> None:
        """Sign up with mobile number and the code that arrives there, on one's own device (R1.1)."""
        challenge = identity.registration_start(mobile=self.person.mobile)
        drain()
        self.customer_id = identity.registration_complete(
            challenge_id=challenge.id, mobile=self.person.mobile, code=self.code(), book_id=self.book_id,
            agreed=legal_texts.present_versions())
        self.device.sign_in(self.customer_id)

    def consent(self, *purposes: str) -> None:
        """Agree to purposes one by one (R1.9)."""
        for purpose in purposes:
            text = consent_texts.consent_text(purpose)
            assert text is not None, purpose
            identity.consent_give(self.customer_id, purpose=purpose, recipient=text.recipient, text_version=text.version)

    def prove_identity(self) -> None:
        """ID card and face checks in order (R1.2)."""
        self.type_id_card()
        self.show_face()

    def type_id_card(self) -> None:
        """Type name and number in; the registry answers (R1.4)."""
        self.consent("real_name_check")
        identity.id_card_submit(self.customer_id, name=self.person.name, id_number=self.person.id_number)

    def show_face(self) -> None:
        """Pass the certified vendor's face check, as the sandbox plays it (R1.5)."""
        self.consent("face")
        identity.face_check(self.customer_id, image_digest=self._picture("real_name"), purpose="real_name")

    def prove_card_and_mobile(self) -> None:
        """Bind the main card and match the mobile number."""
        self.consent("bank_card_check", "mobile_check")
        identity.bank_card_bind(self.customer_id, card_number=self.card, mobile=self.person.mobile)
        identity.mobile_check(self.customer_id)

    def declare(self) -> None:
        """Say what one does and earns."""
        identity.profile_declare(
            self.customer_id, occupation=_OCCUPATIONS.get(self.person.persona, "employed"),
            declared_monthly_income_fen=self.person.monthly_income_fen, employer=self.person.employer,
            region_code=self.person.region_code)

    def assess(self, *, is_social: bool = True) -> None:
        """Allow the data and ask for an assessment (R2.3)."""
        self.consent("payment_data", "credit_report", *(["social_data"] if is_social else []))
        assessment.assessment_run(self.customer_id, trigger="requested")

    def apply_begin(self, product: str = "consumer_installment_line") -> None:
        """Open a draft, or go on with the one there is."""
        self.consent("credit_reporting")
        self.application_id = origination.application_open(self.customer_id, product=product).id

    def apply(self, product: str = "consumer_installment_line", *, requested_fen: int | None = None,
              wants_person: bool = False) -> str:
        """Open and hand in an application and return the state it has reached by itself."""
        self.apply_begin(product)
        origination.application_submit(
            self.customer_id, application_id=self.application_id, wants_person=wants_person,
            declared_monthly_income_fen=self.person.monthly_income_fen, region_code=self.person.region_code,
            employer=self.person.employer, requested_fen=requested_fen,
            second_repayment_source="父母承诺共同还款 / parents" if self.person.persona == "student" else "")
        drain()
        return self.application_state()

    def reviewed(self) -> str:
        """Let the lender's reviewers work through the papers and approve; a second person where the pack wants one (R4.6)."""
        for staff_id in reviewer_ids():
            state = self.application_state()
            if state != "verification":
                break
            task = next(t for t in applications.case(self.application_id).tasks if t.state in ("open", "awaiting_second"))
            with acting_as(Actor("staff", staff_id)):
                origination.verification_claim(self.customer_id, task_id=task.id, staff_id=staff_id)
                shown_fen = pages_judged(self, staff_id=staff_id)
                origination.verification_decide(
                    self.customer_id, task_id=task.id, staff_id=staff_id, outcome="approve", note="收入材料核对一致",
                    verified_monthly_income_fen=shown_fen or self.person.monthly_income_fen)
        drain()
        return self.application_state()

    def application_state(self) -> str:
        """Return where the application stands."""
        return applications.application_get(self.customer_id, self.application_id).state

    def accept(self) -> None:
        """Take the offered line."""
        origination.offer_accept(self.customer_id, application_id=self.application_id)
        line = limits.line_for_application(self.customer_id, self.application_id)
        assert line is not None, "an accepted offer grants a line"
        self.line_id = line.id
        drain()

    def activate(self) -> None:
        """Card, payment password with the device bound beside it, fresh face check (R6.1)."""
        self.activate_begin()
        self.fresh_look()
        lending.activation_complete(self.customer_id, line_id=self.line_id)
        drain()

    def activate_begin(self) -> None:
        """Everything of an activation but the look at the person (R6.1)."""
        card = identities.default_card(self.customer_id)
        assert card is not None, "a bound card is the default card"
        lending.activation_start(self.customer_id, line_id=self.line_id)
        lending.activation_card_confirm(self.customer_id, line_id=self.line_id, card_id=card.id)
        offer = self.device.offer(lending.device_to_sign(self.customer_id, line_id=self.line_id))
        lending.activation_password_set(
            self.customer_id, line_id=self.line_id, password=PAYMENT_PASSWORD,
            device=lending.FirstDevice(self.device.sign_in(self.customer_id), offer))

    def borrow_begin(self, amount_fen: int, *, months: int, method: str, purpose: str) -> UUID:
        """Choose the terms and open the cost sheet; the reading time starts now (R6.2)."""
        drawdown = lending.drawdown_start(
            self.customer_id, line_id=self.line_id, amount_fen=amount_fen, purpose=purpose, term_months=months,
            method=method)
        lending.cost_sheet_open(self.customer_id, drawdown_id=drawdown)
        return drawdown

    def borrow_sign(self, drawdown: UUID) -> None:
        """Confirm the sheet, sign, enter the code; the money arrives when the bank says so."""
        lending.cost_sheet_confirm(self.customer_id, drawdown_id=drawdown)
        lending.agreement_open(self.customer_id, drawdown_id=drawdown)
        lending.agreement_sign(self.customer_id, drawdown_id=drawdown)
        challenge = lending.drawdown_code_send(self.customer_id, drawdown_id=drawdown)
        drain()
        confirmed = lending.drawdown_confirm(
            self.customer_id, drawdown_id=drawdown, challenge_id=challenge.id, code=self.code(),
            device=self.device.proof(lending.drawdown_to_sign(
                self.customer_id, drawdown_id=drawdown, challenge_id=challenge.id)),
            idempotency_key=str(uuid7()))
        self.loans.append(confirmed.loan_id)
        drain()

    def auto_debit(self) -> None:
        """Permit debits on due dates (R6.5)."""
        card = identities.default_card(self.customer_id)
        assert card is not None, "a bound card is the default card"
        self.consent("auto_debit")
        servicing.auto_debit_authorize(self.customer_id, card_id=card.id)

    def pay(self, kind: str, *, loan: int = -1, amount_fen: int | None = None) -> None:
        """Pay by the bound card: `due`, `settle` or an `amount`."""
        servicing.repayment_request(self.customer_id, loan_id=self.loans[loan], amount_fen=amount_fen, kind=kind,
                                    idempotency_key=str(uuid7()))
        drain()

    def money_in_bank(self, balance_fen: int, *, freeze_income: bool = False) -> None:
        """Set the balance of the main card's account."""
        world().balance_set(self.card, balance_fen, freeze_income=freeze_income)

    def code(self) -> str:
        """Return the digits of the newest text message."""
        text = world().last_sms(self.person.mobile) or ""
        found = _CODE.search(text)
        if found is None:
            raise TooManyRequests
        return found.group(1)

    def fresh_look(self) -> None:
        """Be seen again, as a further device asks for (R8.4)."""
        identity.face_check(self.customer_id, image_digest=self._picture("activation"), purpose="activation")

    def _picture(self, purpose: str) -> str:
        """Return the digest of the still picture this person would send; the sandbox sees no picture."""
        return hashlib.sha256(f"{self.person.id_number}:{purpose}:{clock.today()}".encode()).hexdigest()
