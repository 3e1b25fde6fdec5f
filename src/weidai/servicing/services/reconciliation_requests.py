"""Our side of reconciliation: which request a booking belongs to, and requests still open decided by the file (R7.11)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import structlog

from weidai.kernel.bank import BankAnswer, BankDay, BankState, StatementRow
from weidai.kernel.days import shanghai_date, shanghai_instant
from weidai.kernel.errors import PartnerUnavailable, Refusal
from weidai.ledger.movements import CauseMovement
from weidai.ledger.services import AccountCode
from weidai.lending.services import reconciliation as payouts
from weidai.platform import outbox
from weidai.platform import selectors as platform
from weidai.servicing.models import DebitInstruction, Refund, Repayment, SuspenseItem
from weidai.servicing.ports import collection_bank
from weidai.servicing.services.debits import DEBIT_KIND, debit_fail, debit_succeed
from weidai.servicing.services.refunds import REFUND_KIND, refund_contradicted, refund_fail, refund_succeed
from weidai.servicing.services.suspense import IncomingTransfer, transfer_receive

log = structlog.get_logger(__name__)

ACCOUNTS = {AccountCode.DISBURSEMENT_CLEARING: "settlement", AccountCode.COLLECTION_CLEARING: "collection"}
CLEARING = tuple(ACCOUNTS)
_SENT = ("sent", "unknown")
_UNNAMED = " · "  # a cause that is no request of ours is named by its type and id


def unnamed(moved: CauseMovement) -> str:
    """Return the name of a cause that belongs to no request."""
    return f"{moved.cause_type}{_UNNAMED}{moved.cause_id}"


@dataclass(frozen=True, slots=True)
class Named:
    """What a ledger cause is called at the bank."""

    reference: str
    kind: str
    customer_id: UUID | None
    expected_on: date | None
    is_outside: bool = False  # money that never passed through the bank, such as cash


@dataclass(slots=True)
class Decided:
    """What the file decided about open requests: reference → what was done."""

    advice: dict[str, str] = field(default_factory=dict)
    waiting: list[tuple[str, str, str, UUID]] = field(default_factory=list)  # account, reference, kind, customer
    resolved: int = 0


def causes_named(movements: Iterable[CauseMovement]) -> dict[UUID, Named]:
    """Return for every cause the request it belongs to; four statements at most."""
    ids: dict[str, set[UUID]] = {}
    for row in movements:
        ids.setdefault(row.cause_type, set()).add(row.cause_id)
    named = {row.loan_id: Named(row.request_id, "payout", row.customer_id, _day(row.booked_at))
             for row in payouts.payouts_of_loans(ids.get("lending.loan", ()))}
    for row in Repayment.objects.filter(id__in=ids.get("servicing.repayment", ())):
        named[row.id] = Named(row.reference.partition("#")[0], row.channel, row.customer_id, row.received_on,
                              is_outside=row.channel not in ("debit", "transfer"))
    for refund in Refund.objects.filter(id__in=ids.get("servicing.refund", ())):
        named[refund.id] = Named(refund.request_id, "refund", refund.customer_id, _day(refund.finished_at))
    for item in SuspenseItem.objects.filter(id__in=ids.get("servicing.suspense_item", ())):
        named[item.id] = Named(item.reference, "transfer", item.assigned_customer_id, shanghai_date(item.received_at))
    return named


def _day(instant: datetime | None) -> date | None:
    return shanghai_date(instant) if instant else None


def causes_of(references: Collection[str]) -> dict[UUID, str]:
    """Return the ledger causes of requests, whatever their day: cause → reference."""
    wanted = list(references)
    found = {row.loan_id: row.request_id for row in payouts.payouts_requested(wanted)}
    found |= dict(Refund.objects.filter(request_id__in=wanted).values_list("id", "request_id"))
    found |= dict(SuspenseItem.objects.filter(reference__in=wanted).values_list("id", "reference"))
    found |= dict(Repayment.objects.filter(reference__in=wanted).values_list("id", "reference"))
    found |= {UUID(name.partition(_UNNAMED)[2]): name for name in wanted if _UNNAMED in name}
    twice = Repayment.objects.filter(reference__contains="#").values_list("id", "reference")  # number#entry: rare
    asked = set(wanted)
    found |= {row_id: base for row_id, reference in twice if (base := reference.partition("#")[0]) in asked}
    return found


def requests_decide(file: BankDay) -> Decided:
    """Book what the file shows and our books still wait for, then ask about requests it does not show; never twice.

    Calls the bank: outside any transaction. A request that fails to be booked is left for a person.
    """
    decided = Decided()
    _by_file(file, decided)
    _absent(file, decided)
    return decided


def _by_file(file: BankDay, decided: Decided) -> None:
    by_kind: dict[str, list[StatementRow]] = {}
    for row in file.rows:
        by_kind.setdefault(row.kind, []).append(row)
    asked = {row.request_id: row for row in payouts.payouts_requested([r.request_id for r in by_kind.get("payout", ())])}
    for row in by_kind.get("payout", ()):
        request = asked.get(row.request_id)
        if request is not None and request.state != "succeeded":
            _try(decided, row, lambda request=request, row=row: payouts.payout_decide(request, _answer(row)))
    references = [r.request_id for r in by_kind.get("debit", ())]
    debits = {d.request_id: d for d in DebitInstruction.objects.filter(request_id__in=references)}
    for row in by_kind.get("debit", ()):
        debit = debits.get(row.request_id)
        if debit is not None and debit.state != DebitInstruction.State.SUCCEEDED:
            _try(decided, row, lambda debit=debit, row=row: debit_succeed(
                debit.customer_id, debit_id=debit.id, answer=_answer(row)))
    refunds = {r.request_id: r for r in Refund.objects.filter(
        request_id__in=[r.request_id for r in by_kind.get("refund", ())])}
    for row in by_kind.get("refund", ()):
        refund = refunds.get(row.request_id)
        if refund is not None and refund.state != Refund.State.SUCCEEDED:
            _try(decided, row, lambda refund=refund: _refund_paid(refund))
    references = [r.request_id for r in by_kind.get("transfer", ())]
    known = {*Repayment.objects.filter(channel="transfer", reference__in=references).values_list("reference", flat=True),
             *SuspenseItem.objects.filter(reference__in=references).values_list("reference", flat=True)}
    for row in by_kind.get("transfer", ()):
        if row.request_id not in known:
            _try(decided, row, lambda row=row: _transfer(row))


def _try(decided: Decided, row: StatementRow, action: Callable[[], bool]) -> None:
    try:
        is_booked = action()
    except Refusal as refusal:
        log.warning("reconciliation.not_booked", reference=row.request_id, code=refusal.code)
        decided.advice[row.request_id] = "look_into_request"
        return
    decided.advice[row.request_id] = "posted_from_file" if is_booked else "contradiction"
    decided.resolved += is_booked


def _answer(row: StatementRow) -> BankAnswer:
    return BankAnswer(row.request_id, BankState.SUCCEEDED, None, row.amount_fen, row.booked_at, row.entry_id)


def _refund_paid(refund: Refund) -> bool:
    if refund.state == Refund.State.FAILED:
        refund_contradicted(refund.customer_id, refund_id=refund.id, claimed_state="succeeded", source="statement")
        return False
    return refund_succeed(refund.customer_id, refund_id=refund.id)


def _transfer(row: StatementRow) -> bool:
    """Book a transfer the bank never told us about: by its memo, else into suspense."""
    transfer_receive(IncomingTransfer(
        transfer_id=row.request_id, amount_fen=row.amount_fen, received_at=row.booked_at, memo=row.memo,
        entry_id=row.entry_id, payer_name=row.counterparty_name, payer_masked=row.counterparty_masked,
        payer_card_number=""))
    return True


@dataclass(frozen=True, slots=True)
class _Open:
    """A request sent by the end of the day whose outcome we do not know."""

    account: str
    reference: str
    kind: str
    customer_id: UUID
    subject_id: UUID
    outbox_kind: str
    query: Callable[[str], BankAnswer]
    decide: Callable[[BankAnswer], bool]


def _absent(file: BankDay, decided: Decided) -> None:
    """Ask about every request of the day or before that no file has shown, and take the bank's final word."""
    shown = {row.request_id for row in file.rows}
    for request in _open_requests(file.day):
        if request.reference in shown:
            continue
        try:
            answer = request.query(request.reference)
        except PartnerUnavailable:
            decided.waiting.append((request.account, request.reference, request.kind, request.customer_id))
            decided.advice[request.reference] = "bank_silent"
            continue
        _take(request, answer, decided)


