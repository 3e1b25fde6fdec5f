"""Reading servicing: what is owed, what was paid, where a loan stands; typed rows ready to show (R6.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from weidai.kernel.text import Text
from weidai.ledger import selectors as ledger
from weidai.lending import selectors as lending
from weidai.lending.accounts import LoanAccount
from weidai.lending.rules import Owed, owed
from weidai.platform import clock
from weidai.servicing.models import (
    AutoDebitAgreement,
    DebitInstruction,
    OverdueSpell,
    Repayment,
    RepaymentLine,
)
from weidai.servicing.rules import bucket
from weidai.servicing.selectors.classification import category_of, non_accrual_since
from weidai.servicing.selectors.punctuality import PUNCTUALITY_TEXTS, punctuality_of
from weidai.servicing.services.quotes import SettleQuote, quote_for


@dataclass(frozen=True, slots=True)
class BillRow:
    """What one loan asks for on a day, in fen. `countdown_days` to the next due date; 0 today, None when nothing is."""

    loan_id: UUID
    loan_number: str
    product_name: Text
    overdue_fen: int
    due_today_fen: int
    penalty_fen: int
    days_past_due: int
    next_due_on: date | None
    next_due_fen: int
    countdown_days: int | None
    payoff: SettleQuote
    open_debit_id: UUID | None
    grace_until: date | None = None  # something due before is unpaid, and nobody is late until the end of this day

    @property
    def due_now_fen(self) -> int:
        """Overdue and due today together; what is in its grace days counts as due today."""
        return self.overdue_fen + self.due_today_fen


@dataclass(frozen=True, slots=True)
class Bills:
    """All of a customer's bills on a day; sums in fen."""

    on: date
    rows: tuple[BillRow, ...]
    due_now_fen: int
    overdue_fen: int
    next_due_on: date | None
    next_due_fen: int
    payoff_fen: int
    auto_debit_card_id: UUID | None


@dataclass(frozen=True, slots=True)
class InstallmentRow:
    """One row of the schedule as it stands: planned, paid, penalty so far; `state` paid, overdue, grace, due or planned."""

    number: int
    starts_on: date
    due_on: date
    principal_fen: int
    interest_fen: int
    principal_paid_fen: int
    interest_paid_fen: int
    penalty_paid_fen: int
    penalty_owed_fen: int
    unpaid_fen: int
    days_past_due: int
    state: str
    state_text: Text
    settled_on: date | None
    punctuality_text: Text | None = None  # how punctual it was paid in full (R7.2)


@dataclass(frozen=True, slots=True)
class RepaymentRow:
    """A repayment as the borrower sees it; parts of this loan (or of all) in fen."""

    id: UUID
    received_at: datetime
    channel: str
    channel_text: Text
    reference: str
    amount_fen: int
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    excess_fen: int
    state: str
    reversed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """Something that happened to a loan, oldest first."""

    at: datetime
    text: Text
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class LoanStatement:
    """Everything about one loan on a day: the loan, its schedule, what is owed, the pay-off figure, its history."""

    loan: lending.LoanRow
    on: date
    owed: Owed | None
    payoff: SettleQuote | None
    rows: tuple[InstallmentRow, ...]
    repayments: tuple[RepaymentRow, ...]
    timeline: tuple[TimelineRow, ...]
    bucket: str
    category: str
    non_accrual_since: date | None = None


CHANNEL_TEXTS = {"debit": Text("银行卡扣款", "card debit"), "transfer": Text("银行转账", "bank transfer"),
                  "counter": Text("柜台", "counter")}
_ROW_TEXTS = {"paid": Text("已还", "paid"), "overdue": Text("逾期", "overdue"), "due": Text("今日到期", "due today"),
              "grace": Text("宽限期内", "in its grace days"),
              "planned": Text("待还", "planned")}


def _on(account: LoanAccount, on: date | None) -> date:
    """A state answers for its last event's day or later."""
    return max(on or clock.today(), account.state.anchored_on)


