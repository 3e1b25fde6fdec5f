"""Debits: the borrower pays now, or the due-date windows take what is due (R7.1, R7.2). Amounts are fixed at first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from weidai.audit.services import event_record
from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.kernel.bank import BankAnswer
from weidai.kernel.days import shanghai_instant
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text
from weidai.lending import selectors as lending_rows
from weidai.lending import services as lending
from weidai.lending.accounts import LoanAccount
from weidai.lending.rules import owed
from weidai.messaging.services import notice_send
from weidai.platform import clock, outbox
from weidai.platform.idempotency import once
from weidai.platform.ids import uuid7
from weidai.servicing import policy
from weidai.servicing.errors import (
    AmountAboveSettlement,
    AmountInvalid,
    BackupCardsInvalid,
    CardMissing,
    DebitInProgress,
    NothingOwed,
)
from weidai.servicing.models import AutoDebitAgreement, AutoDebitBackup, DebitInstruction, MoneyDiscrepancy
from weidai.servicing.rules import PrepaymentChoice
from weidai.servicing.services.quotes import quote_for
from weidai.servicing.services.repayments import Intent, lines_lock, repayment_receive

DEBIT_KIND = "servicing.debit"
RECHECK_KIND = "servicing.debit_recheck"
_State = DebitInstruction.State
MOST_BACKUPS = 3
OPEN = (_State.CREATED, _State.SENT, _State.UNKNOWN)

FAILURE_TEXTS: dict[str, Text] = {
    "card_not_found": Text("银行卡不存在", "the card does not exist"),
    "name_mismatch": Text("户名不符", "the card is not in your name"),
    "card_closed": Text("银行卡已注销", "the card is closed"),
    "insufficient_funds": Text("余额不足", "the balance is too low"),
    "account_limit": Text("超出账户单日限额", "the account's daily limit is exceeded"),
}
OTHER_FAILURE = Text("银行未受理", "the bank did not accept it")


def repayment_request(
    customer_id: UUID, *, loan_id: UUID | None = None, amount_fen: int | None = None, card_id: UUID | None = None,
    kind: str, idempotency_key: str, choice: str = PrepaymentChoice.SHORTEN_TERM,
) -> UUID:
    """Ask the bank to take a repayment from a bound card now, once per key; returns the debit's id.

    `kind`: amount (any, up to the settlement figure), due (what is overdue and due today), settle (everything).
    `choice`: what money ahead of time does, shorten_term or smaller_installments (R7.1).
    """
    wish = _Wish(Intent(kind), PrepaymentChoice(choice))
    reply = once(
        customer_id, scope="servicing.repayment_request", key=idempotency_key,
        request={"loan_id": str(loan_id), "amount_fen": amount_fen, "card_id": str(card_id), "kind": kind,
                 "choice": choice},
        action=lambda: {"debit_id": str(_request(customer_id, loan_id, amount_fen, card_id, wish))})
    return UUID(reply["debit_id"])


class _Wish(NamedTuple):
    """What the payer means the money for."""

    intent: Intent
    choice: PrepaymentChoice


def _request(
    customer_id: UUID, loan_id: UUID | None, amount_fen: int | None, card_id: UUID | None, wish: _Wish,
) -> UUID:
    intent = wish.intent
    account = _account(customer_id, loan_id)
    card = _card(customer_id, card_id)
    lines_lock(customer_id)
    account = lending.loan_lock(customer_id, account.id)
    quote = quote_for(account, at=clock.now())
    if intent is Intent.AMOUNT:
        if amount_fen is None or amount_fen <= 0:
            raise AmountInvalid(field="amount")
        if amount_fen > quote.total_fen:
            raise AmountAboveSettlement(field="amount", most=yuan_text(quote.total_fen))
    else:
        amount_fen = quote.total_fen if intent is Intent.SETTLE else owed(account.state, on=clock.today()).total_fen
    if account.is_settled or amount_fen == 0:
        raise NothingOwed
    return _create(account, card_id=card, amount_fen=amount_fen, wish=wish)


def _create(account: LoanAccount, *, card_id: UUID, amount_fen: int, wish: _Wish) -> UUID:
    debit_id, moment = uuid7(), clock.now()
    _cancel_waiting(account, at=moment)
    try:
        with transaction.atomic():
            DebitInstruction.objects.create(
                id=debit_id, customer_id=account.customer_id, loan_id=account.id, book_id=account.book_id,
                kind=DebitInstruction.Kind.REQUESTED, intent=wish.intent, choice=wish.choice, card_id=card_id,
                request_id=f"db-{debit_id}", amount_fen=amount_fen, send_at=moment, created_at=moment)
    except IntegrityError as error:
        if "debit_one_open_per_loan" in str(error):
            raise DebitInProgress from error
        raise
    outbox.enqueue(account.customer_id, kind=DEBIT_KIND, subject_id=debit_id)
    event_record("servicing.debit.requested", customer_id=account.customer_id, subject_type="servicing.debit",
                 subject_id=debit_id, facts={"loan_id": str(account.id), "amount_fen": amount_fen,
                                             "intent": wish.intent})
    return debit_id


def _cancel_waiting(account: LoanAccount, *, at: datetime) -> None:
    """Make room: an automatic debit that waits for its window gives way to the borrower who pays now."""
    DebitInstruction.objects.filter(
        customer_id=account.customer_id, loan_id=account.id, kind=DebitInstruction.Kind.AUTOMATIC,
        state=_State.CREATED, send_at__gt=at).update(state=_State.CANCELLED, finished_at=at)


def _waiting_resume(asked: DebitInstruction) -> None:
    """Let the automatic debit that gave way to this payment wait again, for what is owed now: nobody who permitted
    debits becomes late because a payment of their own failed or was too small. `finished_at` tells which one gave way.
    """
    waiting = DebitInstruction.objects.filter(
        customer_id=asked.customer_id, loan_id=asked.loan_id, kind=DebitInstruction.Kind.AUTOMATIC,
        state=_State.CANCELLED, finished_at=asked.created_at, due_on__gte=clock.today()).first()
    if asked.kind != DebitInstruction.Kind.REQUESTED or waiting is None or waiting.due_on is None:
        return
    if not _is_granted(waiting):
        return
    states = [account.state for account in lending_rows.accounts_for(asked.customer_id, loan_id=asked.loan_id)]
    left_fen = sum(owed(state, on=max(waiting.due_on, state.anchored_on)).total_fen for state in states)
    if left_fen:
        DebitInstruction.objects.filter(pk=waiting.pk).update(
            state=_State.CREATED, finished_at=None, amount_fen=left_fen)


def _is_granted(debit: DebitInstruction) -> bool:
    """Say whether the permission an automatic debit was planned under still holds."""
    return AutoDebitAgreement.objects.filter(
        customer_id=debit.customer_id, number=debit.agreement_number, revoked_at=None).exists()


def _account(customer_id: UUID, loan_id: UUID | None) -> LoanAccount:
    """Return the named loan, or the most urgent one."""
    accounts = lending_rows.accounts_for(customer_id, loan_id=loan_id)
    if not accounts:
        raise NothingOwed
    today = clock.today()

    def urgency(account: LoanAccount) -> date:
        debt = owed(account.state, on=max(today, account.state.anchored_on))
        return debt.due[0].due_on if debt.due else debt.next_due_on or date.max

    return min(accounts, key=urgency)


def _card(customer_id: UUID, card_id: UUID | None) -> UUID:
    cards = {card.id for card in identity.bank_cards(customer_id)}
    if card_id is None:
        default = identity.default_card(customer_id)
        card_id = default.id if default else None
    if card_id is None or card_id not in cards:
        raise CardMissing
    return card_id


@transaction.atomic
def debit_sent(customer_id: UUID, *, debit_id: UUID) -> bool:
    """Note that the bank is about to be asked; False when the debit was dropped meanwhile, so that nothing is sent."""
    debit = DebitInstruction.objects.select_for_update().get(customer_id=customer_id, id=debit_id)
    if debit.state == _State.CREATED:
        DebitInstruction.objects.filter(pk=debit.pk).update(state=_State.SENT, sent_at=clock.now())
    return debit.state in OPEN


@transaction.atomic
def debit_unknown(customer_id: UUID, *, debit_id: UUID) -> None:
    """Note that the bank gave no usable answer: never taken for failed."""
    DebitInstruction.objects.filter(customer_id=customer_id, id=debit_id, state=_State.SENT).update(
        state=_State.UNKNOWN)


@transaction.atomic
def debit_cancel_if_paid(customer_id: UUID, *, debit_id: UUID) -> bool:
    """Drop an automatic debit that was never sent when nothing is due any more; returns whether it was dropped."""
    debit = DebitInstruction.objects.select_for_update().get(customer_id=customer_id, id=debit_id)
    if debit.state != _State.CREATED or debit.kind != DebitInstruction.Kind.AUTOMATIC:
        return debit.state == _State.CANCELLED
    accounts = lending_rows.accounts_for(customer_id, loan_id=debit.loan_id)
    on = max(clock.today(), debit.due_on or clock.today())
    if accounts and not accounts[0].is_settled and owed(
            accounts[0].state, on=max(on, accounts[0].state.anchored_on)).total_fen:
        return False
    DebitInstruction.objects.filter(pk=debit.pk).update(state=_State.CANCELLED, finished_at=clock.now())
    return True


@transaction.atomic
def debit_succeed(customer_id: UUID, *, debit_id: UUID, answer: BankAnswer) -> bool:
    """The bank took the money: book it as received at the bank's instant. False when that was booked before.

    Less owed by now than was taken: the rest is refunded. A debit we had taken for failed is booked all the same.
    """
    lines_lock(customer_id)
    debit = DebitInstruction.objects.select_for_update().get(customer_id=customer_id, id=debit_id)
    if debit.state == _State.SUCCEEDED:
        return False
    assert answer.booked_at is not None, "a succeeded debit has its booking instant"
    if debit.state == _State.FAILED:
        discrepancy_note(debit, claimed_state=_State.SUCCEEDED, source="query")
    booked = repayment_receive(
        customer_id, amount_fen=answer.amount_fen or debit.amount_fen, received_at=answer.booked_at, channel="debit",
        reference=debit.request_id, entry_id=answer.entry_id or "", loan_id=debit.loan_id, intent=debit.intent,
        choice=debit.choice)
    DebitInstruction.objects.filter(pk=debit.pk).update(
        state=_State.SUCCEEDED, finished_at=clock.now(), booked_at=answer.booked_at, entry_id=answer.entry_id or "",
        failure_reason="", repayment_id=booked.repayment_id)
    event_record("servicing.debit.succeeded", customer_id=customer_id, subject_type="servicing.debit",
                 subject_id=debit_id, facts={"amount_fen": debit.amount_fen, "entry_id": answer.entry_id or ""})
    _waiting_resume(debit)
    return True


@transaction.atomic
def debit_fail(customer_id: UUID, *, debit_id: UUID, reason: str) -> bool:
    """The bank did not take it (confirmed by query): the next window of the day tries again. False when known."""
    debit = DebitInstruction.objects.select_for_update().get(customer_id=customer_id, id=debit_id)
    if debit.state == _State.SUCCEEDED:
        discrepancy_note(debit, claimed_state=_State.FAILED, source="query")
    if debit.state not in OPEN:
        return False
    DebitInstruction.objects.filter(pk=debit.pk).update(
        state=_State.FAILED, failure_reason=reason, finished_at=clock.now())
    event_record("servicing.debit.failed", customer_id=customer_id, subject_type="servicing.debit",
                 subject_id=debit_id, facts={"amount_fen": debit.amount_fen, "reason": reason})
    if debit.kind == DebitInstruction.Kind.AUTOMATIC and not _next_card(debit) and _is_due_date(debit):
        if debit.window == 1:
            notice_send(customer_id, template="servicing.debit_failed", values={
                "amount_fen": debit.amount_fen, "reason": FAILURE_TEXTS.get(reason, OTHER_FAILURE),
                "due_on": debit.due_on})
        _next_window(debit)
    _waiting_resume(debit)
    return True


def _is_due_date(debit: DebitInstruction) -> bool:
    """Say whether an installment falls due that day; overdue money is tried once a day, without a text message each time."""
    accounts = lending_rows.accounts_for(debit.customer_id, loan_id=debit.loan_id)
    return any(row.due_on == debit.due_on for account in accounts for row in account.state.installments)


def _next_card(debit: DebitInstruction) -> bool:
    """Try the agreement's next card in the same window, at once; False when there is none left (R6.5)."""
    bound = {card.id for card in identity.bank_cards(debit.customer_id)}
    backups = AutoDebitBackup.objects.filter(
        customer_id=debit.customer_id, agreement__number=debit.agreement_number, agreement__revoked_at=None,
        place__gt=debit.place, card_id__in=bound)
    backup = backups.order_by("place").first()
    if backup is not None:
        _again(debit, card_id=backup.card_id, place=backup.place, window=debit.window, send_at=clock.now())
    return backup is not None


