"""From the first figures to the accepted agreement; nothing here moves money (R6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.kernel.text import Text
from weidai.lending import policy
from weidai.lending.documents import (
    AGREEMENT_VERSION,
    Document,
    agreement_build,
    cost_figures,
    cost_sheet_build,
)
from weidai.lending.errors import (
    CostSheetNotConfirmed,
    DrawdownNotFound,
    DrawdownStateConflict,
    NoDefaultCard,
    ReadingTooShort,
)
from weidai.lending.models import CostSheet, Drawdown, LoanAgreement
from weidai.lending.rules import LoanTerms, PlannedInstallment, RepaymentMethod, schedule_build
from weidai.lending.services.signing import summary_of
from weidai.lending.services.terms import LATE_TEXT, Wish, may_arrive_next_day, parties_for, terms_for
from weidai.platform import clock, statements
from weidai.platform.ids import uuid7
from weidai.policy import selectors as packs
from weidai.security import services as security
from weidai.security import signing
from weidai.security.services import SmsChallenge

_State = Drawdown.State
_OPEN = (_State.DRAFT, _State.SHEET_SHOWN, _State.CONFIRMED, _State.SIGNED)


@dataclass(frozen=True, slots=True)
class DrawdownQuote:
    """What a drawdown would cost: daily rate, simple APR, dated IRR and yuan together, and every row (R6.2)."""

    principal_fen: int
    interest_fen: int
    fee_fen: int
    total_fen: int
    daily_rate_e8: int
    daily_rate_text: str
    apr_simple_text: str
    irr_simple_text: str
    irr_effective_text: str
    term_months: int
    method: str
    rows: tuple[PlannedInstallment, ...]
    late_notice: Text | None


def drawdown_quote(
    customer_id: UUID, *, line_id: UUID, amount_fen: int, term_months: int, method: str,
) -> DrawdownQuote:
    """Return what a drawdown would cost if the money arrived today; writes nothing."""
    wish = Wish(amount_fen, term_months, method)
    terms, _ = terms_for(customer_id, line_id=line_id, wish=wish, on=clock.today())
    schedule = schedule_build(terms)
    figures = cost_figures(schedule)
    return DrawdownQuote(
        **{name: figures[name] for name in ("principal_fen", "interest_fen", "fee_fen", "total_fen", "daily_rate_e8",
                                            "daily_rate_text", "apr_simple_text", "irr_simple_text",
                                            "irr_effective_text", "term_months", "method")},
        rows=schedule.installments, late_notice=LATE_TEXT if may_arrive_next_day() else None)


@transaction.atomic
def drawdown_start(
    customer_id: UUID, *, line_id: UUID, amount_fen: int, purpose: str, term_months: int, method: str,
    card_id: UUID | None = None,
) -> UUID:
    """Begin a drawdown and return its id; an unfinished earlier one on the line is cancelled.

    Nobody borrows without having agreed that loans are reported to the credit bureau (R1.9, R7.8).
    """
    identity_services.consent_require(customer_id, "credit_reporting")
    on = clock.today()
    wish = Wish(amount_fen, term_months, method, purpose)
    terms, line = terms_for(customer_id, line_id=line_id, wish=wish, on=on)
    card = card_id or _default_card(customer_id)
    if card not in {row.id for row in identity.bank_cards(customer_id)}:
        raise NoDefaultCard
    Drawdown.objects.filter(customer_id=customer_id, line_id=line_id, state__in=_OPEN).update(
        state=_State.CANCELLED, finished_at=clock.now())
    drawdown = Drawdown.objects.create(
        customer_id=customer_id, line_id=line_id, book_id=identity.book_of(customer_id), product=line.product,
        amount_fen=amount_fen, purpose=purpose, term_months=term_months, method=method, due_day=terms.due_day,
        daily_rate_e8=terms.daily_rate_e8, penalty_daily_rate_e8=terms.penalty_daily_rate_e8,
        annual_cap_ppm=terms.annual_cap_ppm, grace_days=terms.grace_days, card_id=card,
        policy_version=packs.pack(on).version, started_at=clock.now())
    event_record("lending.drawdown.started", customer_id=customer_id, subject_type="lending.drawdown",
                 subject_id=drawdown.id, facts={"amount_fen": amount_fen, "term_months": term_months,
                                                "method": method, "purpose": purpose, "line_id": str(line_id)})
    return drawdown.id


def _default_card(customer_id: UUID) -> UUID:
    card = identity.default_card(customer_id)
    if card is None:
        raise NoDefaultCard
    return card.id


def drawdown_locked(customer_id: UUID, drawdown_id: UUID) -> Drawdown:
    """Return the drawdown locked until the caller's transaction ends; for this room's services only."""
    found = statements.row_lock(Drawdown, customer_id, drawdown_id)
    if found is None:
        raise DrawdownNotFound
    return found


def drawdown_terms(drawdown: Drawdown) -> LoanTerms:
    """Return the drawdown's terms as if the money arrived today."""
    return LoanTerms(
        principal_fen=drawdown.amount_fen, daily_rate_e8=drawdown.daily_rate_e8,
        method=RepaymentMethod(drawdown.method), term_months=drawdown.term_months, starts_on=clock.today(),
        due_day=drawdown.due_day, penalty_daily_rate_e8=drawdown.penalty_daily_rate_e8,
        annual_cap_ppm=drawdown.annual_cap_ppm, grace_days=drawdown.grace_days)


