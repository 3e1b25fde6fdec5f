"""What lending does, one file per kind of act. Lock order: drawdown being signed, credit line, loan, ledger account."""

from weidai.lending.services.activation import (
    activation_card_confirm,
    activation_complete,
    activation_password_set,
    activation_start,
)
from weidai.lending.services.confirmation import ConfirmedDrawdown, drawdown_confirm
from weidai.lending.services.drawdowns import (
    DrawdownQuote,
    agreement_open,
    agreement_sign,
    cost_sheet_confirm,
    cost_sheet_open,
    drawdown_cancel,
    drawdown_code_send,
    drawdown_quote,
    drawdown_start,
)
from weidai.lending.services.loans import LoanChange, loan_lock, loan_save, loans_lock
from weidai.lending.services.payouts import discrepancy_resolve, payout_post, payout_void
from weidai.lending.services.reinstatement import payout_reinstate

__all__ = [
    "ConfirmedDrawdown", "DrawdownQuote", "LoanChange", "activation_card_confirm", "activation_complete",
    "activation_password_set", "activation_start", "agreement_open", "agreement_sign", "cost_sheet_confirm",
    "cost_sheet_open", "discrepancy_resolve", "drawdown_cancel", "drawdown_code_send", "drawdown_confirm",
    "drawdown_quote", "drawdown_start", "loan_lock", "loan_save", "loans_lock", "payout_post", "payout_reinstate",
    "payout_void",
]