def _next_window(debit: DebitInstruction) -> None:
    """Plan the next window of the same day from the first card on, unless it was the last or permission is withdrawn."""
    assert debit.due_on is not None, "an automatic debit has a due day"
    windows = policy.current(debit.due_on).auto_debit.windows
    agreement = AutoDebitAgreement.objects.filter(
        customer_id=debit.customer_id, number=debit.agreement_number, revoked_at=None).first()
    if debit.window < len(windows) and agreement is not None:
        _again(debit, card_id=agreement.card_id, place=0, window=debit.window + 1,
               send_at=shanghai_instant(debit.due_on, windows[debit.window]))


def _again(debit: DebitInstruction, *, card_id: UUID, place: int, window: int, send_at: datetime) -> None:
    """Plan a failed automatic debit again, under a request number of its own."""
    debit_id = uuid7()
    DebitInstruction.objects.create(
        id=debit_id, customer_id=debit.customer_id, loan_id=debit.loan_id, book_id=debit.book_id, kind=debit.kind,
        intent=debit.intent, card_id=card_id, agreement_number=debit.agreement_number, request_id=f"ad-{debit_id}",
        amount_fen=debit.amount_fen, due_on=debit.due_on, window=window, place=place, send_at=send_at,
        created_at=clock.now())
    if send_at <= clock.now():
        outbox.enqueue(debit.customer_id, kind=DEBIT_KIND, subject_id=debit_id)