@transaction.atomic
def cost_sheet_open(customer_id: UUID, *, drawdown_id: UUID) -> Document:
    """Store and return the cost sheet as shown; the reading time starts at the first opening, by the server's clock."""
    drawdown = drawdown_locked(customer_id, drawdown_id)
    kept = CostSheet.objects.filter(customer_id=customer_id, drawdown=drawdown).first()
    if kept is not None:
        return Document(Text(kept.content_zh, kept.content_en), kept.figures, kept.sha256)
    if drawdown.state != _State.DRAFT:
        raise DrawdownStateConflict
    on = clock.today()
    parties = parties_for(drawdown.product, purpose=drawdown.purpose, on=on)
    sheet = cost_sheet_build(schedule_build(drawdown_terms(drawdown)), parties=parties)
    row = CostSheet.objects.create(
        customer_id=customer_id, drawdown=drawdown, content_zh=sheet.content.zh, content_en=sheet.content.en,
        figures=sheet.figures, sha256=sheet.sha256, opened_at=clock.now(),
        reading_seconds=policy.current(on).cost_sheet.forced_reading_seconds)
    Drawdown.objects.filter(pk=drawdown.pk).update(state=_State.SHEET_SHOWN)
    event_record("lending.cost_sheet.opened", customer_id=customer_id, subject_type="lending.cost_sheet",
                 subject_id=row.id, facts={"drawdown_id": str(drawdown_id), "sha256": sheet.sha256})
    return sheet