def _take(request: _Open, answer: BankAnswer, decided: Decided) -> None:
    given_up = answer.state is BankState.NOT_FOUND and _is_given_up(request)
    if answer.is_final or given_up:
        word = answer if answer.is_final else BankAnswer(request.reference, BankState.FAILED, "not_in_statement")
        decided.resolved += request.decide(word)
        decided.advice[request.reference] = "posted_by_query" if word.state is BankState.SUCCEEDED else "voided"
    else:
        outbox.wake(request.customer_id, kind=request.outbox_kind, subject_id=request.subject_id)
        decided.advice[request.reference] = "bank_deciding"
    decided.waiting.append((request.account, request.reference, request.kind, request.customer_id))


def _is_given_up(request: _Open) -> bool:
    """Say whether nobody will send the request any more: only then does "never arrived" mean that it never will."""
    rows = [row for row in platform.outbox_for(request.customer_id, {request.subject_id}) if row.kind == request.outbox_kind]
    return all(row.state != "pending" for row in rows)


def _open_requests(day: date) -> list[_Open]:
    end = shanghai_instant(date.fromordinal(day.toordinal() + 1))
    found = [
        _Open("settlement", row.request_id, "payout", row.customer_id, row.loan_id, payouts.PAYOUT_KIND,
              payouts.payout_query, lambda answer, row=row: payouts.payout_decide(row, answer))
        for row in payouts.payouts_pending(sent_before=end)]
    found += [
        _Open("collection", row.request_id, "debit", row.customer_id, row.id, DEBIT_KIND, _query,
              lambda answer, row=row: _debit_decide(row, answer))
        for row in DebitInstruction.objects.filter(state__in=_SENT, sent_at__lt=end).order_by("sent_at", "id")]
    found += [
        _Open("collection", row.request_id, "refund", row.customer_id, row.id, REFUND_KIND, _query,
              lambda answer, row=row: _refund_decide(row, answer))
        for row in Refund.objects.filter(state=Refund.State.SENT, created_at__lt=end).order_by("created_at", "id")]
    return found


def _query(request_id: str) -> BankAnswer:
    return collection_bank().query(request_id)


def _debit_decide(row: DebitInstruction, answer: BankAnswer) -> bool:
    if answer.state is BankState.SUCCEEDED:
        return debit_succeed(row.customer_id, debit_id=row.id, answer=answer)
    return debit_fail(row.customer_id, debit_id=row.id, reason=answer.reason or "unknown")


def _refund_decide(row: Refund, answer: BankAnswer) -> bool:
    if answer.state is BankState.SUCCEEDED:
        return refund_succeed(row.customer_id, refund_id=row.id)
    return refund_fail(row.customer_id, refund_id=row.id, reason=answer.reason or "unknown")