def bills_for(customer_id: UUID, *, on: date | None = None) -> Bills:
    """Return what the customer owes on a day (today): due now, next due with countdown, pay-off figures.

    Five statements, whatever the number of loans.
    """
    day = on or clock.today()
    accounts = lending.accounts_for(customer_id)
    open_debits = dict(DebitInstruction.objects.filter(
        customer_id=customer_id, state__in=["sent", "unknown", "created"], kind="requested",
    ).values_list("loan_id", "id"))
    arrivals = lending.disbursements_booked_at(customer_id, loan_ids=[account.id for account in accounts])
    rows = sorted((_bill_row(account, day, open_debits.get(account.id), arrivals) for account in accounts),
                  key=lambda row: (-row.days_past_due, row.next_due_on or date.max, row.loan_number))
    upcoming = [row for row in rows if row.next_due_on is not None]
    next_due_on = min((row.next_due_on for row in upcoming if row.next_due_on), default=None)
    agreement = AutoDebitAgreement.objects.filter(customer_id=customer_id, revoked_at=None).first()
    return Bills(
        on=day, rows=tuple(rows), due_now_fen=sum(row.due_now_fen for row in rows),
        overdue_fen=sum(row.overdue_fen for row in rows), next_due_on=next_due_on,
        next_due_fen=sum(row.next_due_fen for row in upcoming if row.next_due_on == next_due_on),
        payoff_fen=sum(row.payoff.total_fen for row in rows),
        auto_debit_card_id=agreement.card_id if agreement else None)


def _bill_row(
    account: LoanAccount, on: date, open_debit_id: UUID | None, arrivals: Mapping[UUID, datetime],
) -> BillRow:
    debt, grace_days = owed(account.state, on=_on(account, on)), account.state.terms.grace_days
    in_grace = bool(debt.overdue_fen) and not debt.is_overdue
    countdown = (debt.next_due_on - on).days if debt.next_due_on else None
    return BillRow(
        loan_id=account.id, loan_number=account.number, product_name=lending.product_name(account.product),
        overdue_fen=0 if in_grace else debt.overdue_fen, penalty_fen=debt.penalty_fen,
        due_today_fen=debt.due_today_fen + (debt.overdue_fen if in_grace else 0),
        grace_until=debt.due[0].due_on + timedelta(days=grace_days) if in_grace else None,
        days_past_due=debt.days_past_due, next_due_on=debt.next_due_on, next_due_fen=debt.next_due_fen, countdown_days=countdown,
        payoff=quote_for(account, at=clock.now(), arrivals=arrivals), open_debit_id=open_debit_id)


def owed_for(customer_id: UUID, *, on: date | None = None) -> int:
    """Return what the customer has to pay by the end of the day over all loans, in fen."""
    return sum(owed(account.state, on=_on(account, on)).total_fen for account in lending.accounts_for(customer_id))


def loan_statement(customer_id: UUID, loan_id: UUID, *, on: date | None = None) -> LoanStatement:
    """Return one loan with schedule, debts and history; a loan not paid out has no rows. Raises LoanNotFound."""
    loan = lending.loan_get(customer_id, loan_id)
    repayments = repayments_for(customer_id, loan_id=loan_id)
    timeline = _timeline(loan, repayments)
    accounts = lending.accounts_for(customer_id, loan_id=loan_id)
    if not accounts:
        return LoanStatement(loan, on or clock.today(), None, None, (), repayments, timeline, "current", "normal")
    account = accounts[0]
    day = _on(account, on)
    debt = owed(account.state, on=day)
    return LoanStatement(
        loan=loan, on=day, owed=debt, payoff=None if account.is_settled else quote_for(account, at=clock.now()),
        rows=_installment_rows(account, debt), repayments=repayments, timeline=timeline,
        bucket=bucket(debt.days_past_due), category=category_of(
            customer_id, loan_id, days_past_due=debt.days_past_due, on=day),
        non_accrual_since=non_accrual_since(customer_id, loan_id))