@transaction.atomic
def cost_sheet_confirm(customer_id: UUID, *, drawdown_id: UUID) -> None:
    """Confirm that the sheet was read; refuses before its reading time is over. A second time changes nothing."""
    drawdown = drawdown_locked(customer_id, drawdown_id)
    sheet = CostSheet.objects.filter(customer_id=customer_id, drawdown=drawdown).first()
    if sheet is None:
        raise CostSheetNotConfirmed
    if sheet.confirmed_at is not None:
        return
    if drawdown.state != _State.SHEET_SHOWN:
        raise DrawdownStateConflict
    moment = clock.now()
    left = sheet.opened_at + timedelta(seconds=sheet.reading_seconds) - moment
    if left > timedelta(0):
        raise ReadingTooShort(seconds=-(-left // timedelta(seconds=1)))
    CostSheet.objects.filter(pk=sheet.pk).update(confirmed_at=moment)
    Drawdown.objects.filter(pk=drawdown.pk).update(state=_State.CONFIRMED)
    event_record("lending.cost_sheet.confirmed", customer_id=customer_id, subject_type="lending.cost_sheet",
                 subject_id=sheet.id, facts={"drawdown_id": str(drawdown_id), "sha256": sheet.sha256})


@transaction.atomic
def agreement_open(customer_id: UUID, *, drawdown_id: UUID) -> Document:
    """Store and return the agreement to be signed; it names the hash of the confirmed cost sheet."""
    drawdown = drawdown_locked(customer_id, drawdown_id)
    kept = LoanAgreement.objects.filter(customer_id=customer_id, drawdown=drawdown).first()
    if kept is not None:
        return Document(Text(kept.text_zh, kept.text_en), {"number": kept.number}, kept.sha256)
    sheet = CostSheet.objects.filter(customer_id=customer_id, drawdown=drawdown).first()
    if sheet is None or sheet.confirmed_at is None or drawdown.state != _State.CONFIRMED:
        raise CostSheetNotConfirmed
    on, agreement_id = clock.today(), uuid7()
    number = f"HT{on:%Y%m%d}{agreement_id.hex[-10:].upper()}"
    document = agreement_build(
        sheet.figures, parties=parties_for(drawdown.product, purpose=drawdown.purpose, on=on), number=number,
        sheet_sha256=sheet.sha256, signed_on=on, method=RepaymentMethod(drawdown.method))
    LoanAgreement.objects.create(
        id=agreement_id, customer_id=customer_id, drawdown=drawdown, number=number,
        template_version=AGREEMENT_VERSION, text_zh=document.content.zh, text_en=document.content.en,
        sha256=document.sha256, cost_sheet_sha256=sheet.sha256, opened_at=clock.now())
    return document


@transaction.atomic
def agreement_sign(customer_id: UUID, *, drawdown_id: UUID) -> None:
    """Accept the agreement; the SMS code of `drawdown_confirm` makes the signature. A second time changes nothing."""
    drawdown = drawdown_locked(customer_id, drawdown_id)
    if drawdown.state == _State.SIGNED:
        return
    agreement = LoanAgreement.objects.filter(customer_id=customer_id, drawdown=drawdown).first()
    if agreement is None or drawdown.state != _State.CONFIRMED:
        raise DrawdownStateConflict
    LoanAgreement.objects.filter(pk=agreement.pk).update(accepted_at=clock.now())
    Drawdown.objects.filter(pk=drawdown.pk).update(state=_State.SIGNED)
    event_record("lending.agreement.accepted", customer_id=customer_id, subject_type="lending.agreement",
                 subject_id=agreement.id, facts={"drawdown_id": str(drawdown_id), "sha256": agreement.sha256,
                                                 "cost_sheet_sha256": agreement.cost_sheet_sha256})


def drawdown_code_send(customer_id: UUID, *, drawdown_id: UUID) -> SmsChallenge:
    """Send the SMS code that signs this one drawdown and nothing else; the message names amount and term (R6.2)."""
    drawdown, summary = _signed(customer_id, drawdown_id)
    mobile = identity.customer_private(customer_id, purpose="drawdown_code").mobile
    return security.sms_code_send(
        mobile=mobile, purpose="drawdown", context=summary, customer_id=customer_id,
        told={"amount_fen": drawdown.amount_fen, "term_months": drawdown.term_months})


def drawdown_to_sign(customer_id: UUID, *, drawdown_id: UUID, challenge_id: UUID) -> str:
    """Return the text that the bound device signs beside this code: agreement, amount, term, and the code's number."""
    return signing.drawdown_text(_signed(customer_id, drawdown_id)[1], challenge_id=challenge_id)


def _signed(customer_id: UUID, drawdown_id: UUID) -> tuple[Drawdown, str]:
    """Return a drawdown that only misses its code, and the transaction to be signed."""
    drawdown = Drawdown.objects.filter(customer_id=customer_id, id=drawdown_id).first()
    if drawdown is None:
        raise DrawdownNotFound
    if drawdown.state != _State.SIGNED:
        raise DrawdownStateConflict
    sha256 = LoanAgreement.objects.values_list("sha256", flat=True).get(customer_id=customer_id, drawdown=drawdown)
    return drawdown, summary_of(drawdown, agreement_sha256=sha256)


@transaction.atomic
def drawdown_cancel(customer_id: UUID, *, drawdown_id: UUID) -> None:
    """Give up a drawdown that has not been confirmed by code; later it is too late."""
    drawdown = drawdown_locked(customer_id, drawdown_id)
    if drawdown.state not in _OPEN:
        raise DrawdownStateConflict
    Drawdown.objects.filter(pk=drawdown.pk).update(state=_State.CANCELLED, finished_at=clock.now())
    event_record("lending.drawdown.cancelled", customer_id=customer_id, subject_type="lending.drawdown",
                 subject_id=drawdown.id)
