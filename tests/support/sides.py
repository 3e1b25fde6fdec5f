"""The three sides that must tell the same story about money: the bank, the loans, the ledger (R7.11)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from tests.support.world import BALANCE_FEN, Life, Sandbox
from weidai.ledger import selectors as ledger
from weidai.ledger.services import AccountCode, AccountRef
from weidai.lending.models import Disbursement, Loan, PayoutDiscrepancy
from weidai.limits import selectors as limits
from weidai.servicing.models import DebitInstruction, MoneyDiscrepancy, Refund, Repayment, RepaymentLine


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that passed between the lender and one customer, in fen, as one side tells it."""

    paid_out_fen: int
    collected_fen: int
    refunded_fen: int

    @property
    def to_customer_fen(self) -> int:
        """What the customer has more than before."""
        return self.paid_out_fen - self.collected_fen + self.refunded_fen

    def __sub__(self, before: Moved) -> Moved:
        return Moved(self.paid_out_fen - before.paid_out_fen, self.collected_fen - before.collected_fen,
                     self.refunded_fen - before.refunded_fen)


def bank_says(sandbox: Sandbox, life: Life) -> Moved:
    """Return what the bank's statement shows for a customer."""
    debits = set(DebitInstruction.objects.filter(customer_id=life.customer_id).values_list("request_id", flat=True))
    payouts = {f"po-{loan}" for loan in life.loans}
    refunds = set(Refund.objects.filter(customer_id=life.customer_id).values_list("request_id", flat=True))
    sums = dict.fromkeys(("payout", "in", "refund"), 0)
    for row in sandbox.bookings():
        if row["kind"] == "payout" and row["request_id"] in payouts:
            sums["payout"] += row["amount_fen"]
        elif row["kind"] in ("debit", "transfer") and row["request_id"] in debits | set(life.transfers):
            sums["in"] += row["amount_fen"]
        elif row["kind"] == "refund" and row["request_id"] in refunds:
            sums["refund"] += row["amount_fen"]
    return Moved(sums["payout"], sums["in"], sums["refund"])


def loans_say(life: Life) -> Moved:
    """Return what loans, repayments and refunds show for a customer."""
    mine = {"customer_id": life.customer_id}
    paid_out = Disbursement.objects.filter(state="succeeded", **mine).aggregate(fen=Sum("amount_fen"))["fen"] or 0
    collected = Repayment.objects.filter(**mine).aggregate(fen=Sum("amount_fen"))["fen"] or 0
    refunded = Refund.objects.filter(state="succeeded", **mine).aggregate(fen=Sum("amount_fen"))["fen"] or 0
    return Moved(paid_out, collected, refunded)


def ledger_says(life: Life) -> Moved:
    """Return what the clearing accounts show for a customer; refunds are told apart by their kind."""
    refunded = sum(row.amount_fen for row in ledger.transfers_for(life.customer_id)
                   if row.kind == "refund" and row.phase in ("posted", "post_pending"))
    collection = balance(life, AccountCode.COLLECTION_CLEARING)
    return Moved(-balance(life, AccountCode.DISBURSEMENT_CLEARING), collection + refunded, refunded)


def balance(life: Life, code: AccountCode, subject_id: UUID | None = None) -> int:
    """Return a posted balance of the customer, in fen."""
    return ledger.balance_fen(life.customer_id, AccountRef(code, subject_id))


def assert_truthful(sandbox: Sandbox, life: Life) -> Moved:
    """Assert that all sides agree to the fen about everything that ever passed, and return it."""
    told = bank_says(sandbox, life)
    assert loans_say(life) == told, "loans and bank statement differ"
    assert ledger_says(life) == told, "ledger and bank statement differ"
    assert sandbox.balance_fen(life.card) == BALANCE_FEN + told.to_customer_fen, "the customer's account moved differently"
    _assert_loans_explain(life)
    assert ledger.check().is_sound
    return told


def _assert_loans_explain(life: Life) -> None:
    """Principal out, principal back, what is owed, what the line counts as used: one sum."""
    loans = Loan.objects.filter(customer_id=life.customer_id)
    active = [loan for loan in loans if loan.state != Loan.State.CANCELLED]
    repaid = RepaymentLine.objects.filter(customer_id=life.customer_id).aggregate(fen=Sum("principal_fen"))["fen"] or 0
    owed_fen = sum(loan.outstanding_fen for loan in active)
    assert sum(loan.principal_fen for loan in active) - repaid == owed_fen
    for loan in loans:
        expected_fen = loan.outstanding_fen if loan in active else 0
        assert balance(life, AccountCode.LOAN_PRINCIPAL, loan.id) == expected_fen
    line = limits.line_get(life.customer_id, life.line_id)
    assert (line.used_fen, line.reserved_fen) == (owed_fen, 0)
    assert line.approved_fen == line.used_fen + line.reserved_fen + line.available_fen


def assert_lender_agrees(sandbox: Sandbox, *, opened: dict[str, int]) -> None:
    """Assert that the lender's two bank accounts moved by what the whole ledger says since `opened`."""
    totals = {row.code: row.debits_fen - row.credits_fen for row in ledger.trial_balance()}
    now = sandbox.lender_fen()
    assert now["settlement"] - opened["settlement"] == totals.get("disbursement_clearing", 0)
    assert now["collection"] - opened["collection"] == totals.get("collection_clearing", 0)
    assert sum(totals.values()) == 0


def contradictions_open() -> int:
    """Count contradictions between our books and the bank that wait for a person."""
    return (PayoutDiscrepancy.objects.filter(resolved_at=None).count()
            + MoneyDiscrepancy.objects.filter(resolved_at=None).count())
