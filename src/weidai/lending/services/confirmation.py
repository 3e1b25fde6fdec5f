"""The final signing call: SMS code, risk, limit, loan, ledger, payout request, all in one transaction (R6.2, R10.2)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from weidai.audit.services import event_record, events_together
from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.ledger import services as ledger
from weidai.ledger.services import AccountCode, AccountRef, Transfer
from weidai.lending import policy
from weidai.lending.documents import terms_figures
from weidai.lending.errors import (
    CostSheetExpired,
    DrawdownRefusedByRisk,
    DrawdownStateConflict,
    PayoutCardUnbound,
    StepUpRequired,
    TermsChanged,
)
from weidai.lending.models import Drawdown, Loan
from weidai.lending.services.drawdowns import drawdown_locked, drawdown_terms
from weidai.lending.services.signing import PERSON_FRESH_FOR, Signature, signature_require
from weidai.limits import services as limits
from weidai.platform import books, clock, outbox, statements
from weidai.platform.idempotency import once
from weidai.platform.ids import uuid7
from weidai.policy import selectors as packs
from weidai.risk import services as risk
from weidai.risk.services import RiskFacts
from weidai.security.services import DeviceProof

PAYOUT_KIND = "lending.payout"
_CONFIRMED = (Drawdown.State.SUBMITTED, Drawdown.State.PAYING, Drawdown.State.POSTED, Drawdown.State.FAILED)


@dataclass(frozen=True, slots=True)
class ConfirmedDrawdown:
    """The loan a signed drawdown became; its money is on the way."""

    drawdown_id: UUID
    loan_id: UUID
    loan_number: str


def drawdown_confirm(
    customer_id: UUID, *, drawdown_id: UUID, challenge_id: UUID, code: str, idempotency_key: str,
    device: DeviceProof | None = None, payment_password: str = "",
) -> ConfirmedDrawdown:
    """Sign with SMS code and device key and start the payout, exactly once; a repeat returns the same loan.

    `device` signed `drawdown_to_sign`; without it `payment_password` and a fresh face or staff video check count, for a
    lower amount. Refusals (code, signature, limit, holds, changed price) write nothing: the same key may be tried again.
    A block by risk control is kept with its decision and ends the drawdown.
    """
    reply = once(
        customer_id, scope="lending.drawdown_confirm", key=idempotency_key,
        request={"drawdown_id": str(drawdown_id)},
        action=lambda: _confirm_recorded(
            customer_id, drawdown_id, Signature(challenge_id, code, device, payment_password)))
    if not reply:
        raise DrawdownRefusedByRisk
    return ConfirmedDrawdown(drawdown_id, UUID(reply["loan_id"]), reply["loan_number"])


def _confirm_recorded(customer_id: UUID, drawdown_id: UUID, signature: Signature) -> dict[str, Any]:
    with events_together():
        return _confirm(customer_id, drawdown_id, signature)


def _confirm(customer_id: UUID, drawdown_id: UUID, signature: Signature) -> dict[str, Any]:
    drawdown = drawdown_locked(customer_id, drawdown_id)
    if drawdown.state in _CONFIRMED:
        loan = Loan.objects.get(customer_id=customer_id, drawdown=drawdown)
        return {"loan_id": str(loan.id), "loan_number": loan.number}
    if drawdown.state != Drawdown.State.SIGNED:
        raise DrawdownStateConflict
    identity_services.consent_require(customer_id, "credit_reporting")  # it may have been withdrawn on the way
    papers = _papers(drawdown)
    assert papers.named_sheet_sha256 == papers.sheet_sha256, "the agreement names the sheet that was confirmed"
    valid_for = timedelta(minutes=policy.current(clock.today()).cost_sheet.confirmation_valid_minutes)
    if papers.sheet_confirmed_at is None or clock.now() - papers.sheet_confirmed_at > valid_for:
        raise CostSheetExpired
    line = limits.line_lock(customer_id, line_id=drawdown.line_id)
    _still_holds(drawdown, papers.figures, line_rate_e8=line.daily_rate_e8)
    signed_by = signature_require(drawdown, signature, agreement_sha256=papers.agreement_sha256)
    if _is_blocked(drawdown):  # the refusal is kept: code used up, decision stored, drawdown closed
        Drawdown.objects.filter(pk=drawdown.pk).update(
            state=Drawdown.State.CANCELLED, failure_code="risk_blocked", finished_at=clock.now())
        event_record("lending.drawdown.blocked", customer_id=customer_id, subject_type="lending.drawdown",
                     subject_id=drawdown.id)
        return {}
    loan_id = uuid7()
    limits.limit_reserve(customer_id, line_id=drawdown.line_id, amount_fen=drawdown.amount_fen, cause_id=loan_id)
    number = _loan_create(drawdown, loan_id=loan_id, agreement_id=papers.agreement_id, signed_by=signed_by)
    outbox.enqueue(customer_id, kind=PAYOUT_KIND, subject_id=loan_id)
    event_record("lending.drawdown.confirmed", customer_id=customer_id, subject_type="lending.loan", subject_id=loan_id,
                 facts={"drawdown_id": str(drawdown.id), "amount_fen": drawdown.amount_fen,
                        "agreement_sha256": papers.agreement_sha256, "cost_sheet_sha256": papers.sheet_sha256,
                        "policy_version": drawdown.policy_version, **_signature_facts(signed_by)})
    return {"loan_id": str(loan_id), "loan_number": number}


def _signature_facts(signed_by: dict[str, Any]) -> dict[str, Any]:
    """What the event log keeps of a signature: whose, and its hash, so that the stored one cannot be exchanged."""
    if signed_by["by"] != "device_key":
        return {"signed_by": signed_by["by"]}
    return {"signed_by": "device_key", "device_key_id": signed_by["key_id"],
            "signature_sha256": hashlib.sha256(signed_by["signature"].encode()).hexdigest()}


def _still_holds(drawdown: Drawdown, figures: dict[str, Any], *, line_rate_e8: int) -> None:
    """Refuse when anything that was signed is not what would be signed now, or the card is bound no more (R6.2).

    Compared are price of the line, rules in force, and every figure of the sheet that does not hang on the day on which
    the money arrives.
    """
    on = clock.today()
    default = policy.current(on).default_terms
    present = (packs.pack(on).version, line_rate_e8, default.penalty_daily_rate_e8, default.annual_cap_ppm,
               default.grace_days)
    if present != (drawdown.policy_version, drawdown.daily_rate_e8, drawdown.penalty_daily_rate_e8,
                   drawdown.annual_cap_ppm, drawdown.grace_days):
        raise TermsChanged
    fixed = terms_figures(drawdown_terms(drawdown))
    if any(figures[name] != value for name, value in fixed.items()):
        raise TermsChanged
    if not identity.is_card_bound(drawdown.customer_id, drawdown.card_id):
        raise PayoutCardUnbound


class _Papers(NamedTuple):
    """What the signature needs to know of cost sheet and agreement; their long texts and rows stay where they are."""

    agreement_id: UUID
    agreement_sha256: str
    named_sheet_sha256: str
    sheet_sha256: str
    sheet_confirmed_at: datetime | None
    figures: dict[str, Any]


def _papers(drawdown: Drawdown) -> _Papers:
    found = statements.row(
        """SELECT a.id, a.sha256, a.cost_sheet_sha256, s.sha256, s.confirmed_at, s.figures - 'rows'
             FROM lending_loanagreement a JOIN lending_costsheet s USING (customer_id, drawdown_id)
            WHERE a.customer_id = %s AND a.drawdown_id = %s""", [drawdown.customer_id, drawdown.id])
    assert found is not None, "a signed drawdown has its papers"
    return _Papers(*found[:-1], figures=json.loads(found[-1]))


def _loan_create(drawdown: Drawdown, *, loan_id: UUID, agreement_id: UUID, signed_by: dict[str, Any]) -> str:
    """Write the pending transfer, the loan and its disbursement, mark agreement and drawdown as signed off; return its number.

    Nothing is owed before the money arrives.
    """
    moment, customer_id, number = clock.now(), drawdown.customer_id, _loan_number(loan_id)
    journal_id = ledger.journal_pending(
        customer_id, transfers=[Transfer(
            debit=AccountRef(AccountCode.LOAN_PRINCIPAL, loan_id),
            credit=AccountRef(AccountCode.DISBURSEMENT_CLEARING, None),
            amount_fen=drawdown.amount_fen, kind="disbursement")],
        cause_type="lending.loan", cause_id=loan_id, book_id=drawdown.book_id,
        booked_on=books.business_date(drawdown.book_id), at=moment)
    written = statements.count(  # four rows that say the same fact, in one statement; the loan has the drawdown's terms
        """WITH submitted AS (
             UPDATE lending_drawdown SET state = 'submitted', submitted_at = %(at)s
              WHERE customer_id = %(customer)s AND id = %(drawdown)s
             RETURNING *),
           signed AS (
             UPDATE lending_loanagreement SET signed_at = %(at)s, signed_by = %(signed_by)s::jsonb
              WHERE customer_id = %(customer)s AND id = %(agreement)s),
           made AS (
             INSERT INTO lending_loan (id, customer_id, book_id, line_id, drawdown_id, number, product, state,
               principal_fen, daily_rate_e8, penalty_daily_rate_e8, annual_cap_ppm, grace_days, method, term_months,
               due_day, card_id, policy_version, created_at, interest_numerator, principal_days, prepaid_principal_fen,
               size_fen, outstanding_fen, overdue_principal_fen)
             SELECT %(loan)s, customer_id, book_id, line_id, id, %(number)s, product, 'pending',
                    amount_fen, daily_rate_e8, penalty_daily_rate_e8, annual_cap_ppm, grace_days, method, term_months,
                    due_day, card_id, policy_version, %(at)s, 0, 0, 0, 0, 0, 0
               FROM submitted)
           INSERT INTO lending_disbursement (id, customer_id, loan_id, request_id, amount_fen, card_id, journal_id, state,
             entry_id, failure_reason)
           SELECT %(id)s, customer_id, %(loan)s, %(request)s, amount_fen, card_id, %(journal)s, 'pending', '', ''
             FROM submitted""",
        {"at": moment, "customer": customer_id, "drawdown": drawdown.id, "agreement": agreement_id, "loan": loan_id,
         "number": number, "id": uuid7(), "request": f"po-{loan_id}", "journal": journal_id,
         "signed_by": json.dumps(signed_by)})
    assert written == 1, "the drawdown was locked before"
    return number


def _loan_number(loan_id: UUID) -> str:
    return f"JK{clock.today():%Y%m%d}{loan_id.hex[-10:].upper()}"


def _is_blocked(drawdown: Drawdown) -> bool:
    """Ask risk control in the same transaction (R8.2). A challenge is passed by a fresh face or staff video check, else refused.

    A spoken check for this drawdown, made after the payment password, passes it too where nothing speaks against the
    person and the amount is small (R1.8).
    """
    decision = risk.decide(drawdown.customer_id, event="drawdown", subject_id=drawdown.id,
                           facts=RiskFacts(amount_fen=drawdown.amount_fen))
    if decision.outcome == "challenge" and not (
            identity.has_fresh_face(drawdown.customer_id, purpose="activation", within=PERSON_FRESH_FOR)
            or identity.has_fresh_staff_video(drawdown.customer_id, purpose="activation", within=PERSON_FRESH_FOR)):
        accepts_voice = not decision.is_about_person and identity.voice_stands_for(
            drawdown.customer_id, purpose="drawdown", amount_fen=drawdown.amount_fen)
        if not (accepts_voice and identity.has_fresh_voice(
                drawdown.customer_id, purpose="drawdown", subject_id=drawdown.id)):
            raise StepUpRequired(accepts_voice=accepts_voice)
    return decision.outcome == "block"