def debits_release(*, book_ids: Sequence[int], at: datetime | None = None, limit: int = 10_000) -> int:
    """Hand debits whose window has come to the outbox and return how many; run by a clock job, safe at any time."""
    moment = at or clock.now()
    waiting = list(DebitInstruction.objects.filter(
        state=_State.CREATED, kind=DebitInstruction.Kind.AUTOMATIC, send_at__lte=moment,
        book_id__in=list(book_ids)).order_by("send_at", "id")
        .values_list("customer_id", "id")[:limit])
    if not waiting:
        return 0
    with transaction.atomic():
        outbox.enqueue_many(waiting, kind=DEBIT_KIND)
    return len(waiting)


def discrepancy_note(debit: DebitInstruction, *, claimed_state: str, source: str) -> None:
    """Keep a contradiction between our books and the bank's word about a debit, once, and ask the bank again."""
    row, is_new = MoneyDiscrepancy.objects.get_or_create(
        customer_id=debit.customer_id, subject_id=debit.id, booked_state=debit.state, claimed_state=claimed_state,
        defaults={"subject_type": "debit", "source": source, "amount_fen": debit.amount_fen, "noted_at": clock.now()})
    if is_new:
        event_record("servicing.debit.contradicted", customer_id=debit.customer_id, subject_type="servicing.debit",
                     subject_id=debit.id, facts={"booked": debit.state, "claimed": claimed_state, "source": source})
        if source == "callback":
            outbox.enqueue(debit.customer_id, kind=RECHECK_KIND, subject_id=row.id)


