"""The chart of accounts and what a transfer must satisfy. Pure; amounts are fen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

# The partition of money that is nobody's yet. Every account belongs to a customer's partition; money received from a
# payer who is not known waits here, in `suspense` against `collection_clearing`, under an id that no customer can have.
# Assigning it reverses this journal in full and books the same amount in the customer's own partition (R7.1).
# The institution's own daily entry stands here too: the VAT contained in a day's income (R7.11, ADR-0009).
LENDER_PARTITION = UUID(int=0)


class AccountCode(StrEnum):
    """Every account kind there is; the lender's side is a sub-account inside the customer's partition (no hot rows).

    `suspense` is the exception: it has no customer yet and lives in the lender's own partition, `LENDER_PARTITION`.
    """

    LOAN_PRINCIPAL = "loan_principal"
    INTEREST_RECEIVABLE = "interest_receivable"
    PENALTY_RECEIVABLE = "penalty_receivable"
    DISBURSEMENT_CLEARING = "disbursement_clearing"
    COLLECTION_CLEARING = "collection_clearing"
    INTEREST_INCOME = "interest_income"
    PENALTY_INCOME = "penalty_income"
    SUSPENDED_INTEREST = "suspended_interest"
    CUSTOMER_PAYABLE = "customer_payable"
    SUSPENSE = "suspense"
    OUTPUT_VAT_PAYABLE = "output_vat_payable"
    LOAN_LOSS_ALLOWANCE = "loan_loss_allowance"
    IMPAIRMENT_LOSS = "impairment_loss"
    WRITE_OFF_RECOVERY = "write_off_recovery"
    FUNDING_SHARE_PAYABLE = "funding_share_payable"


class AccountClass(StrEnum):
    """Where the account stands in the balance sheet."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    CONTRA_ASSET = "contra_asset"


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One line of the documented chart of accounts."""

    code: AccountCode
    account_class: AccountClass
    name_zh: str
    name_en: str
    may_overdraw: bool
    is_reserved: bool = False  # has its place, and nothing books it yet


CHART: tuple[ChartRow, ...] = (
    ChartRow(AccountCode.LOAN_PRINCIPAL, AccountClass.ASSET, "贷款本金", "Loan principal", may_overdraw=False),
    ChartRow(AccountCode.INTEREST_RECEIVABLE, AccountClass.ASSET, "应收利息", "Interest receivable", may_overdraw=False),
    ChartRow(AccountCode.PENALTY_RECEIVABLE, AccountClass.ASSET, "应收罚息", "Penalty interest receivable", may_overdraw=False),
    ChartRow(AccountCode.DISBURSEMENT_CLEARING, AccountClass.ASSET, "放款户清算", "Disbursement clearing", may_overdraw=True),
    ChartRow(AccountCode.COLLECTION_CLEARING, AccountClass.ASSET, "收款户清算", "Collection clearing", may_overdraw=True),
    ChartRow(AccountCode.INTEREST_INCOME, AccountClass.INCOME, "利息收入", "Interest income", may_overdraw=True),
    ChartRow(AccountCode.PENALTY_INCOME, AccountClass.INCOME, "罚息收入", "Penalty income", may_overdraw=True),
    ChartRow(AccountCode.SUSPENDED_INTEREST, AccountClass.LIABILITY, "待收未计收入利息", "Suspended interest",
             may_overdraw=False),
    ChartRow(AccountCode.CUSTOMER_PAYABLE, AccountClass.LIABILITY, "应付客户款", "Payable to customer", may_overdraw=False),
    ChartRow(AccountCode.SUSPENSE, AccountClass.LIABILITY, "暂收款", "Suspense", may_overdraw=False),
    ChartRow(AccountCode.OUTPUT_VAT_PAYABLE, AccountClass.LIABILITY, "应交增值税（销项）", "Output VAT payable",
             may_overdraw=True),
    ChartRow(AccountCode.LOAN_LOSS_ALLOWANCE, AccountClass.CONTRA_ASSET, "贷款损失准备", "Loan loss allowance",
             may_overdraw=False, is_reserved=True),
    ChartRow(AccountCode.IMPAIRMENT_LOSS, AccountClass.EXPENSE, "信用减值损失", "Impairment loss", may_overdraw=True,
             is_reserved=True),
    ChartRow(AccountCode.WRITE_OFF_RECOVERY, AccountClass.INCOME, "已核销贷款收回", "Recovery of written-off loans",
             may_overdraw=True, is_reserved=True),
    ChartRow(AccountCode.FUNDING_SHARE_PAYABLE, AccountClass.LIABILITY, "应付资金方份额", "Funding partner's share",
             may_overdraw=False, is_reserved=True),
)
CHART_BY_CODE = {row.code: row for row in CHART}


@dataclass(frozen=True, slots=True)
class AccountRef:
    """Names an account of a customer: its code and, for per-loan accounts, the loan."""

    code: AccountCode
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """One balanced movement: `amount_fen` > 0 from the credit account to the debit account."""

    debit: AccountRef
    credit: AccountRef
    amount_fen: int
    kind: str

    def __post_init__(self) -> None:
        assert self.amount_fen > 0, "a transfer moves a positive amount"
        assert self.debit != self.credit, "a transfer needs two accounts"


@dataclass(frozen=True, slots=True)
class BulkTransfer:
    """A transfer for set-based posting: it also says whose, in which journal and book, and why."""

    customer_id: UUID
    journal_id: UUID
    transfer: Transfer
    cause_type: str
    cause_id: UUID
    book_id: int


def is_debit_normal(code: AccountCode) -> bool:
    """Return whether debits raise the account (assets, expenses) or credits do (liabilities, income, contra assets)."""
    return CHART_BY_CODE[code].account_class in (AccountClass.ASSET, AccountClass.EXPENSE)


def only_raises(transfer: Transfer) -> bool:
    """Return whether no leg can overdraw its account: it grows on its normal side, or may go below zero."""
    debit, credit = CHART_BY_CODE[transfer.debit.code], CHART_BY_CODE[transfer.credit.code]
    return (debit.may_overdraw or is_debit_normal(debit.code)) and (credit.may_overdraw or not is_debit_normal(credit.code))


def reversed_transfer(transfer: Transfer) -> Transfer:
    """Return the transfer that undoes this one."""
    return Transfer(transfer.credit, transfer.debit, transfer.amount_fen, f"{transfer.kind}.reversal")