def _installment_rows(account: LoanAccount, debt: Owed) -> tuple[InstallmentRow, ...]:
    late, punctual = {row.number: row for row in debt.due}, punctuality_of(account)
    rows = []
    for row in account.state.installments:
        part = late.get(row.number)
        days = part.days_past_due if part else 0
        late_state = "overdue" if days > account.state.terms.grace_days else "grace"
        state = "paid" if row.is_settled else late_state if days > 0 else "due" if row.due_on == debt.on else "planned"
        penalty = part.penalty_fen if part else 0
        rows.append(InstallmentRow(
            number=row.number, starts_on=row.starts_on, due_on=row.due_on, principal_fen=row.principal_fen,
            interest_fen=row.interest_fen, principal_paid_fen=row.principal_paid_fen,
            interest_paid_fen=row.interest_paid_fen, penalty_paid_fen=row.penalty_paid_fen, penalty_owed_fen=penalty,
            unpaid_fen=0 if row.is_settled else row.unpaid_fen + penalty, days_past_due=days, state=state,
            state_text=_ROW_TEXTS[state], settled_on=row.settled_on,
            punctuality_text=PUNCTUALITY_TEXTS[punctual[row.number]] if row.number in punctual else None))
    return tuple(rows)


def repayments_for(customer_id: UUID, *, loan_id: UUID | None = None, limit: int = 200) -> tuple[RepaymentRow, ...]:
    """Return repayments newest first, of the customer or of one loan, with what they paid there."""
    rows = Repayment.objects.filter(customer_id=customer_id)
    if loan_id is not None:
        rows = rows.filter(shares__loan_id=loan_id)
    found = list(rows.order_by("-received_at", "-id")[:limit])
    lines = RepaymentLine.objects.filter(customer_id=customer_id, share__repayment__in=found)
    if loan_id is not None:
        lines = lines.filter(share__loan_id=loan_id)
    sums: dict[UUID, tuple[int, int, int]] = {row.id: (0, 0, 0) for row in found}
    for key, principal, interest, penalty in lines.values_list(
            "share__repayment_id", "principal_fen", "interest_fen", "penalty_fen"):
        before = sums[key]
        sums[key] = (before[0] + principal, before[1] + interest, before[2] + penalty)
    return tuple(RepaymentRow(
        row.id, row.received_at, row.channel, CHANNEL_TEXTS.get(row.channel, Text(row.channel, row.channel)),
        row.reference, row.amount_fen, *sums[row.id], row.excess_fen, row.state, row.reversed_at) for row in found)


def _timeline(loan: lending.LoanRow, repayments: Sequence[RepaymentRow]) -> tuple[TimelineRow, ...]:
    rows = [TimelineRow(loan.created_at, Text("签署借款合同，提交放款", "agreement signed, payout requested"),
                        loan.principal_fen)]
    arrived_at = lending.disbursement_booked_at(loan.customer_id, loan.id)
    if arrived_at is not None:
        rows.append(TimelineRow(arrived_at, Text("款项到账，开始计息", "money arrived, interest starts"),
                                loan.principal_fen))
    rows += [TimelineRow(row.received_at, Text(f"还款（{row.channel_text.zh}）", f"repayment ({row.channel_text.en})"),
                         row.amount_fen) for row in repayments]
    rows += [TimelineRow(row.reversed_at, Text("还款已撤销，欠款恢复", "repayment reversed, owed again"), row.amount_fen)
             for row in repayments if row.reversed_at is not None]
    spells = OverdueSpell.objects.filter(customer_id=loan.customer_id, is_void=False)
    if loan.overdue_since is not None:
        rows += [TimelineRow(spell.started_at, Text("发生逾期", "became overdue"), None)
                 for spell in spells.filter(ended_at=None)]
    if loan.settled_on is not None and repayments:
        rows.append(TimelineRow(repayments[0].received_at, Text("借款结清", "loan settled"), None))
    # The bank's instants are cut to the second: nothing stands above the signature, equal instants in natural order.
    return tuple(sorted(rows, key=lambda row: max(row.at, loan.created_at).replace(microsecond=0)))


def transfers_of(customer_id: UUID, loan_id: UUID) -> list[ledger.TransferRow]:
    """Return the ledger transfers that touched a loan, for staff."""
    return ledger.transfers_for(customer_id, subject_id=loan_id)