@transaction.atomic
def auto_debit_authorize(customer_id: UUID, *, card_id: UUID, backup_card_ids: Sequence[UUID] = ()) -> UUID:
    """Permit debits of a card on due dates and return the agreement; an earlier one ends (R6.5).

    Backup cards are tried in their order, in the same window, when the one before failed; at most MOST_BACKUPS, each
    card once. The consent `auto_debit` comes first: the text that says what is taken, when and how to end it (R1.9).
    """
    identity_services.consent_require(customer_id, "auto_debit")
    _card(customer_id, card_id)
    if len({card_id, *backup_card_ids}) != 1 + len(backup_card_ids) or len(backup_card_ids) > MOST_BACKUPS:
        raise BackupCardsInvalid(field="backups", most=str(MOST_BACKUPS))
    for backup_id in backup_card_ids:
        _card(customer_id, backup_id)
    lines_lock(customer_id)
    current = AutoDebitAgreement.objects.filter(customer_id=customer_id, revoked_at=None).first()
    if current is not None and current.card_id == card_id and list(backup_card_ids) == list(
            current.backups.order_by("place").values_list("card_id", flat=True)):
        return current.id
    if current is not None:
        auto_debit_revoke(customer_id)
    agreement_id = uuid7()
    number = f"DK{clock.today():%Y%m%d}{agreement_id.hex[-10:].upper()}"
    AutoDebitAgreement.objects.create(
        id=agreement_id, customer_id=customer_id, number=number, card_id=card_id, granted_at=clock.now())
    AutoDebitBackup.objects.bulk_create([
        AutoDebitBackup(customer_id=customer_id, agreement_id=agreement_id, place=place, card_id=backup_id)
        for place, backup_id in enumerate(backup_card_ids, 1)])
    event_record("servicing.auto_debit.authorized", customer_id=customer_id, subject_type="servicing.auto_debit",
                 subject_id=agreement_id, facts={"card_id": str(card_id),
                                                 "backup_card_ids": [str(backup_id) for backup_id in backup_card_ids]})
    return agreement_id


@transaction.atomic
def auto_debit_revoke(customer_id: UUID) -> bool:
    """Withdraw the permission; debits that wait for their window are dropped. False when there was none."""
    current = AutoDebitAgreement.objects.select_for_update().filter(customer_id=customer_id, revoked_at=None).first()
    if current is None:
        return False
    AutoDebitAgreement.objects.filter(pk=current.pk).update(revoked_at=clock.now())
    DebitInstruction.objects.filter(
        customer_id=customer_id, kind=DebitInstruction.Kind.AUTOMATIC, state=_State.CREATED,
    ).update(state=_State.CANCELLED, finished_at=clock.now())
    event_record("servicing.auto_debit.revoked", customer_id=customer_id, subject_type="servicing.auto_debit",
                 subject_id=current.id)
    return True
